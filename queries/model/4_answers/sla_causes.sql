-- question: Without what would the deadline have been met?
-- grain: one late backup, or recovery point in the cloud that was too old, that broke a rule
-- key: vm, night, rule
-- reads: boundaries, job_base, night_results, phase_places, sla_ages, sla_durations, sla_periods, sla_windows
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | Local date on which the backup window opens.
-- column: rule VARCHAR | The rule: backup_window, max_duration, rpo_disk, rpo_cloud, dpm_sla.
-- column: cause VARCHAR | Without it the deadline would have been met.
-- column: cause_s DOUBLE | Its length, NULL for an age.
-- column: cause_grade VARCHAR | How sure that is; D where it alone would not have sufficed: A, B, C, D.
-- The time from the opening of the window to the end of the deciding job falls into parts: a start that was planned
-- late (late_start), attempts that failed before (failed), DPM's queue, and the job's phases. Of the parts that are at
-- least as long as the overrun each would have sufficed: the largest is the cause. Where none suffices it is the
-- largest of all, and the grade is D; where only the longest possible length of a part suffices the grade is C at
-- best. A rule on the duration looks at the phases alone, one on the age in the cloud at the last job to the cloud
-- since the newest recovery point there.
WITH late AS (
    SELECT s.vm, s.night, s.rule, s.overrun_s, s.opens_at, j.job_id, j.queued_s,
        coalesce(j.created_at, j.started_at) AS due_at,
        least(o.first_due_at, coalesce(j.created_at, j.started_at)) AS first_due_at,
        CASE WHEN j.created_at IS NULL THEN 'B' ELSE 'A' END AS due_grade
    FROM (SELECT * FROM sla_windows UNION ALL SELECT * FROM sla_periods) AS s
    JOIN job_base AS j ON j.job_id = s.job_id
    JOIN night_results AS o ON o.vm = s.vm AND o.night = s.night
    WHERE s.reason = 'late'
    UNION ALL
    SELECT vm, night, rule, overrun_s, NULL, job_id, NULL, NULL, NULL, NULL FROM sla_durations WHERE reason = 'late'
),
phase_parts AS (
    SELECT
        b.job_id,
        CASE
            WHEN b.next_place > b.place + 1 OR b.evidence = 0 OR p.phase IS NULL OR p.phase = 'prepare' THEN 'unknown'
            WHEN p.phase = 'release' THEN 'finalize'
            ELSE p.phase
        END AS cause,
        sum(n.us - b.us) / 1000000.0 AS part_s,
        sum(greatest(n.low_us - b.high_us, 0)) / 1000000.0 AS part_min_s,
        CASE min(least(b.evidence, n.evidence)) WHEN 3 THEN 'A' WHEN 2 THEN 'B' ELSE 'C' END AS grade
    FROM (SELECT DISTINCT job_id FROM late) AS l
    JOIN boundaries AS b ON b.job_id = l.job_id
    JOIN boundaries AS n ON n.job_id = b.job_id AND n.place = b.next_place
    JOIN phase_places AS p ON p.place = b.place
    GROUP BY ALL
),
parts AS (
    SELECT l.vm, l.night, l.rule, l.overrun_s, p.cause, p.part_s, p.part_min_s, p.grade
    FROM late AS l
    JOIN phase_parts AS p ON p.job_id = l.job_id
    UNION ALL
    SELECT vm, night, rule, overrun_s, 'queue', queued_s, queued_s, 'A' FROM late WHERE queued_s > 0
    UNION ALL
    SELECT vm, night, rule, overrun_s, 'failed', (us_of(due_at) - us_of(first_due_at)) / 1000000.0, 0, 'A'
    FROM late
    WHERE due_at > first_due_at
    UNION ALL
    SELECT vm, night, rule, overrun_s, 'late_start', (us_of(first_due_at) - us_of(opens_at)) / 1000000.0,
        (us_of(first_due_at) - us_of(opens_at)) / 1000000.0, due_grade
    FROM late
    WHERE first_due_at > opens_at
),
ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY vm, night, rule
            ORDER BY CASE WHEN part_s >= overrun_s AND cause <> 'unknown' THEN 0 ELSE 1 END, part_s DESC, cause
        ) AS place
    FROM parts
),
online AS (
    SELECT a.vm, a.night, a.rule, max_by(j.outcome, us_of(j.started_at)) AS outcome
    FROM sla_ages AS a
    JOIN job_base AS p ON p.job_id = a.job_id
    LEFT JOIN job_base AS j
        ON j.vm = a.vm AND j.kind = 'online' AND j.started_at > p.started_at AND j.started_at <= a.deadline
    WHERE a.rule = 'rpo_cloud' AND a.reason = 'late'
    GROUP BY a.vm, a.night, a.rule
)
SELECT
    vm, night, rule, cause, part_s AS cause_s,
    CASE
        WHEN cause = 'unknown' OR part_s < overrun_s THEN 'D'
        WHEN part_min_s < overrun_s AND grade < 'C' AND cause <> 'failed' THEN 'C'
        ELSE grade
    END AS cause_grade
FROM ranked
WHERE place = 1
UNION ALL
SELECT
    vm, night, rule,
    CASE WHEN outcome IS NULL THEN 'not_started' WHEN outcome IN ('failed', 'cancelled') THEN 'failed'
        WHEN outcome = 'running' THEN 'running' ELSE 'unknown' END,
    CAST(NULL AS DOUBLE),
    CASE WHEN outcome IS NULL OR outcome IN ('failed', 'cancelled', 'running') THEN 'A' ELSE 'D' END
FROM online
