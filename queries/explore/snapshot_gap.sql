-- title: Snapshot, post-snapshot and the gap between the snapshots
-- question: How long do snapshot and post-snapshot take, and how long did the guest write on between its snapshot and the host's?
-- column: vm VARCHAR | name of the VM
-- column: jobs BIGINT | jobs with a snapshot
-- column: snapshot_p50_s DOUBLE | median length of the snapshot phase
-- column: post_snapshot_p50_s DOUBLE | median length of post-snapshot
-- column: post_snapshot_max_s DOUBLE | longest that the evidence allows
-- column: observed BIGINT | jobs whose post-snapshot was observed at both ends
-- column: delta_t_p50_s DOUBLE | median gap, NULL without guest events
-- column: delta_t_min_s DOUBLE | shortest gap the evidence allows
-- column: delta_t_max_s DOUBLE | longest gap the evidence allows
SELECT
    j.vm,
    count(DISTINCT j.job_id) AS jobs,
    quantile_cont(CASE WHEN p.phase = 'snapshot' THEN p.duration_s END, 0.5) AS snapshot_p50_s,
    quantile_cont(CASE WHEN p.phase = 'post_snapshot' THEN p.duration_s END, 0.5) AS post_snapshot_p50_s,
    max(p.duration_max_s) FILTER (WHERE p.phase = 'post_snapshot') AS post_snapshot_max_s,
    count(*) FILTER (WHERE p.phase = 'post_snapshot' AND p.grade = 'A') AS observed,
    quantile_cont(j.delta_t_s, 0.5) AS delta_t_p50_s,
    min(j.delta_t_min_s) AS delta_t_min_s,
    max(j.delta_t_max_s) AS delta_t_max_s
FROM jobs AS j
JOIN phases AS p ON p.job_id = j.job_id AND p.phase IN ('snapshot', 'post_snapshot')
GROUP BY j.vm
ORDER BY post_snapshot_max_s DESC NULLS LAST, j.vm
