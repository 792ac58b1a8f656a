-- question: Between which records of the errlog lies the work of VSS, and on which volume?
-- grain: one host-level job that errlogs show
-- key: job_id
-- reads: job_base, job_marks
-- column: job_id VARCHAR | The job.
-- column: vm VARCHAR | Name of the VM.
-- column: host_key VARCHAR | Computer in small letters, without its domain.
-- column: outcome VARCHAR | How it ended: succeeded, warning, failed, cancelled, running, unknown.
-- column: from_us BIGINT | Earliest time of the work of VSS; microseconds since 1970, UTC.
-- column: to_us BIGINT | Latest time of the work of VSS.
-- column: begin_us BIGINT | When data began to move, or the next time known.
-- column: started_us BIGINT | Start of the job.
-- column: released_us BIGINT | When the snapshot was let go, or the next time known.
-- column: ended_us BIGINT | End of the job.
-- column: volume_guid VARCHAR | GUID of the volume that was snapshot, lower case.
-- column: has_provider BOOLEAN | Whether the log shows that DoSnapshotSet returned.
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
