-- title: Where the time of one night goes
-- question: On each night, which phases took the time of each VM's jobs, and how long did these last?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: vm VARCHAR | name of the VM
-- column: night DATE | local date on which the window opens
-- column: phase VARCHAR | phase of the job, or unaccounted
-- column: grade VARCHAR | evidence of these phases: A observed to C bounds only
-- column: jobs BIGINT | jobs of that night with this phase at this grade
-- column: total_s DOUBLE | time in this phase, all jobs of that night together
-- column: share DOUBLE | total_s over the time of all the VM's jobs of that night, 0 to 1
-- column: job_median_s DOUBLE | median length of the VM's jobs of that night
-- column: job_p90_s DOUBLE | length that nine of ten of them stay under
WITH chosen AS (
    SELECT job_id, jobs.vm, job_nights.night, jobs.duration_s
    FROM jobs
    JOIN job_nights USING (job_id)
    WHERE jobs.duration_s IS NOT NULL
      AND (CAST($since AS DATE) IS NULL OR job_nights.night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR job_nights.night <= CAST($until AS DATE))
),
whole AS (
    SELECT
        vm,
        night,
        sum(to_us(duration_s)) / 1000000.0 AS vm_s,
        median(duration_s) AS job_median_s,
        quantile_of(duration_s, 0.9) AS job_p90_s
    FROM chosen
    GROUP BY vm, night
),
parts AS (
    SELECT
        chosen.vm,
        chosen.night,
        phase,
        CASE WHEN phase = 'unaccounted' THEN 'D' ELSE grade END AS grade,
        count(*) AS jobs,
        sum(to_us(phases.duration_s)) / 1000000.0 AS total_s
    FROM phases
    JOIN chosen USING (job_id)
    WHERE phases.duration_s > 0
    GROUP BY ALL
)
SELECT
    parts.vm,
    parts.night,
    parts.phase,
    parts.grade,
    parts.jobs,
    parts.total_s,
    CASE WHEN whole.vm_s > 0 THEN parts.total_s / whole.vm_s END AS share,
    whole.job_median_s,
    whole.job_p90_s
FROM parts
JOIN whole ON whole.vm IS NOT DISTINCT FROM parts.vm AND whole.night = parts.night
ORDER BY parts.night, whole.job_median_s DESC, parts.vm, parts.total_s DESC, parts.phase, parts.grade
