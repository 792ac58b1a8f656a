-- question: To which backup window does a job count?
-- grain: one job that is known to have started or been created
-- key: job_id
-- reads: jobs, site
-- column: job_id VARCHAR | The job.
-- column: night DATE | Local date on which its backup window opens.
-- A night is named by the local date on which its window opens; it lasts from the middle of the day before the window to the middle
-- of the day after it. What counts is when DPM created the job, where its record says so: a job may wait in DPM's queue past noon.
SELECT
    j.job_id,
    CAST(timezone(s.time_zone, coalesce(j.created_at, j.started_at)) - s.night_shift_s * INTERVAL 1 SECOND AS DATE) AS night
FROM jobs AS j
CROSS JOIN site AS s
WHERE coalesce(j.created_at, j.started_at) IS NOT NULL
