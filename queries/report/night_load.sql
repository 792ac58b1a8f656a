-- title: The night's load
-- question: How many jobs ran at once, and how much did they send, quarter of an hour by quarter of an hour?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: night DATE | local date on which the window opens
-- column: from_ms BIGINT | begin of the quarter of an hour, local milliseconds after the night's midnight
-- column: to_ms BIGINT | its end
-- column: running DOUBLE | jobs that ran at once, mean
-- column: rate_bytes DOUBLE | bytes sent per second, mean; NULL where no job record of the night states bytes
-- The bytes of a job are spread evenly over its transfer, over the whole job where no log shows that.
WITH transfers AS (
    SELECT job_id, min(started_at) AS began_at, max(ended_at) AS done_at
    FROM phases
    WHERE phase = 'transfer' AND ended_at > started_at
    GROUP BY job_id
),
timed AS (
    SELECT
        night,
        jobs.bytes_transferred,
        epoch_ms(jobs.started_at) - epoch_ms(CAST(jobs.started_at AS TIMESTAMP)) + epoch_ms(CAST(night AS TIMESTAMP)) AS zero_ms,
        epoch_ms(jobs.started_at) AS job_from_ms,
        epoch_ms(jobs.ended_at) AS job_to_ms,
        epoch_ms(coalesce(began_at, jobs.started_at)) AS sent_from_ms,
        epoch_ms(coalesce(done_at, jobs.ended_at)) AS sent_to_ms
    FROM jobs
    JOIN job_nights USING (job_id)
    JOIN nights USING (night)
    LEFT JOIN transfers USING (job_id)
    WHERE jobs.ended_at > jobs.started_at
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
),
slots AS (
    SELECT
        timed.*,
        unnest(range((job_from_ms - zero_ms) // 900000, (job_to_ms - zero_ms - 1) // 900000 + 1)) * 900000 AS from_ms
    FROM timed
),
shares AS (
    SELECT
        night, from_ms, bytes_transferred,
        greatest(0, least(job_to_ms - zero_ms, from_ms + 900000) - greatest(job_from_ms - zero_ms, from_ms)) AS job_ms,
        greatest(0, least(sent_to_ms - zero_ms, from_ms + 900000) - greatest(sent_from_ms - zero_ms, from_ms))
            / nullif(sent_to_ms - sent_from_ms, 0) AS share
    FROM slots
)
SELECT
    night,
    CAST(from_ms AS BIGINT) AS from_ms,
    CAST(from_ms + 900000 AS BIGINT) AS to_ms,
    round(sum(job_ms) / 900000.0, 2) AS running,
    round(sum(CAST(round(bytes_transferred * share) AS BIGINT)) / 900.0, 0) AS rate_bytes
FROM shares
GROUP BY night, from_ms
ORDER BY night, from_ms
