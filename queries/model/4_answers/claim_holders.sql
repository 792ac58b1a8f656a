-- question: Who held the volume while a claim on it was refused?
-- grain: one job whose claim on a volume was refused, and one that held the volume meanwhile
-- key: job_id, holder_job_id
-- reads: boundaries, job_base, job_volumes
-- column: job_id VARCHAR | The job that waited.
-- column: vm VARCHAR | Its VM.
-- column: night DATE | Its night.
-- column: holder_job_id VARCHAR | A job that ran meanwhile.
-- column: holder_vm VARCHAR | VM of that job.
-- column: overlap_s DOUBLE | For how long it held the volume while the other waited.
-- Another job holds a volume from its own granted claim to its release, whichever of its volumes that is.
WITH timed AS (
    SELECT b.job_id, max(j.vm) AS vm, max(j.night) AS night, max(j.marks_id) AS marks_id,
        max(CASE WHEN b.place = 1 THEN b.us END) AS asked_us, max(CASE WHEN b.place = 2 THEN b.us END) AS granted_us,
        min(CASE WHEN b.place IN (6, 7) THEN b.us END) AS released_us
    FROM boundaries AS b
    JOIN job_base AS j ON j.job_id = b.job_id
    GROUP BY b.job_id
),
held AS (
    SELECT t.*, v.volume_key, v.claim_refusals
    FROM timed AS t
    JOIN job_volumes AS v ON v.job_id = t.marks_id
)
SELECT DISTINCT
    w.job_id,
    w.vm,
    w.night,
    h.job_id AS holder_job_id,
    h.vm AS holder_vm,
    (least(h.released_us, w.granted_us) - greatest(h.granted_us, w.asked_us)) / 1000000.0 AS overlap_s
FROM held AS w
JOIN held AS h
    ON h.volume_key = w.volume_key AND h.job_id <> w.job_id
    AND h.granted_us < w.granted_us AND h.released_us > w.asked_us
WHERE w.claim_refusals > 0
