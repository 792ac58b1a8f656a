-- title: The log of one job
-- question: What did the services write while a job ran: its own records, and warnings of its computer?
-- param: job_id VARCHAR = '' | the job, from jobs.job_id; its first characters will do, as a narrow screen shows them
-- param: vm VARCHAR = '' | instead of the job: all jobs of this VM ...
-- param: night DATE = NULL | ... that count to this night; NULL for all nights
-- column: at TIMESTAMP WITH TIME ZONE | time
-- column: host VARCHAR | computer
-- column: level VARCHAR | level
-- column: message VARCHAR | text
-- column: path VARCHAR | where the log was read
-- column: line_no BIGINT | its line there: dpm-analytics explain PATH:LINE shows it raw
-- column: file VARCHAR | source file of the product
-- column: job_id VARCHAR | the job
WITH chosen AS (
    SELECT job_id, host, started_at, ended_at
    FROM jobs
    LEFT JOIN job_nights USING (job_id)
    WHERE id_fits(job_id, $job_id)
        OR ($vm <> '' AND jobs.vm = $vm AND (CAST($night AS DATE) IS NULL OR night = CAST($night AS DATE)))
)
SELECT t."at", t.host, t.level, t.message, s.path, t.line_no, t.file, j.job_id
FROM trace AS t
JOIN sources AS s ON s.source_id = t.source_id
JOIN chosen AS j
    ON t.task_id = j.job_id
    OR (t.level <> 'NORMAL' AND lower(t.host) = lower(j.host) AND t."at" >= j.started_at AND t."at" <= j.ended_at)
ORDER BY j.started_at, j.job_id, t."at", t.line_no
