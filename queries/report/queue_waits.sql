-- title: Waiting in DPM's own queue
-- question: On which nights did jobs begin late because they waited in DPM, and did that make them late?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: night DATE | local date on which the window opens
-- column: jobs BIGINT | jobs whose record says when DPM created them
-- column: queued_median_s DOUBLE | median time from creation to start
-- column: queued_p90_s DOUBLE | time that nine of ten stay under
-- column: queued_max_s DOUBLE | longest such time
-- column: late BIGINT | VMs that finished late on that night
-- column: late_by_queue BIGINT | of these, those that waited longer than they were late
-- column: last_start_at TIMESTAMP WITH TIME ZONE | start of the last of these jobs
-- Only nights on which it matters: the median is over 5 minutes, or a VM waited longer than it was late.
WITH waits AS (
    SELECT
        night,
        count(*) AS jobs,
        median(queued_s) AS queued_median_s,
        quantile_of(queued_s, 0.9) AS queued_p90_s,
        max(queued_s) AS queued_max_s,
        max(jobs.started_at) AS last_start_at
    FROM jobs
    JOIN job_nights USING (job_id)
    JOIN nights USING (night)
    WHERE queued_s >= 0
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
    GROUP BY night
),
late AS (
    SELECT
        sla.night,
        count(*) AS late,
        count(*) FILTER (WHERE jobs.queued_s >= sla.overrun_s) AS late_by_queue
    FROM sla
    LEFT JOIN jobs USING (job_id)
    WHERE sla.rule = 'backup_window' AND sla.expected AND sla.reason = 'late'
    GROUP BY sla.night
)
SELECT
    night,
    waits.jobs,
    queued_median_s,
    queued_p90_s,
    queued_max_s,
    coalesce(late.late, 0) AS late,
    coalesce(late.late_by_queue, 0) AS late_by_queue,
    last_start_at
FROM waits
LEFT JOIN late USING (night)
WHERE queued_median_s > 300 OR late.late_by_queue > 0
ORDER BY night
