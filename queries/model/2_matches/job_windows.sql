-- title: When each job can have taken its snapshot
-- question: Between which records of the errlog lies the work of VSS, on which volume and for which disks?
-- From the granted claim (last refusal, else AddVolumeForSnapshot) to ProviderId, or the nearest markers that the log does have.
SELECT
    j.job_id,
    j.vm,
    lower(split_part(j.host, '.', 1)) AS host_key,
    j.outcome,
    coalesce(m.last_refusal_us, m.add_us, m.init_us, epoch_us(j.started_at)) AS from_us,
    coalesce(m.provider_us, m.chain_us, m.begin_us, m.complete_us, m.release_us, epoch_us(j.ended_at), m.last_us) AS to_us,
    coalesce(m.begin_us, m.complete_us, m.release_us, epoch_us(j.ended_at), m.last_us) AS begin_us,
    epoch_us(j.started_at) AS started_us,
    coalesce(m.release_us, epoch_us(j.ended_at), m.last_us) AS released_us,
    coalesce(epoch_us(j.ended_at), m.last_us) AS ended_us,
    nullif(regexp_extract(lower(m.provider_volume), '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}', 0), '') AS volume_guid,
    m.provider_us IS NOT NULL AS has_provider
FROM job_base AS j
JOIN job_marks AS m ON m.job_id = j.marks_id
WHERE j.level = 'host' AND NOT coalesce(m.is_online, false) AND j.started_at IS NOT NULL
