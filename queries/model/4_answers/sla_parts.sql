-- question: What did the time of a late backup go to, and how long does each part usually take?
-- grain: one part of the time of a late backup that broke a rule
-- key: vm, night, rule, cause
-- reads: boundaries, job_base, night_results, phase_places, sla_durations, sla_periods, sla_windows, usual_jobs
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | Local date on which the backup window opens.
-- column: rule VARCHAR | The rule: backup_window, max_duration, rpo_disk, rpo_cloud, dpm_sla.
-- column: cause VARCHAR | What the part is.
-- column: job_id VARCHAR | The job that decided.
-- column: overrun_s DOUBLE | Time past the deadline.
-- column: part_s DOUBLE | Length of the part.
-- column: part_min_s DOUBLE | Its shortest possible length.
-- column: usual_s DOUBLE | Its usual length, NULL where fewer than two earlier jobs tell.
-- column: more_s DOUBLE | By how much it is longer, NULL also where the usual job would be half as late or more.
-- column: grade VARCHAR | How well its length is known: A, B, C, D.
-- The time from the opening of the window to the end of the deciding job falls into parts: a start that was planned
-- late (late_start), DPM's queue before the first attempt, attempts that failed (failed: from the start of the first to
-- that of the deciding job, which waits again), and the job's phases. A rule on the duration looks at the phases alone.
-- Usual is the median of at least two earlier jobs (usual_jobs): a part that one of them
-- does not have took it no time, but a queue of which no record tells is not known.
WITH judged AS (
    SELECT vm, night, rule, reason, overrun_s, opens_at, deadline, finished_at, job_id FROM sla_windows
    UNION ALL
    SELECT vm, night, rule, reason, overrun_s, opens_at, deadline, finished_at, job_id FROM sla_periods
    UNION ALL
    SELECT vm, night, rule, reason, overrun_s, opens_at, deadline, finished_at, job_id FROM sla_durations
),
spans AS (
    SELECT vm, night, rule, overrun_s, night AS own_night, job_id, opens_at, CAST(NULL AS DOUBLE) AS past_s
    FROM judged
    WHERE reason = 'late'
    UNION ALL
    SELECT s.vm, s.night, s.rule, s.overrun_s, b.night, u.usual_job_id, b.opens_at,
        (us_of(b.finished_at) - us_of(b.deadline)) / 1000000.0
    FROM judged AS s
    JOIN usual_jobs AS u ON u.job_id = s.job_id
    -- as a whole, so that no night is first joined with all others of its VM
    JOIN judged AS b ON (b.vm, b.night, b.rule) = (s.vm, u.usual_night, s.rule)
    WHERE s.reason = 'late' AND b.finished_at IS NOT NULL
),
timed AS (
    SELECT
        s.*, f.queued_s, us_of(s.opens_at) AS opens_us, us_of(coalesce(f.created_at, f.started_at)) AS due_us,
        us_of(j.started_at) - us_of(f.started_at) AS failed_us,
        CASE WHEN f.created_at IS NULL THEN 'B' ELSE 'A' END AS due_grade
    FROM spans AS s
    JOIN job_base AS j ON j.job_id = s.job_id
    JOIN night_results AS o ON o.vm = s.vm AND o.night = s.own_night
    JOIN job_base AS f
        ON f.job_id
            = CASE WHEN o.first_due_at < coalesce(j.created_at, j.started_at) THEN o.first_job_id ELSE j.job_id END
    WHERE s.rule <> 'max_duration'
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
    FROM (SELECT DISTINCT job_id FROM spans) AS s
    JOIN boundaries AS b ON b.job_id = s.job_id
    JOIN boundaries AS n ON n.job_id = b.job_id AND n.place = b.next_place
    JOIN phase_places AS p ON p.place = b.place
    GROUP BY ALL
),
parts AS (
    SELECT s.vm, s.night, s.rule, s.own_night, s.job_id, s.overrun_s, p.cause, p.part_s, p.part_min_s, p.grade
    FROM spans AS s
    JOIN phase_parts AS p ON p.job_id = s.job_id
    UNION ALL
    SELECT vm, night, rule, own_night, job_id, overrun_s, 'queue', queued_s, queued_s, 'A' FROM timed WHERE queued_s > 0
    UNION ALL
    SELECT vm, night, rule, own_night, job_id, overrun_s, 'failed', failed_us / 1000000.0, 0, 'A'
    FROM timed
    WHERE failed_us > 0
    UNION ALL
    SELECT vm, night, rule, own_night, job_id, overrun_s, 'late_start', (due_us - opens_us) / 1000000.0,
        (due_us - opens_us) / 1000000.0, due_grade
    FROM timed
    WHERE due_us > opens_us
),
usual AS (
    SELECT
        p.vm, p.night, p.rule, p.cause, median(s.past_s) AS past_s,
        median(CASE WHEN u.job_id IS NOT NULL OR p.cause <> 'queue' OR t.queued_s IS NOT NULL
            THEN coalesce(u.part_s, 0) END) AS part_s
    FROM parts AS p
    JOIN spans AS s ON s.vm = p.vm AND s.night = p.night AND s.rule = p.rule AND s.own_night < s.night
    LEFT JOIN parts AS u
        ON u.vm = p.vm AND u.night = p.night AND u.rule = p.rule AND u.job_id = s.job_id AND u.cause = p.cause
    LEFT JOIN timed AS t ON t.vm = p.vm AND t.night = p.night AND t.rule = p.rule AND t.job_id = s.job_id
    WHERE p.own_night = p.night
    GROUP BY p.vm, p.night, p.rule, p.cause
    HAVING count(*) >= 2
)
SELECT
    p.vm, p.night, p.rule, p.cause, p.job_id, p.overrun_s, p.part_s, p.part_min_s, u.part_s AS usual_s,
    CASE WHEN 2 * u.past_s <= p.overrun_s THEN p.part_s - u.part_s END AS more_s,
    p.grade
FROM parts AS p
LEFT JOIN usual AS u ON u.vm = p.vm AND u.night = p.night AND u.rule = p.rule AND u.cause = p.cause
WHERE p.own_night = p.night
