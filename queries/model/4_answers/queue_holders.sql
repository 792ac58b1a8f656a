-- question: Who held the queue while a job waited?
-- grain: one job that waited in DPM's queue, and one that ran meanwhile
-- key: job_id, holder_job_id
-- reads: job_base, job_volumes
-- column: job_id VARCHAR | The job that waited.
-- column: vm VARCHAR | Its VM.
-- column: night DATE | Its night.
-- column: holder_job_id VARCHAR | A job that ran meanwhile.
-- column: holder_vm VARCHAR | VM of that job.
-- column: shared VARCHAR | The narrowest thing that both share: volume, host, protection_group, dpm_server.
-- column: overlap_s DOUBLE | For how long it ran while the other waited.
-- The narrowest thing that both share is named; of disks on several volumes one is enough. Waits of less than a minute
-- are not asked for.
WITH timed AS (
    SELECT
        job_id, vm, night, marks_id, host_key_of(host) AS host_key, host_key_of(dpm_server) AS dpm_server_key,
        protection_group, queued_s, us_of(created_at) AS created_us, us_of(started_at) AS started_us,
        us_of(ended_at) AS ended_us
    FROM job_base
),
met AS (
    SELECT
        w.*, r.job_id AS holder_job_id, r.vm AS holder_vm, r.marks_id AS holder_marks_id,
        CASE
            WHEN r.host_key = w.host_key THEN 'host'
            WHEN r.protection_group = w.protection_group THEN 'protection_group'
            ELSE 'dpm_server'
        END AS wider,
        (least(r.ended_us, w.started_us) - greatest(r.started_us, w.created_us)) / 1000000.0 AS overlap_s
    FROM timed AS w
    JOIN timed AS r
        ON r.dpm_server_key = w.dpm_server_key AND r.job_id <> w.job_id
        AND r.started_us < w.started_us AND r.ended_us > w.created_us
    WHERE w.queued_s >= 60
),
shared_volumes AS (
    SELECT DISTINCT m.job_id, m.holder_job_id
    FROM met AS m
    JOIN job_volumes AS v ON v.job_id = m.marks_id
    JOIN job_volumes AS o ON o.job_id = m.holder_marks_id AND o.volume_key = v.volume_key
)
SELECT
    m.job_id, m.vm, m.night, m.holder_job_id, m.holder_vm,
    CASE WHEN s.job_id IS NULL THEN m.wider ELSE 'volume' END AS shared,
    m.overlap_s
FROM met AS m
LEFT JOIN shared_volumes AS s ON s.job_id = m.job_id AND s.holder_job_id = m.holder_job_id
