-- title: Snapshot and post-snapshot of each job
-- question: How long did snapshot and post-snapshot of each job at host level take, within which bounds?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: vm VARCHAR | name of the VM, NULL where nothing names it
-- column: night DATE | local date on which the window opens
-- column: phase VARCHAR | snapshot or post_snapshot
-- column: grade VARCHAR | evidence of the phase: A observed, B inferred, C bounds only, D none
-- column: jobs BIGINT | 1
-- column: median_s DOUBLE | length; at grade C a convention, NULL at D
-- column: low_s DOUBLE | shortest length that the evidence allows
-- column: high_s DOUBLE | longest length that the evidence allows
-- column: least_s DOUBLE | as low_s
-- column: most_s DOUBLE | as high_s
-- The columns are those of snapshot_lengths: one job is a group of its own.
SELECT
    jobs.vm,
    job_nights.night,
    phases.phase,
    phases.grade,
    CAST(1 AS BIGINT) AS jobs,
    phases.duration_s AS median_s,
    phases.duration_min_s AS low_s,
    phases.duration_max_s AS high_s,
    phases.duration_min_s AS least_s,
    phases.duration_max_s AS most_s
FROM jobs
JOIN job_nights USING (job_id)
JOIN phases USING (job_id)
WHERE jobs.level = 'host' AND jobs.kind <> 'online' AND phases.phase IN ('snapshot', 'post_snapshot')
  AND (CAST($since AS DATE) IS NULL OR job_nights.night >= CAST($since AS DATE))
  AND (CAST($until AS DATE) IS NULL OR job_nights.night <= CAST($until AS DATE))
ORDER BY
    job_nights.night,
    max(phases.duration_max_s) OVER (PARTITION BY jobs.job_id) DESC NULLS LAST,
    jobs.vm, jobs.job_id, phases.phase
