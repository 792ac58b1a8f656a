-- question: Of which computer and night do we lack the log, the job records or the inventory?
-- grain: one log, record or list that should be there, of one computer and night
-- key: detail, name, night
-- reads: coverage, job_base, machine_evidence, nights, sources, vms, weekend_days
-- column: detail VARCHAR | What is wrong, if found is above 0 or NULL.
-- column: name VARCHAR | Computer, VM, file or zone that it is about, NULL for none.
-- column: night DATE | Night that it is about, NULL for all.
-- column: found DOUBLE | How many are wrong; NULL where nothing is counted.
-- column: total DOUBLE | Of how many.
-- A host lacks the log of its agent on nights on which jobs ran there and coverage has none, or only what came after
-- the end of a job. A night of a DPM server lacks its records where jobs ran on it, or where nothing at all is left
-- of the server and its hosts, though it has records of other working days (or days of the weekend). Where there is
-- neither a record nor a log of a DPM server, only hosts tell of jobs.
WITH server_evidence AS (
    SELECT DISTINCT j.server_key, e.night
    FROM (SELECT DISTINCT host_key_of(dpm_server) AS server_key, vm FROM job_base) AS j
    JOIN machine_evidence AS e ON e.vm = j.vm
),
server_nights AS (
    SELECT
        c.host, c.night, c.jobs, c.status, c.records,
        e.night IS NULL AND n.night <= max(CASE WHEN n.has_evidence THEN n.night END) OVER ()
            AND max(c.records) OVER (PARTITION BY c.host, w.weekday IS NULL) > 0
            AND c.night > min(CASE WHEN c.records > 0 THEN c.night END) OVER (PARTITION BY c.host) AS is_dark
    FROM coverage AS c
    JOIN nights AS n ON n.night = c.night
    LEFT JOIN weekend_days AS w ON w.weekday = weekday_of(c.night)
    LEFT JOIN server_evidence AS e ON e.server_key = host_key_of(c.host) AND e.night = c.night
    WHERE c.log_kind = 'job_records'
),
logged AS (
    SELECT night, count(*) AS jobs FROM job_base WHERE level = 'host' AND evidence <> 'record' GROUP BY night
),
hosts AS (
    SELECT host_key_of(host) AS host_key, min(computer_of(host)) AS host
    FROM job_base
    WHERE level = 'host' AND kind <> 'online' AND host IS NOT NULL
    GROUP BY host_key_of(host)
),
listed AS (
    SELECT host_key FROM vms WHERE host_key IS NOT NULL
    UNION
    SELECT host_key FROM sources WHERE kind = 'inventory' AND host_key IS NOT NULL
)
SELECT
    'logs_missing' AS detail, host AS name, night,
    CAST(count(CASE WHEN status IN ('missing', 'partial') THEN 1 END) AS DOUBLE) AS found,
    CAST(count(*) AS DOUBLE) AS total
FROM coverage
WHERE log_kind IN ('errlog:DPMRA', 'errlog:CBENGINE') AND jobs > 0
GROUP BY host, night
UNION ALL
SELECT 'nights_without_records', host, night, CASE WHEN status = 'missing' OR is_dark THEN 1 ELSE 0 END, 1
FROM server_nights
WHERE host IS NOT NULL AND (jobs > 0 OR records > 0 OR is_dark)
UNION ALL
SELECT
    CASE WHEN EXISTS (SELECT 1 FROM job_base WHERE evidence <> 'log' OR dpm_server IS NOT NULL)
        THEN 'jobs_without_record' ELSE 'only_host_logs' END,
    NULL, s.night, CASE WHEN s.status = 'missing' THEN s.jobs ELSE 0 END, l.jobs
FROM server_nights AS s
JOIN logged AS l ON l.night = s.night
WHERE s.host IS NULL
UNION ALL
SELECT 'records_undated', computer_of(dpm_server), night, count(CASE WHEN created_at IS NULL THEN 1 END), count(*)
FROM job_base
WHERE owes_sla AND record_started_at IS NOT NULL
GROUP BY computer_of(dpm_server), night
UNION ALL
SELECT 'hosts_not_listed', h.host, NULL, CASE WHEN l.host_key IS NULL THEN 1 ELSE 0 END, 1
FROM hosts AS h
LEFT JOIN listed AS l ON l.host_key = h.host_key
