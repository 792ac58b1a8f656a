-- question: How much does a job usually send, of how large disks, beside how many others?
-- grain: one job with earlier ones that it is compared with
-- key: job_id
-- reads: job_base, job_company, job_tracking, usual_jobs
-- column: job_id VARCHAR | The job.
-- column: nights BIGINT | How many earlier jobs it is compared with.
-- column: is_weekday BOOLEAN | Whether these are of the same day of the week; else they are the last ones.
-- column: usual_bytes DOUBLE | Median of the bytes that they sent.
-- column: usual_vhd_bytes DOUBLE | Median of the size of the disks.
-- column: usual_on_volume DOUBLE | Median of the other jobs on their volumes.
-- column: usual_on_host DOUBLE | Median of the other jobs on their hosts.
-- Bytes and sizes that no log states do not count.
SELECT
    u.job_id,
    count(*) AS nights,
    bool_and(u.is_weekday) AS is_weekday,
    median(j.bytes_transferred) AS usual_bytes,
    median(t.vhd_bytes) AS usual_vhd_bytes,
    median(c.on_volume) AS usual_on_volume,
    median(c.on_host) AS usual_on_host
FROM usual_jobs AS u
JOIN job_base AS j ON j.job_id = u.usual_job_id
JOIN job_tracking AS t ON t.job_id = u.usual_job_id
LEFT JOIN job_company AS c ON c.job_id = u.usual_job_id
GROUP BY u.job_id
