-- question: How many other jobs ran on the same volume and host while a job ran?
-- grain: one job that ended and took time
-- key: job_id
-- reads: job_base
-- column: job_id VARCHAR | The job.
-- column: on_volume BIGINT | Other such jobs of its volume that ran at some time while it ran, NULL without a volume.
-- column: on_host BIGINT | Other such jobs of its host that ran at some time while it ran.
-- Others overlap with a job where they began before it ended and had not ended when it began. Ends come before begins
-- of the same moment, so that jobs that follow one another are not side by side.
WITH timed AS (
    SELECT
        job_id, volume, host_key_of(host) AS host_key, us_of(started_at) AS started_us,
        us_of(ended_at) AS ended_us
    FROM job_base
    WHERE ended_at > started_at
),
placed AS (
    SELECT job_id, 'volume' AS shared, volume AS place, started_us, ended_us FROM timed WHERE volume IS NOT NULL
    UNION ALL
    SELECT job_id, 'host', host_key, started_us, ended_us FROM timed WHERE host_key IS NOT NULL
),
moments AS (
    SELECT job_id, shared, place, 2 * started_us + 1 AS half_us, 1 AS begins FROM placed
    UNION ALL
    SELECT job_id, shared, place, 2 * ended_us, 0 FROM placed
),
swept AS (
    SELECT job_id, shared, begins, sum(begins) OVER so_far AS begun, sum(1 - begins) OVER so_far AS ended
    FROM moments
    WINDOW so_far AS (PARTITION BY shared, place ORDER BY half_us RANGE UNBOUNDED PRECEDING)
),
counted AS (
    SELECT
        job_id, shared,
        max(CASE WHEN begins = 0 THEN begun END) - max(CASE WHEN begins = 1 THEN ended END) - 1 AS others
    FROM swept
    GROUP BY job_id, shared
)
SELECT
    job_id,
    CAST(max(CASE WHEN shared = 'volume' THEN others END) AS BIGINT) AS on_volume,
    CAST(max(CASE WHEN shared = 'host' THEN others END) AS BIGINT) AS on_host
FROM counted
GROUP BY job_id
