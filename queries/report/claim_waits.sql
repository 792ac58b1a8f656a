-- title: Waiting for the volume
-- question: Who waited for a Cluster Shared Volume, where, how often and how long?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: vm VARCHAR | name of the VM that waited
-- column: night DATE | local date on which the window opens
-- column: host VARCHAR | computer whose agent waited
-- column: volume VARCHAR | volume whose claim was refused
-- column: jobs BIGINT | jobs that waited
-- column: refusals BIGINT | refused claims
-- column: gave_up BIGINT | of these jobs, failed or cancelled
-- column: waited_s DOUBLE | time waited, NULL where no bound is known
-- column: least_s DOUBLE | shortest wait that the evidence allows
-- column: most_s DOUBLE | longest wait that the evidence allows
-- column: grade VARCHAR | weakest evidence among them
-- chart: claim_waits
WITH waits AS (
    SELECT job_id, duration_s, duration_min_s, duration_max_s, grade
    FROM phases
    WHERE phase = 'claim_wait'
)
SELECT
    jobs.vm,
    night,
    jobs.host,
    jobs.volume,
    count(*) AS jobs,
    CAST(sum(claim_refusals) AS BIGINT) AS refusals,
    count(*) FILTER (WHERE outcome IN ('failed', 'cancelled')) AS gave_up,
    sum(to_us(waits.duration_s)) / 1000000.0 AS waited_s,
    sum(to_us(waits.duration_min_s)) / 1000000.0 AS least_s,
    sum(to_us(waits.duration_max_s)) / 1000000.0 AS most_s,
    coalesce(max(waits.grade), 'D') AS grade
FROM jobs
JOIN job_nights USING (job_id)
LEFT JOIN waits USING (job_id)
WHERE claim_refusals > 0
  AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
  AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
GROUP BY jobs.vm, night, jobs.host, jobs.volume
ORDER BY
    sum(sum(to_us(waits.duration_s))) OVER (PARTITION BY jobs.vm) DESC NULLS LAST, jobs.vm,
    waited_s DESC NULLS LAST, refusals DESC, night, jobs.host, jobs.volume
