-- question: To which backup window does a job count?
-- grain: one job that is known to have started or been created
-- key: job_id
-- reads: job_base, site
-- column: job_id VARCHAR | The job.
-- column: night DATE | Local date on which its backup window opens.
-- A night is named by the local date on which its window opens; it lasts from the middle of the day before the window
-- to the middle of the day after it. What counts is when DPM created the job, where its record says so: a job may wait
-- in DPM's queue past noon.
SELECT j.job_id, night_of(s.time_zone, s.night_shift_s, coalesce(j.created_at, j.started_at)) AS night
FROM job_base AS j
CROSS JOIN site AS s
WHERE coalesce(j.created_at, j.started_at) IS NOT NULL
