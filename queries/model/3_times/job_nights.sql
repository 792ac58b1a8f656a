-- question: To which backup window does a job count?
-- grain: one job that is known to have started or been created
-- key: job_id
-- reads: job_base
-- column: job_id VARCHAR | The job.
-- column: night DATE | Local date on which its backup window opens.
-- A night is named by the local date on which its window opens; it lasts from the middle of the day before the window
-- to the middle of the day after it. What counts is when DPM created the job, where its record says so: a job may wait
-- in DPM's queue past noon.
SELECT job_id, night
FROM job_base
WHERE night IS NOT NULL
