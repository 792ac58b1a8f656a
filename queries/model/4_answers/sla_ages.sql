-- question: How old was the newest recovery point when the window closed?
-- grain: one VM, one night and one rule on the age of recovery points
-- key: vm, night, rule
-- reads: due_nights, job_base, job_clocks, job_marks, nights, perhaps_run, sightings, sla_rules
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
-- A recovery point is as old as its snapshot: when the events show it, else ProviderId, both by the clock of the host
-- and corrected by job_clocks, else the start of the job. Where what is not known of that clock decides, nothing is
-- known. A VM that has no recovery point yet is not judged, but for one that was never backed up at all.
WITH points AS (
    SELECT
        j.vm,
        CASE WHEN j.kind = 'online' THEN 'rpo_cloud' ELSE 'rpo_disk' END AS rule,
        j.job_id,
        j.ended_at,
        coalesce(s.t2_us, m.provider_us) - coalesce(c.shift_us, 0) AS shown_us,
        coalesce(shown_us, us_of(j.started_at)) AS taken_us,
        CASE WHEN shown_us IS NOT NULL THEN c.offset_high_us - c.shift_us ELSE 0 END AS earlier_us,
        CASE WHEN shown_us IS NOT NULL THEN c.shift_us - c.offset_low_us ELSE 0 END AS later_us
    FROM job_base AS j
    LEFT JOIN job_clocks AS c ON c.job_id = j.job_id
    LEFT JOIN sightings AS s ON s.job_id = j.job_id
    LEFT JOIN job_marks AS m ON m.job_id = j.marks_id
    WHERE j.vm IS NOT NULL AND j.is_good AND j.ended_at IS NOT NULL AND (j.owes_sla OR j.kind = 'online')
),
told AS (
    -- until when the latest night lasted, up to this one, on which a backup may have run that nothing shows
    SELECT
        d.vm, d.night, d.has_evidence, d.seen_until, d.expected, d.learned_from,
        max(CASE WHEN NOT d.has_evidence OR p.night IS NOT NULL THEN us_of(n.closes_at) END) OVER (
            PARTITION BY d.vm ORDER BY d.night ROWS UNBOUNDED PRECEDING
        ) AS blind_us
    FROM due_nights AS d
    LEFT JOIN nights AS n ON n.night = d.night
    LEFT JOIN perhaps_run AS p ON p.vm = d.vm AND p.night = d.night
),
newest AS (
    SELECT
        r.vm, r.night, r.rule, max(p.taken_us) AS taken_us, max_by(p.job_id, (p.taken_us, p.job_id)) AS job_id,
        max_by(p.earlier_us, (p.taken_us, p.job_id)) AS earlier_us,
        max_by(p.later_us, (p.taken_us, p.job_id)) AS later_us
    FROM sla_rules AS r
    JOIN points AS p ON p.vm = r.vm AND p.rule = r.rule AND p.ended_at <= r.closes_at
    GROUP BY r.vm, r.night, r.rule
),
aged AS (
    SELECT
        r.vm, r.night, r.rule, r.threshold_s, r.opens_at, r.closes_at, n.taken_us, n.job_id,
        d.has_evidence AND d.seen_until >= r.closes_at AND NOT coalesce(d.blind_us > n.taken_us, false) AS is_known,
        coalesce(d.learned_from = 'site' AND NOT d.expected, false) AS is_over,
        coalesce(d.learned_from = 'inventory', false) AND r.rule = 'rpo_disk' AS is_bare,
        (us_of(r.closes_at) - n.taken_us) / 1000000.0 AS age_s,
        coalesce(n.earlier_us, 0) / 1000000.0 AS earlier_s, coalesce(n.later_us, 0) / 1000000.0 AS later_s
    FROM sla_rules AS r
    JOIN told AS d ON d.vm = r.vm AND d.night = r.night
    LEFT JOIN newest AS n ON n.vm = r.vm AND n.night = r.night AND n.rule = r.rule
    WHERE r.rule IN ('rpo_disk', 'rpo_cloud')
),
reasoned AS (
    SELECT
        *,
        CASE
            WHEN is_over THEN 'not_due'
            WHEN is_bare THEN 'never_run'
            WHEN age_s + earlier_s <= threshold_s THEN 'met'
            WHEN NOT is_known THEN 'no_evidence'
            WHEN age_s - later_s > threshold_s THEN 'late'
            WHEN age_s IS NOT NULL THEN 'unknown'
            ELSE 'not_established'
        END AS reason
    FROM aged
)
SELECT
    vm,
    night,
    rule,
    CASE WHEN reason = 'not_due' THEN false WHEN reason IN ('met', 'late', 'never_run', 'unknown') THEN true END
        AS expected,
    CASE WHEN reason = 'met' THEN true WHEN reason IN ('late', 'never_run') THEN false END AS met,
    closes_at AS deadline,
    moment_of(taken_us) AS finished_at,
    CASE WHEN age_s IS NOT NULL THEN greatest(age_s - threshold_s, 0) END AS overrun_s,  -- greatest passes over a NULL
    reason,
    job_id,
    opens_at
FROM reasoned
