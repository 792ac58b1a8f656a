-- title: Snapshot and post-snapshot
-- question: How long do snapshot and post-snapshot of each VM take, how sure is that, and does post-snapshot stay below 10 seconds?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: vm VARCHAR | name of the VM
-- column: phase VARCHAR | snapshot or post_snapshot, of jobs at host level
-- column: grade VARCHAR | evidence of these phases: A observed, B inferred, C bounds only, D none
-- column: jobs BIGINT | jobs with this phase at this grade
-- column: median_s DOUBLE | median length; at grade C a convention, NULL at D
-- column: low_s DOUBLE | median of the shortest lengths that the evidence allows
-- column: high_s DOUBLE | median of the longest lengths that the evidence allows
-- column: least_s DOUBLE | no job was shorter
-- column: most_s DOUBLE | no job was longer
-- column: proven_s DOUBLE | at least one job was that long
-- column: below_10 BIGINT | jobs that were certainly below 10 s
-- column: over_10 BIGINT | jobs that certainly took 10 s or longer
-- column: unclear BIGINT | jobs of which the logs cannot tell
-- chart: snapshot_lengths
WITH parts AS (
    SELECT jobs.vm, phases.phase, phases.grade, phases.duration_s, phases.duration_min_s, phases.duration_max_s
    FROM jobs
    JOIN job_nights USING (job_id)
    JOIN phases USING (job_id)
    WHERE jobs.level = 'host' AND jobs.kind <> 'online' AND phases.phase IN ('snapshot', 'post_snapshot')
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
),
worst AS (
    SELECT
        vm,
        max(duration_min_s) FILTER (WHERE phase = 'post_snapshot') AS proven_s,
        max(duration_max_s) FILTER (WHERE phase = 'post_snapshot') AS most_s
    FROM parts
    GROUP BY vm
)
SELECT
    parts.vm,
    parts.phase,
    parts.grade,
    count(*) AS jobs,
    median(duration_s) AS median_s,
    median(duration_min_s) AS low_s,
    median(duration_max_s) AS high_s,
    min(duration_min_s) AS least_s,
    max(duration_max_s) AS most_s,
    max(duration_min_s) AS proven_s,
    count(*) FILTER (WHERE duration_max_s < 10) AS below_10,
    count(*) FILTER (WHERE duration_min_s >= 10) AS over_10,
    count(*) FILTER (WHERE coalesce(duration_min_s, 0) < 10 AND coalesce(duration_max_s, 10) >= 10) AS unclear
FROM parts
JOIN worst ON worst.vm IS NOT DISTINCT FROM parts.vm
GROUP BY parts.vm, parts.phase, parts.grade, worst.proven_s, worst.most_s
ORDER BY
    CASE WHEN worst.proven_s >= 10 THEN worst.proven_s END DESC NULLS LAST, worst.most_s DESC NULLS LAST,
    parts.vm, parts.phase, parts.grade
