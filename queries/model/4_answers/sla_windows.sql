-- question: Which VM had a recovery point before its window closed?
-- grain: one VM and one night that the rule judges
-- key: vm, night
-- reads: due_nights, job_base, never_run, night_results, sla_rules
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | Local date on which the backup window opens.
-- column: rule VARCHAR | The rule: backup_window, max_duration, rpo_disk, rpo_cloud, dpm_sla.
-- column: expected BOOLEAN | Whether a backup was due, NULL where that is not known.
-- column: met BOOLEAN | Whether it was kept, NULL where that is not known.
-- column: deadline TIMESTAMP WITH TIME ZONE | When it had to be kept by.
-- column: finished_at TIMESTAMP WITH TIME ZONE | When it was kept, or when that was missed: end of the backup, or
--   newest snapshot.
-- column: overrun_s DOUBLE | By how much it was missed, 0 where it was kept; NULL where nothing was finished.
-- column: reason VARCHAR | Why.
-- column: job_id VARCHAR | The job that decided.
-- column: opens_at TIMESTAMP WITH TIME ZONE | When the time that is judged began: the window, or the job.
-- A VM without a job is not called missed on a night on which its host ran jobs whose VM no log names, nor where a job
-- of its own ran of which no log and no job record of that night tells what it was; nor is one that is backed up from
-- inside, of which only records tell, where others ran and the records of that night are lost.
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
),
perhaps_run AS (
    SELECT h.vm, u.night FROM unnamed AS u JOIN on_hosts AS h ON h.host_key = u.host_key
    UNION
    SELECT vm, night FROM unrecorded WHERE vm IS NOT NULL AND kind = 'other' AND level = 'host'
    UNION
    SELECT g.vm, u.night
    FROM (SELECT DISTINCT dpm_server_key, night FROM unrecorded WHERE evidence = 'log' AND kind <> 'other') AS u
    JOIN (SELECT DISTINCT vm, host_key_of(dpm_server) AS dpm_server_key FROM job_base WHERE level = 'guest') AS g
        ON g.dpm_server_key = u.dpm_server_key
),
due AS (
    SELECT vm, night, has_evidence, seen_until, expected, learned_from FROM due_nights
    UNION ALL
    SELECT vm, night, true, seen_until, true, 'inventory' FROM never_run
),
reasoned AS (
    SELECT
        r.*, d.expected, o.finished_at, o.job_id,
        CASE
            WHEN NOT d.has_evidence AND d.expected IS NULL THEN 'no_evidence'
            WHEN d.expected IS NULL THEN 'not_established'
            WHEN NOT d.expected THEN 'not_due'
            WHEN o.finished_at <= r.closes_at THEN 'met'
            WHEN o.finished_at IS NOT NULL THEN 'late'
            WHEN o.is_running AND d.seen_until > r.closes_at THEN 'running_late'
            WHEN o.is_running THEN 'running'
            WHEN o.is_unknown THEN 'unknown'
            WHEN o.attempts > 0 THEN 'failed'
            WHEN d.learned_from = 'inventory' THEN 'never_run'
            WHEN d.seen_until < r.closes_at OR p.night IS NOT NULL THEN 'unknown'
            ELSE 'missed'
        END AS reason
    FROM due AS d
    JOIN sla_rules AS r ON r.vm = d.vm AND r.night = d.night AND r.rule = 'backup_window'
    LEFT JOIN night_results AS o ON o.vm = r.vm AND o.night = r.night
    LEFT JOIN perhaps_run AS p ON p.vm = r.vm AND p.night = r.night
)
SELECT
    vm,
    night,
    rule,
    expected,
    CASE
        WHEN reason = 'met' THEN true
        WHEN reason IN ('late', 'running_late', 'failed', 'never_run', 'missed') THEN false
    END AS met,
    closes_at AS deadline,
    finished_at,
    greatest(us_of(finished_at) - us_of(closes_at), 0) / 1000000.0 AS overrun_s,
    reason,
    job_id,
    opens_at
FROM reasoned
