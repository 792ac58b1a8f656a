-- title: Load of each volume by night
-- question: How many transfers ran at once on each volume, and how long was it busy?
-- column: volume VARCHAR | the volume
-- column: night DATE | the night
-- column: jobs BIGINT | transfers
-- column: most_at_once BIGINT | most transfers at the same time
-- column: busy_s DOUBLE | time with at least one transfer
WITH moves AS (
    SELECT j.volume, n.night, p.started_at, p.ended_at
    FROM phases AS p
    JOIN jobs AS j ON j.job_id = p.job_id
    JOIN job_nights AS n ON n.job_id = p.job_id
    WHERE p.phase = 'transfer' AND p.duration_s > 0 AND j.volume IS NOT NULL
),
ends AS (
    SELECT volume, night, epoch_us(started_at) AS us, 1 AS step FROM moves
    UNION ALL
    SELECT volume, night, epoch_us(ended_at), -1 FROM moves
),
levels AS (
    SELECT
        volume, night, us, step,
        sum(step) OVER (PARTITION BY volume, night ORDER BY us, step ROWS UNBOUNDED PRECEDING) AS running,
        lead(us) OVER (PARTITION BY volume, night ORDER BY us, step) AS next_us
    FROM ends
)
SELECT
    volume,
    night,
    count(*) FILTER (WHERE step = 1) AS jobs,
    CAST(max(running) AS BIGINT) AS most_at_once,
    sum(next_us - us) FILTER (WHERE running > 0) / 1000000.0 AS busy_s
FROM levels
GROUP BY volume, night
ORDER BY volume, night
