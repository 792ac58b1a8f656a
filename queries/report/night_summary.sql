-- title: The nights
-- question: How did each night go, and when did its last job end?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: night DATE | local date on which the window opens
-- column: due BIGINT | backups due
-- column: met BIGINT | of these, in time
-- column: missed BIGINT | of these, not in time
-- column: running BIGINT | of these, still running in their window
-- column: unknown BIGINT | of these, not known
-- column: overrun_s DOUBLE | time past the deadline of all late VMs together
-- column: jobs BIGINT | jobs that ran
-- column: jobs_failed BIGINT | of these, failed or cancelled
-- column: last_end_at TIMESTAMP WITH TIME ZONE | end of the last job
-- column: bytes_transferred BIGINT | bytes sent to DPM
-- column: window_from_ms BIGINT | opening of the window, milliseconds after the night's midnight
-- column: window_to_ms BIGINT | closing of the window, milliseconds after the night's midnight
-- chart: nights_overview
WITH due AS (
    SELECT
        night,
        count(*) AS due,
        count(*) FILTER (WHERE met) AS met,
        count(*) FILTER (WHERE NOT met) AS missed,
        count(*) FILTER (WHERE met IS NULL AND reason = 'running') AS running,
        count(*) FILTER (WHERE met IS NULL AND reason <> 'running') AS unknown,
        sum(to_us(overrun_s)) FILTER (WHERE NOT met) / 1000000.0 AS overrun_s
    FROM sla
    WHERE rule = 'backup_window' AND expected
    GROUP BY night
),
work AS (
    SELECT
        night,
        count(*) AS jobs,
        count(*) FILTER (WHERE outcome IN ('failed', 'cancelled')) AS jobs_failed,
        max(ended_at) AS last_end_at,
        CAST(sum(bytes_transferred) AS BIGINT) AS bytes_transferred
    FROM jobs
    JOIN job_nights USING (job_id)
    GROUP BY night
),
bounds AS (
    SELECT
        CAST(epoch(window_start) * 1000 AS BIGINT) AS from_ms,
        CAST((epoch(window_end) + CASE WHEN window_end <= window_start THEN 86400 ELSE 0 END) * 1000 AS BIGINT) AS to_ms
    FROM site
)
SELECT
    night,
    coalesce(due.due, 0) AS due,
    coalesce(due.met, 0) AS met,
    coalesce(due.missed, 0) AS missed,
    coalesce(due.running, 0) AS running,
    coalesce(due.unknown, 0) AS unknown,
    due.overrun_s,
    coalesce(work.jobs, 0) AS jobs,
    coalesce(work.jobs_failed, 0) AS jobs_failed,
    work.last_end_at,
    work.bytes_transferred,
    bounds.from_ms AS window_from_ms,
    bounds.to_ms AS window_to_ms
FROM nights
LEFT JOIN due USING (night)
LEFT JOIN work USING (night)
CROSS JOIN bounds
WHERE (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
  AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
ORDER BY night
