-- question: Which backup took longer than its rule allows?
-- grain: one VM and one night that the rule judges
-- key: vm, night
-- reads: due_nights, job_base, night_results, sla_rules
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
WITH timed AS (
    SELECT
        r.vm, r.night, r.rule, r.threshold_s, d.expected, d.has_evidence, d.seen_until, r.opens_at,
        j.job_id, j.outcome, j.is_good, j.duration_s, j.started_at, j.ended_at,
        j.started_at + r.threshold_s * INTERVAL 1 SECOND AS deadline
    FROM sla_rules AS r
    JOIN due_nights AS d ON d.vm = r.vm AND d.night = r.night
    JOIN night_results AS o ON o.vm = r.vm AND o.night = r.night
    JOIN job_base AS j ON j.job_id = o.job_id
    WHERE r.rule = 'max_duration'
),
reasoned AS (
    SELECT
        *,
        CASE
            WHEN NOT has_evidence AND expected IS NULL THEN 'no_evidence'
            WHEN expected IS NULL THEN 'not_established'
            WHEN NOT expected THEN 'not_due'
            WHEN is_good AND duration_s <= threshold_s THEN 'met'
            WHEN is_good AND duration_s > threshold_s THEN 'late'
            WHEN outcome = 'running' AND seen_until > deadline THEN 'running_late'
            WHEN outcome = 'running' THEN 'running'
            WHEN outcome IN ('failed', 'cancelled') THEN 'failed'
            ELSE 'unknown'
        END AS reason
    FROM timed
)
SELECT
    vm,
    night,
    rule,
    expected,
    CASE WHEN reason = 'met' THEN true WHEN reason IN ('late', 'running_late') THEN false END AS met,
    deadline,
    CASE WHEN is_good THEN ended_at END AS finished_at,
    CASE WHEN is_good THEN greatest(duration_s - threshold_s, 0) END AS overrun_s,
    reason,
    job_id,
    started_at AS opens_at
FROM reasoned
