-- title: Every failed job
-- question: Which jobs failed, in which phase, what explains it, and what did host and guest log meanwhile?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: night DATE | local date on which the window opens
-- column: vm VARCHAR | name of the VM
-- column: phase VARCHAR | phase in which it ended, NULL where no log shows it
-- column: error_code BIGINT | DPM error id
-- column: hresult VARCHAR | detailed error
-- column: job_id VARCHAR | the job
-- column: outcome VARCHAR | failed or cancelled
-- column: host VARCHAR | computer whose agent did the work
-- column: explanation VARCHAR | what explains it, in one sentence
-- column: explanation_source VARCHAR | where the explanation comes from
-- column: events BIGINT | failure events on host, guest and DPM server while it ran
-- column: event_list VARCHAR | these events: time, computer, provider/id, VSS operation
-- column: error_text VARCHAR | error text as DPM gave it
SELECT
    night, vm, phase, error_code, hresult, job_id, outcome, host, explanation, explanation_source,
    CAST(events AS BIGINT) AS events, event_list, error_text
FROM failures
WHERE (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
  AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
ORDER BY night DESC, vm, job_id
