-- title: The log of one job
-- question: What did the services write while a job ran: its own records, and warnings of its computer?
-- param: job_id VARCHAR = '' | the job, from jobs.job_id
-- column: at TIMESTAMP WITH TIME ZONE | time
-- column: host VARCHAR | computer
-- column: file VARCHAR | source file of the product
-- column: level VARCHAR | level
-- column: message VARCHAR | text
-- column: source_id VARCHAR | the source
-- column: line_no BIGINT | its line
SELECT t."at", t.host, t.file, t.level, t.message, t.source_id, t.line_no
FROM trace AS t
JOIN jobs AS j ON j.job_id = $job_id
WHERE t.task_id = j.job_id
    OR (t.level <> 'NORMAL' AND lower(t.host) = lower(j.host) AND t."at" >= j.started_at AND t."at" <= j.ended_at)
ORDER BY t."at", t.line_no
