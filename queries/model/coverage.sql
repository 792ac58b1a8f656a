-- title: Coverage
-- question: Which kind of log do we have of which computer and night, and what is missing?
-- A kind of log is expected of a computer once it was seen there; missing where jobs ran that night and no record of the kind lies in it.
WITH logs AS (
    SELECT
        source_id,
        CASE
            WHEN format <> 'dpm-errlog' THEN 'job_records'
            WHEN nullif(regexp_extract(path, '(?i)(MSDPM|DPMRA|CBEngine|LAAgent|DPMLA|DPMUI|DPMAC|DPMAccessManager)[^/\\!]*$', 1), '') IS NULL
                THEN 'errlog:other'
            ELSE 'errlog:' || upper(regexp_extract(path, '(?i)(MSDPM|DPMRA|CBEngine|LAAgent|DPMLA|DPMUI|DPMAC|DPMAccessManager)[^/\\!]*$', 1))
        END AS log_kind,
        host
    FROM sources
),
found AS (
    SELECT t.host, l.log_kind, t."at"
    FROM trace AS t
    JOIN logs AS l ON l.source_id = t.source_id
    UNION ALL
    SELECT coalesce(split_part(r.dpm_server, '.', 1), l.host), 'job_records', coalesce(r.started_at, r.created_at)
    FROM job_records AS r
    JOIN logs AS l ON l.source_id = r.source_id
    UNION ALL
    SELECT host, 'events:' || coalesce(channel, 'unknown'), "at" FROM events
),
dated AS (
    SELECT
        f.host, f.log_kind, f."at",
        CAST(timezone(s.time_zone, f."at") - s.middle_s * INTERVAL 1 SECOND AS DATE)
            + CASE WHEN s.middle_s > s.window_start_s THEN 1 ELSE 0 END AS night
    FROM found AS f
    CROSS JOIN site AS s
    WHERE f."at" IS NOT NULL AND f.host IS NOT NULL
),
counted AS (
    SELECT host, night, log_kind, count(*) AS records, min("at") AS first_at, max("at") AS last_at
    FROM dated
    GROUP BY host, night, log_kind
),
busy AS (
    SELECT host, night, count(*) AS jobs
    FROM (
        SELECT lower(j.host) AS host, n.night FROM jobs AS j JOIN job_nights AS n ON n.job_id = j.job_id WHERE j.host IS NOT NULL
        UNION ALL
        SELECT lower(split_part(j.dpm_server, '.', 1)), n.night
        FROM jobs AS j
        JOIN job_nights AS n ON n.job_id = j.job_id
        WHERE j.dpm_server IS NOT NULL AND lower(split_part(j.dpm_server, '.', 1)) <> lower(coalesce(j.host, ''))
    ) AS both_ends
    GROUP BY host, night
),
grid AS (
    SELECT k.host, n.night, k.log_kind
    FROM (SELECT DISTINCT host, log_kind FROM counted) AS k
    CROSS JOIN nights AS n
)
SELECT
    g.host,
    g.night,
    g.log_kind,
    coalesce(c.records, 0) AS records,
    c.first_at,
    c.last_at,
    coalesce(b.jobs, 0) AS jobs,
    CASE WHEN c.records > 0 THEN 'present' WHEN b.jobs > 0 THEN 'missing' ELSE 'quiet' END AS status
FROM grid AS g
LEFT JOIN counted AS c ON c.host = g.host AND c.night = g.night AND c.log_kind = g.log_kind
LEFT JOIN busy AS b ON b.host = lower(g.host) AND b.night = g.night
