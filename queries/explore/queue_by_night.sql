-- title: Time in DPM's queue
-- question: How long do jobs wait in DPM before they start, night by night?
-- column: night DATE | the night
-- column: jobs BIGINT | jobs whose record says when they were created
-- column: queued_p50_s DOUBLE | median wait
-- column: queued_max_s DOUBLE | longest wait
-- column: last_start_at TIMESTAMP WITH TIME ZONE | when the last of them started
SELECT
    n.night,
    count(*) AS jobs,
    quantile_cont(j.queued_s, 0.5) AS queued_p50_s,
    max(j.queued_s) AS queued_max_s,
    max(j.started_at) AS last_start_at
FROM jobs AS j
JOIN job_nights AS n ON n.job_id = j.job_id
WHERE j.queued_s IS NOT NULL
GROUP BY n.night
ORDER BY n.night
