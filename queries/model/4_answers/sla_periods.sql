-- question: Did each period of SLAInHours bring a recovery point?
-- grain: one VM and one night that the rule judges
-- key: vm, night
-- reads: due_nights, job_base, perhaps_run, sla_rules
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
-- DPM's clock begins with the first window that the rule judges and runs on in whole periods, day or night. A night is
-- judged by the periods that begin on it, and met where each of them holds the end of a good backup; else by the first
-- that does not. A period that is not over yet is not judged.
WITH clocks AS (
    SELECT
        r.vm, r.night, r.rule, d.expected, d.learned_from, d.has_evidence, d.seen_until,
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
        vm, night, rule, expected, learned_from, has_evidence, seen_until, period_us,
        begins_us + period_us * unnest(generate_series(
            (opens_us - begins_us + period_us - 1) // period_us, (next_us - begins_us + period_us - 1) // period_us - 1
        )) AS from_us
    FROM clocks
),
held AS (
    SELECT
        p.vm, p.night, p.from_us,
        min(CASE WHEN j.is_good AND us_of(j.ended_at) < p.from_us + p.period_us THEN us_of(j.ended_at) END) AS held_us,
        min(CASE WHEN j.is_good THEN us_of(j.ended_at) END) AS good_us,
        min_by(j.job_id, (NOT j.is_good, j.outcome <> 'running', us_of(j.ended_at), us_of(j.started_at), j.job_id))
            AS job_id,
        bool_or(j.outcome = 'running') AS is_running,
        bool_or(j.outcome = 'unknown' OR j.is_good AND j.ended_at IS NULL) AS is_unknown
    FROM periods AS p
    JOIN job_base AS j
        ON j.vm = p.vm AND j.owes_sla AND j.level IS NOT NULL
        AND us_of(j.started_at) < p.from_us + p.period_us
        AND (us_of(j.ended_at) >= p.from_us OR j.ended_at IS NULL AND us_of(j.started_at) >= p.from_us
            OR j.outcome = 'running')
    GROUP BY p.vm, p.night, p.from_us
),
judged AS (
    SELECT
        p.vm, p.night, p.rule, p.from_us, p.from_us + p.period_us AS to_us, h.held_us, h.good_us, h.job_id,
        CASE
            WHEN p.learned_from = 'site' AND NOT p.expected THEN 'not_due'
            WHEN h.held_us IS NOT NULL THEN 'met'
            WHEN NOT p.has_evidence THEN 'no_evidence'
            WHEN h.is_unknown THEN 'unknown'
            WHEN us_of(p.seen_until) < p.from_us + p.period_us
                THEN CASE WHEN h.is_running THEN 'running' ELSE 'unknown' END
            WHEN h.good_us IS NOT NULL THEN 'late'
            WHEN h.is_running THEN 'running_late'
            WHEN h.vm IS NOT NULL THEN 'failed'
            WHEN r.night IS NOT NULL THEN 'unknown'
            WHEN p.learned_from = 'inventory' THEN 'never_run'
            ELSE 'missed'
        END AS reason
    FROM periods AS p
    LEFT JOIN held AS h ON h.vm = p.vm AND h.night = p.night AND h.from_us = p.from_us
    LEFT JOIN perhaps_run AS r ON r.vm = p.vm AND r.night = p.night
),
ranked AS (
    -- what was broken comes before what is open, that before what was kept
    SELECT
        *,
        max(held_us) OVER (PARTITION BY vm, night) AS last_us,
        row_number() OVER (
            PARTITION BY vm, night
            ORDER BY CASE WHEN reason = 'met' THEN 2 WHEN reason IN ('running', 'unknown', 'no_evidence') THEN 1
                ELSE 0 END, CASE WHEN reason = 'met' THEN -from_us ELSE from_us END
        ) AS place
    FROM judged
)
SELECT
    vm,
    night,
    rule,
    CASE WHEN reason = 'not_due' THEN false WHEN reason <> 'no_evidence' THEN true END AS expected,
    CASE
        WHEN reason = 'met' THEN true
        WHEN reason IN ('late', 'running_late', 'failed', 'never_run', 'missed') THEN false
    END AS met,
    moment_of(to_us) AS deadline,
    moment_of(CASE WHEN reason = 'late' THEN good_us ELSE last_us END) AS finished_at,
    CASE WHEN reason = 'met' THEN 0 WHEN reason = 'late' THEN (good_us - to_us) / 1000000.0 END AS overrun_s,
    reason,
    job_id,
    moment_of(from_us) AS opens_at
FROM ranked
WHERE place = 1
