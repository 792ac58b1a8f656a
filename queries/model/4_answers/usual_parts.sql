-- question: How long did each phase of a job take, and how long does it usually take?
-- grain: one part of one job: a phase, the queue before it, or the job as a whole
-- key: job_id, part
-- reads: job_base, phases, usual_jobs
-- column: job_id VARCHAR | The job.
-- column: part VARCHAR | The phase, unaccounted, queue, or job for the whole.
-- column: now_s DOUBLE | Its length in this job, 0 for a phase that it did not have.
-- column: usual_s DOUBLE | Median of its length in the earlier jobs.
-- column: more_s DOUBLE | now_s - usual_s.
-- column: grade VARCHAR | How well its length in this job is known.
-- A phase that a job does not list took it no time; one that it must have had and that no log shows (grade D) is not
-- known. Medians of parts need not add up to that of the whole.
WITH parts AS (
    SELECT job_id, phase AS part, sum(to_us(duration_s)) / 1000000.0 AS part_s, max(grade) AS grade
    FROM phases
    GROUP BY job_id, phase
    UNION ALL
    SELECT job_id, 'queue', greatest(queued_s, 0), 'A' FROM job_base WHERE queued_s IS NOT NULL
    UNION ALL
    SELECT job_id, 'job', duration_s, 'A' FROM job_base WHERE duration_s IS NOT NULL
),
usual_of AS (
    SELECT u.job_id, p.part, p.job_id AS usual_job_id, p.part_s
    FROM usual_jobs AS u
    JOIN parts AS p ON p.job_id = u.usual_job_id
),
named AS (
    SELECT p.job_id, p.part FROM parts AS p JOIN (SELECT DISTINCT job_id FROM usual_jobs) AS u ON u.job_id = p.job_id
    UNION
    SELECT job_id, part FROM usual_of
),
medians AS (
    SELECT
        n.job_id, n.part,
        median(CASE WHEN o.job_id IS NOT NULL THEN o.part_s WHEN n.part NOT IN ('job', 'queue') THEN 0 END) AS usual_s
    FROM named AS n
    JOIN usual_jobs AS u ON u.job_id = n.job_id
    LEFT JOIN usual_of AS o ON o.job_id = n.job_id AND o.usual_job_id = u.usual_job_id AND o.part = n.part
    GROUP BY n.job_id, n.part
),
now AS (
    SELECT
        m.job_id, m.part, m.usual_s, p.grade,
        CASE WHEN p.job_id IS NOT NULL THEN p.part_s WHEN m.part NOT IN ('job', 'queue') THEN 0 END AS now_s
    FROM medians AS m
    LEFT JOIN parts AS p ON p.job_id = m.job_id AND p.part = m.part
)
SELECT job_id, part, now_s, usual_s, now_s - usual_s AS more_s, grade
FROM now
