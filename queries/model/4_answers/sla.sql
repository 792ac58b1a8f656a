-- question: Which VM had a recovery point before the window closed, on which night, and if not, why?
-- grain: one VM, one night, one rule
-- key: vm, night, rule
-- reads: excluded_vms, job_base, job_nights, job_records, night_results, nights, vms
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | Local date on which the backup window opens.
-- column: rule VARCHAR | What is asked for: backup_window.
-- column: expected BOOLEAN | Whether a backup was due; NULL for a night of which there is no evidence.
-- column: met BOOLEAN | Whether the rule was met, NULL where it cannot be known.
-- column: deadline TIMESTAMP WITH TIME ZONE | When the window closes.
-- column: finished_at TIMESTAMP WITH TIME ZONE | When the good backup of the night ended.
-- column: overrun_s DOUBLE | Seconds past the deadline, 0 when in time; NULL without a finished job.
-- column: reason VARCHAR | Why it is met or not.
-- column: job_id VARCHAR | The job that decided.
-- Expected is every night from a VM's first job on; a VM that runs on fewer than half of them is expected only where it
-- ran. A VM of the inventory without any job was never backed up. Running and unknown jobs are neither met nor missed
-- (met is NULL) until the window has closed on a running one. A VM without a job is not called missed on a night on
-- which its host ran jobs whose VM no log names. A night without any job or log is no evidence: whether a backup was
-- due on it is not known (expected is NULL), and it does not count.
WITH ran AS (
    SELECT vm, min(night) AS first_night, count(*) AS nights_run FROM night_results GROUP BY vm
),
members AS (
    SELECT vm, first_night, nights_run, false AS is_never_run FROM ran
    UNION ALL
    SELECT DISTINCT v.vm, CAST(NULL AS DATE), 0, true
    FROM vms AS v
    LEFT JOIN ran AS r ON lower(r.vm) = lower(v.vm)
    WHERE v.vm IS NOT NULL AND NOT coalesce(v.pass_through, false)
        AND r.vm IS NULL AND EXISTS (SELECT 1 FROM job_records)
),
slots AS (
    SELECT
        m.vm, n.night, n.opens_at, n.closes_at, n.has_evidence, n.seen_until, m.is_never_run,
        m.nights_run * 2 >= sum(CASE WHEN n.has_evidence THEN 1 ELSE 0 END) OVER (PARTITION BY m.vm) AS runs_often
    FROM members AS m
    JOIN nights AS n ON m.first_night IS NULL OR n.night >= m.first_night
    LEFT JOIN excluded_vms AS x ON x.vm = m.vm
    WHERE x.vm IS NULL
),
unnamed AS (
    SELECT DISTINCT host_key_of(j.host) AS host_key, n.night
    FROM job_base AS j
    JOIN job_nights AS n ON n.job_id = j.job_id
    WHERE j.vm IS NULL AND j.level = 'host' AND j.owes_sla
),
perhaps_run AS (
    SELECT DISTINCT j.vm, u.night
    FROM unnamed AS u
    JOIN job_base AS j ON host_key_of(j.host) = u.host_key AND j.vm IS NOT NULL
),
reasoned AS (
    SELECT
        s.*, r.finished_at, r.job_id,
        CASE
            WHEN NOT s.has_evidence THEN 'no_evidence'
            WHEN r.finished_at <= s.closes_at THEN 'met'
            WHEN r.finished_at IS NOT NULL THEN 'late'
            WHEN r.is_running AND s.seen_until > s.closes_at THEN 'running_late'
            WHEN r.is_running THEN 'running'
            WHEN r.is_unknown THEN 'unknown'
            WHEN r.attempts > 0 THEN 'failed'
            WHEN s.is_never_run THEN 'never_run'
            WHEN s.seen_until < s.closes_at OR p.night IS NOT NULL THEN 'unknown'
            ELSE 'missed'
        END AS reason
    FROM slots AS s
    LEFT JOIN night_results AS r ON r.vm = s.vm AND r.night = s.night
    LEFT JOIN perhaps_run AS p ON p.vm = s.vm AND p.night = s.night
)
SELECT
    vm,
    night,
    'backup_window' AS rule,
    CASE
        WHEN reason = 'no_evidence' THEN NULL
        ELSE reason NOT IN ('missed', 'unknown') OR job_id IS NOT NULL OR runs_often
    END AS expected,
    CASE
        WHEN reason = 'met' THEN true
        WHEN reason IN ('no_evidence', 'running', 'unknown') THEN NULL
        WHEN reason = 'missed' AND NOT runs_often THEN NULL
        ELSE false
    END AS met,
    closes_at AS deadline,
    finished_at,
    CASE WHEN finished_at IS NULL THEN NULL ELSE greatest(us_of(finished_at) - us_of(closes_at), 0) / 1000000.0 END
        AS overrun_s,
    reason,
    job_id
FROM reasoned
