-- title: The jobs of a night
-- question: Which jobs ran, when did each begin and end, how much did it send, and how did it end?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: night DATE | local date on which the window opens
-- column: vm VARCHAR | name of the VM, NULL where nothing names it
-- column: outcome VARCHAR | how it ended
-- column: queued_s DOUBLE | what it waited in DPM before it began
-- column: start_ms BIGINT | begin, local milliseconds after the night's midnight
-- column: end_ms BIGINT | end: begin plus the true length, NULL while it runs
-- column: job_s DOUBLE | length of the job, NULL while it runs
-- column: bytes_transferred BIGINT | data sent
-- column: rate_bytes DOUBLE | data sent per second of the job
-- column: error_code BIGINT | DPM error id
-- column: hresult VARCHAR | detailed error
-- column: kind VARCHAR | kind of job
-- column: level VARCHAR | host or guest
-- column: host VARCHAR | computer whose agent did the work
-- column: job_id VARCHAR | the job
WITH chosen AS (
    SELECT
        jobs.*,
        night,
        CAST(epoch_ms(CAST(started_at AS TIMESTAMP)) - epoch_ms(CAST(night AS TIMESTAMP)) AS BIGINT) AS start_ms
    FROM jobs
    JOIN job_nights USING (job_id)
    JOIN nights USING (night)
    WHERE started_at IS NOT NULL
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
)
SELECT
    night, vm, outcome, queued_s, start_ms,
    start_ms + CAST(1000 * duration_s AS BIGINT) AS end_ms,
    duration_s AS job_s,
    bytes_transferred,
    bytes_transferred / nullif(duration_s, 0) AS rate_bytes,
    error_code, hresult, kind, level, host, job_id
FROM chosen
ORDER BY night, start_ms, vm, job_id
