-- title: Where the time goes
-- question: Which phases take the time of each VM's jobs, and how long do they last?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: vm VARCHAR | name of the VM
-- column: phase VARCHAR | phase of the job, or unaccounted
-- column: grade VARCHAR | evidence of these phases: A observed to C bounds only
-- column: jobs BIGINT | jobs with this phase at this grade
-- column: total_s DOUBLE | time in this phase, all jobs together
-- column: share DOUBLE | total_s over the time of all the VM's jobs, 0 to 1
-- column: median_s DOUBLE | median length
-- column: p90_s DOUBLE | length that nine of ten stay under
-- column: least_s DOUBLE | shortest total that the evidence allows
-- column: most_s DOUBLE | longest total that the evidence allows
-- column: job_median_s DOUBLE | median length of the VM's jobs
-- column: job_p90_s DOUBLE | length that nine of ten of its jobs stay under
-- chart: phase_shares
WITH chosen AS (
    SELECT job_id, jobs.vm, jobs.duration_s
    FROM jobs
    JOIN job_nights USING (job_id)
    WHERE jobs.duration_s IS NOT NULL
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
),
whole AS (
    SELECT
        vm,
        sum(to_us(duration_s)) / 1000000.0 AS vm_s,
        median(duration_s) AS job_median_s,
        quantile_of(duration_s, 0.9) AS job_p90_s
    FROM chosen
    GROUP BY vm
),
parts AS (
    SELECT
        chosen.vm,
        phase,
        CASE WHEN phase = 'unaccounted' THEN 'D' ELSE grade END AS grade,
        count(*) AS jobs,
        sum(to_us(phases.duration_s)) / 1000000.0 AS total_s,
        median(phases.duration_s) AS median_s,
        quantile_of(phases.duration_s, 0.9) AS p90_s,
        sum(to_us(duration_min_s)) / 1000000.0 AS least_s,
        sum(to_us(duration_max_s)) / 1000000.0 AS most_s
    FROM phases
    JOIN chosen USING (job_id)
    WHERE phases.duration_s > 0
    GROUP BY ALL
)
SELECT
    parts.vm,
    parts.phase,
    parts.grade,
    parts.jobs,
    parts.total_s,
    CASE WHEN whole.vm_s > 0 THEN parts.total_s / whole.vm_s END AS share,
    parts.median_s,
    parts.p90_s,
    parts.least_s,
    parts.most_s,
    whole.job_median_s,
    whole.job_p90_s
FROM parts
JOIN whole ON whole.vm IS NOT DISTINCT FROM parts.vm
ORDER BY whole.job_median_s DESC, parts.vm, parts.total_s DESC, parts.phase, parts.grade
