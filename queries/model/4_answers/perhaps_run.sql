-- question: On which night may a backup of which VM have run although no log or record names it?
-- grain: one VM and one night on which a backup of it may have run that nothing shows
-- key: vm, night
-- reads: job_base, machine_aliases
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | Local date on which the backup window opens.
-- On a night on which its host ran jobs whose VM no log names; where a job of its own ran of which no log and no job
-- record of that night tells what it was; where it is backed up from inside, of which only records tell, others ran,
-- and the records of that night are lost; and where a computer was backed up from inside whose name it and others bear.
WITH unnamed AS (
    SELECT DISTINCT host_key_of(host) AS host_key, night
    FROM job_base
    WHERE vm IS NULL AND level = 'host' AND (owes_sla OR kind = 'other') AND host IS NOT NULL
),
on_hosts AS (
    SELECT DISTINCT vm, host_key_of(host) AS host_key FROM job_base WHERE vm IS NOT NULL AND host IS NOT NULL
),
recorded AS (
    SELECT DISTINCT night, host_key_of(dpm_server) AS dpm_server_key
    FROM job_base
    WHERE record_started_at IS NOT NULL
),
unrecorded AS (
    SELECT j.vm, j.night, j.kind, j.level, j.evidence, host_key_of(j.dpm_server) AS dpm_server_key
    FROM job_base AS j
    LEFT JOIN recorded AS r
        ON r.night = j.night AND r.dpm_server_key = coalesce(host_key_of(j.dpm_server), r.dpm_server_key)
    WHERE r.night IS NULL
)
SELECT h.vm, u.night FROM unnamed AS u JOIN on_hosts AS h ON h.host_key = u.host_key
UNION
SELECT vm, night FROM unrecorded WHERE vm IS NOT NULL AND kind = 'other' AND level = 'host'
UNION
SELECT g.vm, u.night
FROM (SELECT DISTINCT dpm_server_key, night FROM unrecorded WHERE evidence = 'log' AND kind <> 'other') AS u
JOIN (SELECT DISTINCT vm, host_key_of(dpm_server) AS dpm_server_key FROM job_base WHERE level = 'guest') AS g
    ON g.dpm_server_key = u.dpm_server_key
UNION
SELECT a.vm, j.night
FROM job_base AS j
JOIN machine_aliases AS a ON a.name_key = host_key_of(j.host)
WHERE j.vm IS NULL AND j.level IS NULL AND j.owes_sla
