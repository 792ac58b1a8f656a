-- title: Slowest jobs
-- question: Which jobs took longest, and where did their time go?
-- param: top BIGINT = 20 | how many
-- column: vm VARCHAR | name of the VM
-- column: started_at TIMESTAMP WITH TIME ZONE | start
-- column: duration_s DOUBLE | length
-- column: job_id VARCHAR | the job
-- column: transfer_s DOUBLE | transfer
-- column: claim_wait_s DOUBLE | waiting for the volume
-- column: snapshot_s DOUBLE | snapshot and post-snapshot together
-- column: unaccounted_s DOUBLE | what no log explains
-- column: host VARCHAR | computer whose agent did the work
SELECT
    j.vm,
    j.started_at,
    j.duration_s,
    j.job_id,
    sum(to_us(p.duration_s)) FILTER (WHERE p.phase = 'transfer') / 1000000.0 AS transfer_s,
    sum(to_us(p.duration_s)) FILTER (WHERE p.phase = 'claim_wait') / 1000000.0 AS claim_wait_s,
    sum(to_us(p.duration_s)) FILTER (WHERE p.phase IN ('snapshot', 'post_snapshot')) / 1000000.0 AS snapshot_s,
    sum(to_us(p.duration_s)) FILTER (WHERE p.phase = 'unaccounted') / 1000000.0 AS unaccounted_s,
    j.host
FROM jobs AS j
LEFT JOIN phases AS p ON p.job_id = j.job_id
WHERE j.duration_s IS NOT NULL
GROUP BY j.vm, j.host, j.started_at, j.duration_s, j.job_id
ORDER BY j.duration_s DESC, j.job_id
LIMIT $top
