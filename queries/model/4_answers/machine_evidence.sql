-- question: Is there a log or a record that would show the backup of a VM on a night?
-- grain: one VM and one night of which there is evidence, since its first backup
-- key: vm, night
-- reads: collections, job_base, log_nights
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | Local date on which the backup window opens.
-- column: first_night DATE | Night of its first backup.
-- column: seen_until TIMESTAMP WITH TIME ZONE | Latest time that a log or record of the VM's DPM server and hosts
--   speaks of.
-- Job records of the VM's DPM server, that server's own log, or a log of the VM's host would show its backup, if there
-- was one.
WITH homes AS (
    SELECT DISTINCT vm, host_key_of(dpm_server) AS computer_key
    FROM job_base
    WHERE vm IS NOT NULL AND dpm_server IS NOT NULL
    UNION
    SELECT DISTINCT vm, host_key_of(host) FROM job_base WHERE vm IS NOT NULL AND host IS NOT NULL
),
shown AS (
    SELECT DISTINCT host_key_of(host) AS computer_key, night
    FROM log_nights
    WHERE log_kind = 'job_records' OR starts_with(log_kind, 'errlog:')
),
reaches AS (
    SELECT computer_key, max(moment) AS seen_until
    FROM (
        SELECT host_key_of(host) AS computer_key, last_at AS moment FROM log_nights
        UNION ALL
        SELECT host_key_of(host), collected_at FROM collections
        UNION ALL
        SELECT host_key_of(coalesce(dpm_server, host)), greatest(started_at, ended_at) FROM job_base
    ) AS moments
    GROUP BY computer_key
),
ran AS (
    SELECT vm, min(night) AS first_night
    FROM job_base
    WHERE owes_sla AND level IS NOT NULL AND vm IS NOT NULL
    GROUP BY vm
),
spans AS (
    SELECT r.vm, r.first_night, max(e.seen_until) AS seen_until
    FROM ran AS r
    JOIN homes AS h ON h.vm = r.vm
    JOIN reaches AS e ON e.computer_key = h.computer_key
    GROUP BY r.vm, r.first_night
),
seen AS (
    SELECT h.vm, s.night FROM homes AS h JOIN shown AS s ON s.computer_key = h.computer_key
    UNION
    SELECT vm, night FROM job_base WHERE vm IS NOT NULL AND night IS NOT NULL
)
SELECT s.vm, s.night, p.first_night, p.seen_until
FROM seen AS s
JOIN spans AS p ON p.vm = s.vm
WHERE s.night >= p.first_night
