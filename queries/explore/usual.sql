-- title: A job against its own normal
-- question: Why was this job slow against last week: which phase, how much more data, how many others beside it?
-- param: job_id VARCHAR = '' | the job, from jobs.job_id; its first characters will do, as a narrow screen shows them
-- param: vm VARCHAR = '' | instead of the job: that of this VM ...
-- param: night DATE = NULL | ... that decides this night (its good attempt, else the last); NULL for its last one
-- column: part VARCHAR | the phase, unaccounted, queue, or job for the whole
-- column: now_s DOUBLE | its length
-- column: usual_s DOUBLE | median of the last four good jobs of the VM on that weekday, where fewer than two of its last four
-- column: more_s DOUBLE | now_s - usual_s
-- column: grade VARCHAR | how well its length is known
-- column: usual_nights VARCHAR | the nights it is compared with
-- column: bytes_transferred BIGINT | bytes sent
-- column: usual_bytes DOUBLE | median of the earlier jobs
-- column: on_volume BIGINT | other jobs on its volume while it ran
-- column: usual_on_volume DOUBLE | median of the earlier jobs
-- column: vhd_bytes BIGINT | size of the disks
-- column: usual_vhd_bytes DOUBLE | median of the earlier jobs
-- column: on_host BIGINT | other jobs on its host while it ran
-- column: usual_on_host DOUBLE | median of the earlier jobs
-- column: outcome VARCHAR | how it ended; the earlier ones ended well
-- column: kind VARCHAR | kind of job
-- column: night DATE | its night
-- column: job_id VARCHAR | the job
WITH chosen AS (
    SELECT j.*, n.night
    FROM jobs AS j
    JOIN job_nights AS n ON n.job_id = j.job_id
    WHERE id_fits(j.job_id, $job_id)
        OR ($vm <> '' AND j.job_id = (
            SELECT max_by(r.job_id, r.night) FROM night_results AS r
            WHERE r.vm = $vm AND (CAST($night AS DATE) IS NULL OR r.night = CAST($night AS DATE))
        ))
),
nights_of AS (
    SELECT job_id, string_agg(CAST(usual_night AS VARCHAR), ', ' ORDER BY usual_night) AS usual_nights
    FROM usual_jobs
    GROUP BY job_id
)
SELECT
    p.part, p.now_s, p.usual_s, p.more_s, p.grade, n.usual_nights,
    j.bytes_transferred, u.usual_bytes, c.on_volume, u.usual_on_volume, j.vhd_bytes, u.usual_vhd_bytes, c.on_host,
    u.usual_on_host, j.outcome, j.kind, j.night, j.job_id
FROM chosen AS j
JOIN usual_parts AS p ON p.job_id = j.job_id
JOIN usual_work AS u ON u.job_id = j.job_id
JOIN nights_of AS n ON n.job_id = j.job_id
LEFT JOIN job_company AS c ON c.job_id = j.job_id
ORDER BY j.night, j.started_at, j.job_id, p.part = 'job' DESC, p.more_s DESC NULLS LAST, p.part
