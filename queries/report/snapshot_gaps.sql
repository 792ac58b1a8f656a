-- title: The gap between the two snapshots
-- question: How long did each guest go on writing between its own snapshot (t1) and the host's (t2)?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: vm VARCHAR | name of the VM
-- column: jobs BIGINT | jobs at host level with a snapshot
-- column: measured BIGINT | of these, with evidence from the guest: the gap is bounded
-- column: median_s DOUBLE | median of the middles of the bounds
-- column: low_s DOUBLE | median of the shortest gaps that the evidence allows
-- column: high_s DOUBLE | median of the longest gaps that the evidence allows
-- column: least_s DOUBLE | no gap was shorter
-- column: most_s DOUBLE | no gap was longer
-- column: proven_s DOUBLE | at least one gap was that long
-- column: grade VARCHAR | B: inferred within bounds, for the clocks of host and guest differ
-- chart: snapshot_gaps
WITH gaps AS (
    SELECT jobs.vm, jobs.job_id, delta_t_s, delta_t_min_s, delta_t_max_s
    FROM jobs
    JOIN job_nights USING (job_id)
    WHERE jobs.level = 'host' AND jobs.kind <> 'online'
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
      AND (delta_t_s IS NOT NULL OR job_id IN (SELECT job_id FROM phases WHERE phase = 'snapshot'))
)
SELECT
    vm,
    count(*) AS jobs,
    count(delta_t_s) AS measured,
    median(delta_t_s) AS median_s,
    median(delta_t_min_s) AS low_s,
    median(delta_t_max_s) AS high_s,
    min(delta_t_min_s) AS least_s,
    max(delta_t_max_s) AS most_s,
    max(delta_t_min_s) AS proven_s,
    'B' AS grade
FROM gaps
GROUP BY vm
HAVING count(delta_t_s) > 0
ORDER BY median_s DESC, vm
