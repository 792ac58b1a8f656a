-- title: The last night against others
-- question: How did the last night go against its last four same weekdays, and against the fourteen nights before it?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: night DATE | the last night of the period with a backup due
-- column: jobs BIGINT | jobs that ran
-- column: bytes_transferred BIGINT | bytes sent to DPM, NULL where no job states them
-- column: end_ms BIGINT | end of the last job, local milliseconds after the night's midnight
-- column: missed BIGINT | VMs that missed the window
-- column: weekday_nights BIGINT | earlier nights of the same weekday in the last eight weeks, the last four at most
-- column: weekday_jobs DOUBLE | median of their jobs
-- column: weekday_bytes DOUBLE | median of their bytes
-- column: weekday_end_ms DOUBLE | median of their ends
-- column: weekday_missed DOUBLE | median of their misses
-- column: usual_nights BIGINT | nights before, the last fourteen at most
-- column: usual_jobs DOUBLE | median of their jobs
-- column: usual_bytes DOUBLE | median of their bytes
-- column: usual_end_ms DOUBLE | median of their ends
-- column: usual_missed DOUBLE | median of their misses
WITH judged AS (
    SELECT night, count(*) FILTER (WHERE NOT met) AS missed
    FROM sla
    WHERE rule = 'backup_window' AND expected
    GROUP BY night
),
ran AS (
    SELECT
        night, count(*) AS jobs, CAST(sum(bytes_transferred) AS BIGINT) AS bytes_transferred,
        CAST(max(epoch_ms(CAST(ended_at AS TIMESTAMP)) - epoch_ms(CAST(night AS TIMESTAMP))) AS BIGINT) AS end_ms
    FROM jobs
    JOIN job_nights USING (job_id)
    GROUP BY night
),
told AS (
    SELECT r.*, j.missed, weekday_of(r.night) AS weekday
    FROM judged AS j
    JOIN ran AS r ON r.night = j.night
),
last_one AS (
    SELECT *
    FROM told
    WHERE (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
    ORDER BY night DESC
    LIMIT 1
),
earlier AS (
    SELECT
        t.*,
        t.weekday = l.weekday AND t.night >= l.night - 56 AND row_number() OVER (
            PARTITION BY t.weekday = l.weekday ORDER BY t.night DESC
        ) <= 4 AS is_weekday,
        row_number() OVER (ORDER BY t.night DESC) <= 14 AS is_usual
    FROM told AS t
    JOIN last_one AS l ON t.night < l.night
)
SELECT
    any_value(l.night) AS night,
    any_value(l.jobs) AS jobs,
    any_value(l.bytes_transferred) AS bytes_transferred,
    any_value(l.end_ms) AS end_ms,
    any_value(l.missed) AS missed,
    count(*) FILTER (WHERE is_weekday) AS weekday_nights,
    median(e.jobs) FILTER (WHERE is_weekday) AS weekday_jobs,
    median(e.bytes_transferred) FILTER (WHERE is_weekday) AS weekday_bytes,
    median(e.end_ms) FILTER (WHERE is_weekday) AS weekday_end_ms,
    median(e.missed) FILTER (WHERE is_weekday) AS weekday_missed,
    count(*) FILTER (WHERE is_usual) AS usual_nights,
    median(e.jobs) FILTER (WHERE is_usual) AS usual_jobs,
    median(e.bytes_transferred) FILTER (WHERE is_usual) AS usual_bytes,
    median(e.end_ms) FILTER (WHERE is_usual) AS usual_end_ms,
    median(e.missed) FILTER (WHERE is_usual) AS usual_missed
FROM last_one AS l
LEFT JOIN earlier AS e ON true
HAVING count(l.night) > 0
