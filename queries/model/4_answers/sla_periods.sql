-- question: Did each period of SLAInHours bring a recovery point?
-- grain: one VM and one night that the rule judges
-- key: vm, night
-- reads: due_nights, job_base, sla_rules
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
-- DPM's clock begins with the first window that the rule judges and runs on in whole periods, day or night. A night is
-- judged by the periods that begin on it, and met where each of them holds the end of a good backup. A period that is
-- not over yet is not judged.
WITH clocks AS (
    SELECT
        r.vm, r.night, r.rule, r.opens_at, d.has_evidence, d.seen_until,
        coalesce(d.learned_from = 'site' AND NOT d.expected, false) AS is_over,
        us_of(r.opens_at) AS opens_us,
        min(us_of(r.opens_at)) OVER (PARTITION BY r.vm) AS begins_us,
        coalesce(lead(us_of(r.opens_at)) OVER (PARTITION BY r.vm ORDER BY r.night), us_of(r.opens_at) + 86400000000)
            AS next_us,
        CAST(r.threshold_s * 1000000 AS BIGINT) AS period_us
    FROM sla_rules AS r
    JOIN due_nights AS d ON d.vm = r.vm AND d.night = r.night
    WHERE r.rule = 'dpm_sla'
),
periods AS (
    SELECT
        vm, night, rule, is_over, has_evidence, seen_until, opens_at, period_us,
        begins_us + period_us * unnest(generate_series(
            (opens_us - begins_us + period_us - 1) // period_us, (next_us - begins_us + period_us - 1) // period_us - 1
        )) AS from_us
    FROM clocks
),
held AS (
    SELECT
        p.vm, p.night, p.from_us,
        min(us_of(j.ended_at)) AS held_us,
        min_by(j.job_id, j.ended_at) AS job_id
    FROM periods AS p
    JOIN job_base AS j
        ON j.vm = p.vm AND j.owes_sla AND j.level IS NOT NULL AND j.is_good
        AND us_of(j.ended_at) >= p.from_us AND us_of(j.ended_at) < p.from_us + p.period_us
    GROUP BY p.vm, p.night, p.from_us
),
counted AS (
    SELECT
        p.vm, p.night, p.rule, p.opens_at, p.is_over, p.has_evidence,
        max(p.from_us + p.period_us) AS deadline_us,
        max(h.held_us) AS held_us,
        max_by(h.job_id, h.held_us) AS job_id,
        bool_or(h.held_us IS NULL AND us_of(p.seen_until) >= p.from_us + p.period_us) AS lacks_one,
        bool_or(h.held_us IS NULL) AS is_open
    FROM periods AS p
    LEFT JOIN held AS h ON h.vm = p.vm AND h.night = p.night AND h.from_us = p.from_us
    GROUP BY p.vm, p.night, p.rule, p.opens_at, p.is_over, p.has_evidence
),
reasoned AS (
    SELECT
        *,
        CASE
            WHEN is_over THEN 'not_due'
            WHEN NOT is_open THEN 'met'
            WHEN NOT has_evidence THEN 'no_evidence'
            WHEN lacks_one THEN 'missed'
            ELSE 'unknown'
        END AS reason
    FROM counted
)
SELECT
    vm,
    night,
    rule,
    CASE WHEN reason = 'not_due' THEN false WHEN reason <> 'no_evidence' THEN true END AS expected,
    CASE reason WHEN 'met' THEN true WHEN 'missed' THEN false END AS met,
    moment_of(deadline_us) AS deadline,
    moment_of(held_us) AS finished_at,
    CAST(NULL AS DOUBLE) AS overrun_s,
    reason,
    job_id,
    opens_at
FROM reasoned
