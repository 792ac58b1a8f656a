-- title: Coverage
-- question: Which kind of log do we have of which computer and night, and what is missing?
-- A kind of log is expected of a computer once it was seen there; missing where jobs ran that night and no record of the kind lies in it.
WITH busy AS (
    SELECT host, night, count(*) AS jobs, min(started_at) AS first_start
    FROM (
        SELECT lower(j.host) AS host, n.night, j.started_at FROM jobs AS j JOIN job_nights AS n ON n.job_id = j.job_id WHERE j.host IS NOT NULL
        UNION ALL
        SELECT lower(split_part(j.dpm_server, '.', 1)), n.night, j.started_at
        FROM jobs AS j
        JOIN job_nights AS n ON n.job_id = j.job_id
        WHERE j.dpm_server IS NOT NULL AND lower(split_part(j.dpm_server, '.', 1)) <> lower(coalesce(j.host, ''))
    ) AS both_ends
    GROUP BY host, night
),
grid AS (
    SELECT k.host, n.night, k.log_kind
    FROM (SELECT DISTINCT host, log_kind FROM log_nights) AS k
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
    CASE WHEN c.records > 0 THEN 'present' WHEN b.jobs > 0 THEN 'missing' ELSE 'quiet' END AS status,
    c.gaps,
    CASE
        WHEN c.gaps > 0 THEN c.gaps || ' record ids are missing'
        WHEN f.first_at > b.first_start + INTERVAL 60 SECOND AND f.first_at < n.closes_at AND coalesce(f.first_record_id, 2) > 1
            AND g.log_kind <> 'job_records' THEN 'the log begins after the first job of the night: it wrapped, or was begun then'
    END AS note
FROM grid AS g
JOIN nights AS n ON n.night = g.night
LEFT JOIN (SELECT host, log_kind, min(first_at) AS first_at, min(first_record_id) AS first_record_id
    FROM log_nights GROUP BY host, log_kind) AS f
    ON f.host = g.host AND f.log_kind = g.log_kind
LEFT JOIN log_nights AS c ON c.host = g.host AND c.night = g.night AND c.log_kind = g.log_kind
LEFT JOIN busy AS b ON b.host = lower(g.host) AND b.night = g.night
