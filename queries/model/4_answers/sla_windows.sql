-- question: Which VM had a recovery point before its window closed?
-- grain: one VM and one night that the rule judges
-- key: vm, night
-- reads: due_nights, night_results, perhaps_run, sla_rules
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
-- column: opens_at TIMESTAMP WITH TIME ZONE | When the time that is judged began: the window, the period, or the job.
-- The good backup of the night that ended first decides. A VM without a job is not called missed on a night on which
-- one may have run (perhaps_run), nor before the window has closed.
WITH reasoned AS (
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
            WHEN p.night IS NOT NULL THEN 'unknown'
            WHEN d.learned_from = 'inventory' THEN 'never_run'
            WHEN d.seen_until < r.closes_at THEN 'unknown'
            ELSE 'missed'
        END AS reason
    FROM due_nights AS d
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
    -- greatest passes over a NULL
    CASE WHEN finished_at IS NOT NULL THEN greatest(us_of(finished_at) - us_of(closes_at), 0) / 1000000.0 END
        AS overrun_s,
    reason,
    job_id,
    opens_at
FROM reasoned
