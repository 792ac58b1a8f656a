-- title: The log of one job
-- question: What did the services write while a job ran: its own records, and warnings of its computer?
-- param: job_id VARCHAR = '' | the job, from jobs.job_id
-- column: at TIMESTAMP WITH TIME ZONE | time
-- column: host VARCHAR | computer
-- column: file VARCHAR | source file of the product
-- column: level VARCHAR | level
-- column: message VARCHAR | text
-- column: path VARCHAR | where the log was read
-- column: line_no BIGINT | its line there: dpm-analytics explain PATH:LINE shows it raw
SELECT t."at", t.host, t.file, t.level, t.message, s.path, t.line_no
FROM trace AS t
JOIN jobs AS j ON j.job_id = $job_id
JOIN sources AS s ON s.source_id = t.source_id
WHERE t.task_id = j.job_id
    OR (t.level <> 'NORMAL' AND lower(t.host) = lower(j.host) AND t."at" >= j.started_at AND t."at" <= j.ended_at)
ORDER BY t."at", t.line_no
