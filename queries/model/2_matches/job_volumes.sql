-- question: On which volumes do the disks of a job lie, and which of them were refused?
-- grain: one job that errlogs show and one volume that it marked or asked for
-- key: job_id, volume
-- reads: log_markers
-- column: job_id VARCHAR | The job_id under which job_marks holds its lines.
-- column: volume VARCHAR | The volume.
-- column: volume_key VARCHAR | The same in small letters.
-- column: claim_refusals BIGINT | How often the claim on it was refused.
SELECT
    job_id,
    volume,
    lower(volume) AS volume_key,
    count(CASE WHEN marker = 'claim_refused' THEN 1 END) AS claim_refusals
FROM log_markers
WHERE marker IN ('add_volume', 'claim_refused') AND volume IS NOT NULL
GROUP BY job_id, volume
