-- question: Which kind of log do we have of which computer and night, and what is missing?
-- grain: one host, one night, one kind of log
-- key: host, night, log_kind
-- reads: host_snapshots, job_base, job_nights, log_nights, nights, sources
-- column: host VARCHAR | Computer.
-- column: night DATE | Local date on which the backup window opens.
-- column: log_kind VARCHAR | Kind of log, with its service or channel: errlog:*, job_records, events:*.
-- column: records BIGINT | Records of that night.
-- column: first_at TIMESTAMP WITH TIME ZONE | Earliest of them.
-- column: last_at TIMESTAMP WITH TIME ZONE | Latest of them.
-- column: jobs BIGINT | Jobs of that host that started on that night.
-- column: status VARCHAR | What we have of it: present, partial, missing, silent, quiet.
-- column: gaps BIGINT | Record ids that are missing between the first and the last event; NULL for other logs.
-- column: note VARCHAR | What is wrong with it: ids_missing, begins_late.
-- A kind of log is expected of a computer once it was seen there; missing where jobs ran that night and no record of
-- the kind lies in it. An event log without a record is quiet between its first and its last one. Outside of them it is
-- silent (nothing happened, or it does not reach that far), and missing only where no event log of that computer
-- reaches that night. Record ids that were left out on request (ingest --events relevant) are no gaps. Where no job is
-- known the nights are those on which events show a snapshot of a host.
WITH covered AS (
    SELECT night, closes_at FROM nights
    UNION
    SELECT night, CAST(NULL AS TIMESTAMPTZ) FROM host_snapshots WHERE NOT EXISTS (SELECT 1 FROM nights)
),
job_computers AS (
    SELECT job_id, host_key_of(host) AS host_key, started_at, ended_at FROM job_base WHERE host IS NOT NULL
    UNION
    SELECT job_id, host_key_of(dpm_server), started_at, ended_at FROM job_base WHERE dpm_server IS NOT NULL
),
busy AS (
    SELECT c.host_key, n.night, count(*) AS jobs, min(c.started_at) AS first_start, min(c.ended_at) AS first_end
    FROM job_computers AS c
    JOIN job_nights AS n ON n.job_id = c.job_id
    GROUP BY c.host_key, n.night
),
logs AS (
    SELECT
        host, log_kind, starts_with(log_kind, 'events:') AS is_event_log,
        min(first_at) AS first_at, min(first_record_id) AS first_record_id,
        min(night) AS first_night, max(night) AS last_night
    FROM log_nights
    GROUP BY host, log_kind
),
thinned AS (
    SELECT DISTINCT host_key FROM sources WHERE kind <> 'errlog' AND records_filtered > 0
),
grid AS (
    SELECT
        l.host, n.night, l.log_kind, l.is_event_log,
        coalesce(c.records, 0) AS records,
        c.first_at, c.last_at,
        coalesce(b.jobs, 0) AS jobs,
        CASE WHEN t.host_key IS NULL THEN c.gaps END AS gaps,
        n.night BETWEEN l.first_night AND l.last_night AS is_within,
        bool_or(l.is_event_log AND c.records > 0) OVER (PARTITION BY l.host, n.night) AS has_events,
        -- begun a minute or more after the night's first job: it wrapped, or was begun then
        l.first_at > b.first_start + INTERVAL 60 SECOND AND l.first_at < n.closes_at
            AND coalesce(l.first_record_id, 2) > 1 AND l.log_kind <> 'job_records' AS begins_late,
        starts_with(l.log_kind, 'errlog:') AND c.first_at > b.first_end AS lacks_a_job,
        EXISTS (SELECT 1 FROM nights) AS has_jobs
    FROM logs AS l
    CROSS JOIN covered AS n
    LEFT JOIN log_nights AS c ON c.host = l.host AND c.night = n.night AND c.log_kind = l.log_kind
    LEFT JOIN busy AS b ON b.host_key = host_key_of(l.host) AND b.night = n.night
    LEFT JOIN thinned AS t ON t.host_key = host_key_of(l.host)
)
SELECT
    host,
    night,
    log_kind,
    records,
    first_at,
    last_at,
    jobs,
    CASE
        WHEN records > 0 THEN CASE WHEN gaps > 0 OR (begins_late AND lacks_a_job) THEN 'partial' ELSE 'present' END
        WHEN is_event_log AND is_within OR jobs = 0 AND has_jobs THEN 'quiet'
        WHEN is_event_log AND has_events THEN 'silent'
        WHEN has_jobs THEN 'missing'
        ELSE 'quiet'
    END AS status,
    gaps,
    CASE WHEN gaps > 0 THEN 'ids_missing' WHEN begins_late THEN 'begins_late' END AS note
FROM grid
