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
-- known. Medians of parts need not add up to that of the whole. Of the four earlier jobs at most, sum,
-- least and greatest tell the median.
WITH parts AS (
    SELECT job_id, phase AS part, sum(to_us(duration_s)) AS us, max(grade) AS grade
    FROM phases
    GROUP BY job_id, phase
    UNION ALL
    SELECT job_id, 'queue', to_us(greatest(queued_s, 0)), 'A' FROM job_base WHERE queued_s IS NOT NULL
    UNION ALL
    SELECT job_id, 'job', to_us(duration_s), 'A' FROM job_base WHERE duration_s IS NOT NULL
),
compared AS (
    SELECT job_id, count(*) AS jobs FROM usual_jobs GROUP BY job_id
),
usual_of AS (
    SELECT
        u.job_id, p.part, count(*) AS jobs, count(p.us) AS known, sum(p.us) AS sum_us, min(p.us) AS least_us,
        max(p.us) AS most_us
    FROM usual_jobs AS u
    JOIN parts AS p ON p.job_id = u.usual_job_id
    GROUP BY u.job_id, p.part
),
now AS (
    SELECT p.* FROM parts AS p JOIN compared AS c ON c.job_id = p.job_id
),
counted AS (
    -- an earlier job that does not list a phase had it for no time; of the queue and the whole it tells nothing
    SELECT
        coalesce(n.job_id, o.job_id) AS job_id, coalesce(n.part, o.part) AS part, n.grade,
        CASE WHEN n.job_id IS NOT NULL THEN n.us WHEN o.part NOT IN ('job', 'queue') THEN 0 END AS now_us,
        CASE WHEN coalesce(n.part, o.part) IN ('job', 'queue') THEN 0 ELSE c.jobs - coalesce(o.jobs, 0) END AS without,
        coalesce(o.known, 0) AS known, coalesce(o.sum_us, 0) AS sum_us, o.least_us, o.most_us
    FROM now AS n
    FULL JOIN usual_of AS o ON o.job_id = n.job_id AND o.part = n.part
    JOIN compared AS c ON c.job_id = coalesce(n.job_id, o.job_id)
),
placed AS (
    SELECT
        job_id, part, grade, now_us, known + without AS places, sum_us,
        CASE WHEN without > 0 THEN 0 ELSE least_us END AS least_us,
        CASE WHEN without > 0 THEN greatest(most_us, 0) ELSE most_us END AS most_us
    FROM counted
),
medians AS (
    SELECT
        job_id, part, now_us / 1000000.0 AS now_s, grade,
        CASE
            WHEN places > 2 THEN (sum_us - least_us - most_us) / 1000000.0 / (places - 2)
            WHEN places > 0 THEN sum_us / 1000000.0 / places
        END AS usual_s
    FROM placed
)
SELECT job_id, part, now_s, usual_s, now_s - usual_s AS more_s, grade
FROM medians
