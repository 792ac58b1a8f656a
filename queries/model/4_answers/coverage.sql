-- question: Which kind of log do we have of which computer and night, and what is missing?
-- grain: one host, one night, one kind of log
-- key: host, night, log_kind
-- reads: event_hits, job_base, log_nights, nights, site, sources
-- column: host VARCHAR | Computer.
-- column: night DATE | Local date on which the backup window opens.
-- column: log_kind VARCHAR | Kind of log, with its service or channel: errlog:*, job_records, events:*.
-- column: records BIGINT | Records of that night.
-- column: first_at TIMESTAMP WITH TIME ZONE | Earliest of them.
-- column: last_at TIMESTAMP WITH TIME ZONE | Latest of them.
-- column: jobs BIGINT | Jobs of that host that started on that night.
-- column: status VARCHAR | What we have of it: present, partial, missing, silent, quiet, unknown.
-- column: gaps BIGINT | Record ids that are missing between the first and the last event; NULL for other logs.
-- column: note VARCHAR | What is wrong with it: ids_missing, begins_late.
-- A log is expected of a computer once it was seen there, and wherever jobs ran: the agent's errlog of a host (and of
-- the DPM server for jobs to the cloud), the job records of a DPM server. Where a log tells of a job that no record
-- knows, the records of a DPM server are missing that nothing names: host NULL. It is missing where jobs ran that
-- night and no record of the kind lies in it, unknown where no log or record of any computer reaches the night. An
-- event log without a record is quiet between its first and its last one. Outside of them it is silent (nothing
-- happened, or it does not reach that far), and missing only where no event log of that computer reaches that night.
-- Record ids that were left out on request (ingest --events relevant) are no gaps. Where no job is known the nights
-- are those on which events show a snapshot of a host.
WITH covered AS (
    SELECT night, closes_at, coalesce(has_evidence, true) AS has_evidence FROM nights
    UNION
    SELECT night_of(s.time_zone, s.night_shift_s, moment_of(h.us)), CAST(NULL AS TIMESTAMPTZ), true
    FROM event_hits AS h
    CROSS JOIN site AS s
    WHERE h.gives = 't2' AND h.computer_role <> 'guest' AND NOT EXISTS (SELECT 1 FROM nights)
),
workers AS (
    SELECT
        job_id, CASE WHEN kind = 'online' THEN coalesce(dpm_server, host) ELSE host END AS computer,
        CASE WHEN kind = 'online' THEN 'errlog:CBENGINE' WHEN level = 'host' THEN 'errlog:DPMRA' END AS log_kind,
        night, started_at, ended_at
    FROM job_base
    WHERE host IS NOT NULL
    UNION
    SELECT job_id, dpm_server, 'job_records', night, started_at, ended_at
    FROM job_base
    WHERE dpm_server IS NOT NULL OR evidence = 'log' AND level = 'host' AND kind <> 'consistency_check'
),
busy AS (
    -- of the errlog of the online agent the jobs that it tells of, of any other log (NULL) all of the computer
    SELECT
        coalesce(host_key_of(computer), '') AS host_key, night, log_kind, count(DISTINCT job_id) AS jobs,
        min(started_at) AS first_start, min(ended_at) AS first_end
    FROM (
        SELECT * FROM workers WHERE log_kind = 'errlog:CBENGINE'
        UNION ALL
        SELECT * REPLACE (CAST(NULL AS VARCHAR) AS log_kind) FROM workers
    )
    WHERE night IS NOT NULL
    GROUP BY coalesce(host_key_of(computer), ''), night, log_kind
),
logs AS (
    SELECT
        host, host_key_of(host) AS host_key, log_kind, starts_with(log_kind, 'events:') AS is_event_log,
        min(first_at) AS first_at, min(first_record_id) AS first_record_id,
        min(night) AS first_night, max(night) AS last_night
    FROM log_nights
    GROUP BY host, log_kind
    UNION ALL
    -- what jobs show that should be there; an errlog whose service nothing names may be that of the agent
    SELECT
        min(computer_of(w.computer)), coalesce(host_key_of(w.computer), ''), w.log_kind, false, NULL, NULL, NULL,
        NULL
    FROM (SELECT DISTINCT computer, log_kind, night FROM workers WHERE log_kind IS NOT NULL) AS w
    JOIN covered AS d ON d.night = w.night
    LEFT JOIN (SELECT DISTINCT host_key_of(host) AS host_key, log_kind FROM log_nights) AS n
        ON n.host_key = host_key_of(w.computer)
            AND (n.log_kind = w.log_kind OR n.log_kind = 'errlog:other' AND w.log_kind <> 'job_records')
    WHERE n.log_kind IS NULL
    GROUP BY coalesce(host_key_of(w.computer), ''), w.log_kind
),
thinned AS (
    SELECT DISTINCT host_key FROM sources WHERE kind <> 'errlog' AND records_filtered > 0
),
grid AS (
    SELECT
        l.host, n.night, l.log_kind, l.is_event_log, n.has_evidence,
        coalesce(c.records, 0) AS records,
        c.first_at, c.last_at,
        coalesce(b.jobs, 0) AS jobs,
        CASE WHEN t.host_key IS NULL THEN c.gaps END AS gaps,
        coalesce(n.night BETWEEN l.first_night AND l.last_night, false) AS is_within,
        bool_or(l.is_event_log AND c.records > 0) OVER (PARTITION BY l.host, n.night) AS has_events,
        -- begun a minute or more after the night's first job: it wrapped, or was begun then
        l.first_at > b.first_start + INTERVAL 60 SECOND AND l.first_at < n.closes_at
            AND coalesce(l.first_record_id, 2) > 1 AND l.log_kind <> 'job_records' AS begins_late,
        starts_with(l.log_kind, 'errlog:') AND c.first_at > b.first_end AS lacks_a_job,
        EXISTS (SELECT 1 FROM nights) AS has_jobs
    FROM logs AS l
    CROSS JOIN covered AS n
    LEFT JOIN log_nights AS c ON c.host = l.host AND c.night = n.night AND c.log_kind = l.log_kind
    LEFT JOIN busy AS b
        ON b.host_key = l.host_key AND b.night = n.night
            AND b.log_kind IS NOT DISTINCT FROM CASE WHEN l.log_kind = 'errlog:CBENGINE' THEN l.log_kind END
    LEFT JOIN thinned AS t ON t.host_key = l.host_key
)
SELECT
    host, night, log_kind, records, first_at, last_at, jobs,
    CASE
        WHEN records > 0 THEN CASE WHEN gaps > 0 OR (begins_late AND lacks_a_job) THEN 'partial' ELSE 'present' END
        WHEN NOT has_evidence THEN 'unknown'
        WHEN is_event_log AND is_within OR jobs = 0 AND has_jobs THEN 'quiet'
        WHEN is_event_log AND has_events THEN 'silent'
        WHEN has_jobs THEN 'missing'
        ELSE 'quiet'
    END AS status,
    gaps,
    CASE WHEN gaps > 0 THEN 'ids_missing' WHEN begins_late THEN 'begins_late' END AS note
FROM grid
