-- question: Of which computer do we lack the log, the job records or the inventory, and on how many nights?
-- grain: one check of the logs and one computer that it is about
-- key: check, name
-- reads: coverage, job_base, machine_evidence, nights, sources, vms, weekend_days
-- column: check VARCHAR | What is checked.
-- column: name VARCHAR | Computer, without its domain, NULL for a DPM server that nothing names.
-- column: total BIGINT | Nights with jobs, 1 for an inventory, jobs of the unnamed DPM server.
-- column: found BIGINT | Of these, without the log, the inventory, the record.
-- A host lacks the log of its agent on nights on which jobs ran there and coverage has none, or only what came after
-- the end of a job. A night of a DPM server lacks its records where jobs ran on it, or where nothing at all is left
-- of the server and its hosts, though it has records of other working days (or days of the weekend).
WITH agents AS (
    SELECT
        host, count(*) AS nights, count(CASE WHEN status IN ('missing', 'partial') THEN 1 END) AS bare_nights
    FROM coverage
    WHERE log_kind IN ('errlog:DPMRA', 'errlog:CBENGINE') AND jobs > 0
    GROUP BY host
),
server_evidence AS (
    SELECT DISTINCT host_key_of(j.dpm_server) AS server_key, e.night
    FROM job_base AS j
    JOIN machine_evidence AS e ON e.vm = j.vm
),
server_nights AS (
    SELECT
        c.host, c.jobs, c.status, c.records,
        e.night IS NULL AND n.night <= max(CASE WHEN n.has_evidence THEN n.night END) OVER ()
            AND max(c.records) OVER (PARTITION BY c.host, w.weekday IS NULL) > 0
            AND c.night > min(CASE WHEN c.records > 0 THEN c.night END) OVER (PARTITION BY c.host) AS is_dark
    FROM coverage AS c
    JOIN nights AS n ON n.night = c.night
    LEFT JOIN weekend_days AS w ON w.weekday = weekday_of(c.night)
    LEFT JOIN server_evidence AS e ON e.server_key = host_key_of(c.host) AND e.night = c.night
    WHERE c.log_kind = 'job_records'
),
servers AS (
    SELECT
        host,
        CASE WHEN host IS NULL THEN sum(jobs)
            ELSE count(CASE WHEN jobs > 0 OR records > 0 OR is_dark THEN 1 END) END AS total,
        CASE WHEN host IS NULL THEN sum(CASE WHEN status = 'missing' THEN jobs ELSE 0 END)
            ELSE count(CASE WHEN status = 'missing' OR is_dark THEN 1 END) END AS found
    FROM server_nights
    GROUP BY host
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
SELECT 'host_logs' AS "check", host AS name, nights AS total, bare_nights AS found FROM agents
UNION ALL
SELECT 'job_records', host, CAST(total AS BIGINT), CAST(found AS BIGINT) FROM servers
UNION ALL
SELECT 'inventory', h.host, 1, CASE WHEN l.host_key IS NULL THEN 1 ELSE 0 END
FROM hosts AS h
LEFT JOIN listed AS l ON l.host_key = h.host_key
