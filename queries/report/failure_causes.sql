-- title: Failed jobs by cause
-- question: Which errors ended jobs, how often, and whose?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: error_code BIGINT | DPM error id
-- column: hresult VARCHAR | detailed error
-- column: jobs BIGINT | jobs that it ended
-- column: vms BIGINT | VMs among them
-- column: nights BIGINT | nights among them
-- column: last_night DATE | last of them
-- column: refusals BIGINT | refused claims of the volume in these jobs
-- column: error_text VARCHAR | error text of one of them
SELECT
    error_code,
    hresult,
    count(*) AS jobs,
    count(DISTINCT vm) AS vms,
    count(DISTINCT night) AS nights,
    max(night) AS last_night,
    CAST(sum(claim_refusals) AS BIGINT) AS refusals,
    min(error_text) AS error_text
FROM jobs
JOIN job_nights USING (job_id)
WHERE outcome IN ('failed', 'cancelled')
  AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
  AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
GROUP BY error_code, hresult
ORDER BY jobs DESC, error_code, hresult
