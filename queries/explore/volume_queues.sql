-- title: Volumes that take one job at a time
-- question: Which volume serialises its jobs, and how long did they wait for it?
-- column: volume VARCHAR | the volume
-- column: most_at_once BIGINT | most transfers at the same time; 1 means that it takes its jobs one after the other
-- column: jobs BIGINT | jobs on it that transferred
-- column: waiting_jobs BIGINT | jobs whose claim on it was refused
-- column: refusals BIGINT | refused claims
-- column: waited_s DOUBLE | time that jobs waited for it, NULL where none did
-- column: waiting_vms BIGINT | VMs that waited
WITH moves AS (
    SELECT j.volume, p.started_at, p.ended_at
    FROM phases AS p
    JOIN jobs AS j ON j.job_id = p.job_id
    WHERE p.phase = 'transfer' AND p.duration_s > 0 AND j.volume IS NOT NULL
),
steps AS (
    SELECT volume, started_at AS step_at, 1 AS step FROM moves
    UNION ALL
    SELECT volume, ended_at, -1 FROM moves
),
levels AS (
    -- at one moment an end (-1) comes before a start
    SELECT volume, step, sum(step) OVER (PARTITION BY volume ORDER BY step_at, step ROWS UNBOUNDED PRECEDING) AS running
    FROM steps
),
loads AS (
    SELECT volume, count(*) FILTER (WHERE step = 1) AS jobs, CAST(max(running) AS BIGINT) AS most_at_once
    FROM levels
    GROUP BY volume
),
waits AS (
    SELECT
        j.volume,
        count(*) AS waiting_jobs,
        CAST(sum(j.claim_refusals) AS BIGINT) AS refusals,
        sum(to_us(p.duration_s)) / 1000000.0 AS waited_s,
        count(DISTINCT j.vm) AS waiting_vms
    FROM jobs AS j
    LEFT JOIN phases AS p ON p.job_id = j.job_id AND p.phase = 'claim_wait'
    WHERE j.claim_refusals > 0 AND j.volume IS NOT NULL
    GROUP BY j.volume
)
SELECT
    volume,
    loads.most_at_once,
    coalesce(loads.jobs, 0) AS jobs,
    coalesce(waits.waiting_jobs, 0) AS waiting_jobs,
    coalesce(waits.refusals, 0) AS refusals,
    waits.waited_s,
    coalesce(waits.waiting_vms, 0) AS waiting_vms
FROM loads
FULL JOIN waits USING (volume)
ORDER BY waits.waited_s DESC NULLS LAST, volume
