-- title: Failed jobs by cause
-- question: What ended jobs, in which phase, how often, and whose?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: explanation VARCHAR | what explains it, in one sentence; NULL where nothing does
-- column: cause VARCHAR | the explanation, else the error text of one of these jobs
-- column: phase VARCHAR | phase in which these jobs ended, NULL where no log shows it
-- column: error_code BIGINT | DPM error id
-- column: hresult VARCHAR | detailed error
-- column: jobs BIGINT | jobs that it ended
-- column: vms BIGINT | VMs among them
-- column: nights BIGINT | nights among them
-- column: last_night DATE | last of them
-- column: with_events BIGINT | of these jobs, those around which host, guest or DPM server logged a failure event
-- column: refusals BIGINT | refused claims of the volume in these jobs
-- column: explanation_source VARCHAR | where the explanation comes from
-- column: error_text VARCHAR | error text of one of them
SELECT
    failures.explanation,
    coalesce(failures.explanation, min(failures.error_text)) AS cause,
    failures.phase,
    failures.error_code,
    failures.hresult,
    count(*) AS jobs,
    count(DISTINCT failures.vm) AS vms,
    count(DISTINCT failures.night) AS nights,
    max(failures.night) AS last_night,
    count(*) FILTER (WHERE failures.events > 0) AS with_events,
    CAST(sum(jobs.claim_refusals) AS BIGINT) AS refusals,
    min(failures.explanation_source) AS explanation_source,
    min(failures.error_text) AS error_text
FROM failures
LEFT JOIN jobs ON jobs.job_id = failures.job_id
WHERE (CAST($since AS DATE) IS NULL OR failures.night >= CAST($since AS DATE))
  AND (CAST($until AS DATE) IS NULL OR failures.night <= CAST($until AS DATE))
GROUP BY failures.explanation, failures.phase, failures.error_code, failures.hresult
ORDER BY jobs DESC, failures.explanation, failures.phase, failures.error_code, failures.hresult
