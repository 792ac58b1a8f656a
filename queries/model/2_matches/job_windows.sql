-- question: Between which records of the errlog lies the work of VSS, and on which volume?
-- grain: one host-level job that errlogs show
-- key: job_id
-- reads: job_marks, job_tasks, log_matches, machine_names, record_vms
-- column: job_id VARCHAR | The job.
-- column: marks_id VARCHAR | The job_id under which log_markers and job_marks hold its lines.
-- column: vm VARCHAR | Name of the VM.
-- column: host_key VARCHAR | The host in small letters without its domain: what hosts are compared and joined by.
-- column: from_us BIGINT | Earliest time of the work of VSS; microseconds since 1970, UTC.
-- column: to_us BIGINT | Latest time of the work of VSS.
-- column: begin_us BIGINT | When data began to move, or the next time known.
-- column: volume_guid VARCHAR | GUID of the volume that was snapshot, lower case.
-- column: has_provider BOOLEAN | Whether the log shows that DoSnapshotSet returned.
-- Host-level jobs with a log. From the granted claim (last refusal, else AddVolumeForSnapshot) to ProviderId, or the
-- nearest markers that the log does have; begin_us is where the data move begins, until when disks may be mounted.
-- Microseconds since 1970, UTC. Stands on the log and its record alone, beside job_base, so that the events can be
-- matched without it.
SELECT
    k.job_id,
    m.job_id AS marks_id,
    n.vm,
    host_key_of(coalesce(m.host, r.server, m.server_host)) AS host_key,
    coalesce(m.last_refusal_us, m.add_us, m.init_us, least(us_of(t.started_at), m.first_us), m.pit_us) AS from_us,
    coalesce(
        m.provider_us, m.chain_us, m.begin_us, m.complete_us, m.release_us, greatest(us_of(t.ended_at), m.last_us)
    ) AS to_us,
    coalesce(m.begin_us, m.complete_us, m.release_us, greatest(us_of(t.ended_at), m.last_us)) AS begin_us,
    guid_of(m.provider_volume) AS volume_guid,
    m.provider_us IS NOT NULL AS has_provider
FROM job_marks AS m
JOIN log_matches AS k ON k.marks_id = m.job_id
LEFT JOIN record_vms AS r ON r.job_id = k.job_id
LEFT JOIN job_tasks AS t ON t.job_id = k.job_id
LEFT JOIN machine_names AS n ON n.job_id = CASE
    WHEN r.record_vm IS NOT NULL THEN k.job_id WHEN m.is_host_log OR k.disk_vm_from = 'vms' THEN k.marks_id
END
WHERE NOT m.is_online AND (m.is_host_log OR r.is_vm)
