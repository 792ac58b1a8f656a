-- question: Who held the volume while a claim on it was refused?
-- grain: one job whose claim on a volume was refused, and one that held the volume meanwhile
-- key: job_id, holder_job_id
-- reads: boundaries, job_base
-- column: job_id VARCHAR | The job that waited.
-- column: vm VARCHAR | Its VM.
-- column: holder_job_id VARCHAR | A job that ran meanwhile.
-- column: holder_vm VARCHAR | VM of that job.
-- column: overlap_s DOUBLE | For how long it held the volume while the other waited.
-- Another job holds the volume from its own granted claim to its release.
WITH held AS (
    SELECT b.job_id, max(j.vm) AS vm, max(lower(j.volume)) AS volume_key, max(j.claim_refusals) AS claim_refusals,
        max(CASE WHEN b.place = 1 THEN b.us END) AS asked_us, max(CASE WHEN b.place = 2 THEN b.us END) AS granted_us,
        max(CASE WHEN b.place IN (6, 7) THEN b.us END) AS released_us
    FROM boundaries AS b
    JOIN job_base AS j ON j.job_id = b.job_id
    GROUP BY b.job_id
)
SELECT
    w.job_id,
    w.vm,
    h.job_id AS holder_job_id,
    h.vm AS holder_vm,
    (least(h.released_us, w.granted_us) - greatest(h.granted_us, w.asked_us)) / 1000000.0 AS overlap_s
FROM held AS w
JOIN held AS h
    ON h.volume_key = w.volume_key AND h.job_id <> w.job_id
    AND h.granted_us < w.granted_us AND h.released_us > w.asked_us
WHERE w.claim_refusals > 0
