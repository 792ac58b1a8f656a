-- question: Which backup attempts ran, for which VM, when, and how did they end?
-- grain: one attempt for one data source
-- key: job_id
-- reads: deltas, job_base, job_tracking, sightings, vm_disks
-- column: job_id VARCHAR | DPM's task GUID, upper case; LOG- or REC- and a stable digest where there is none.
-- column: dpm_job_id VARCHAR | DPM's job GUID; several tasks may share it.
-- column: vm VARCHAR | Label of the machine, as in machines; NULL where nothing names it.
-- column: vm_from VARCHAR | What names the VM: job_record, vms, vhd_folder, guest.
-- column: data_source VARCHAR | Data source as DPM names it.
-- column: protection_group VARCHAR | Protection group.
-- column: dpm_server VARCHAR | DPM server.
-- column: host VARCHAR | Computer whose agent did the work.
-- column: volume VARCHAR | Volume that was snapshot, first one named.
-- column: volumes VARCHAR | All of them, in the order of their names: A; B.
-- column: kind VARCHAR | What the job does.
-- column: kind_from VARCHAR | What tells that, NULL where nothing does.
-- column: level VARCHAR | Where the agent runs, NULL where nothing tells: host, guest.
-- column: tracking VARCHAR | How changed blocks are found: block_compare, change_tracking, rct, unknown.
-- column: tracking_from VARCHAR | What says how, NULL where nothing does.
-- column: outcome VARCHAR | How it ended: succeeded, warning, failed, cancelled, running, unknown.
-- column: is_good BOOLEAN | Whether a recovery point came of it.
-- column: owes_sla BOOLEAN | Whether a job of its kind makes the recovery point that the SLA asks for.
-- column: started_at TIMESTAMP WITH TIME ZONE | Start of the attempt: earliest of job record and markers.
-- column: ended_at TIMESTAMP WITH TIME ZONE | End of the attempt, NULL while it runs.
-- column: duration_s DOUBLE | ended_at - started_at.
-- column: bytes_transferred BIGINT | Bytes sent to the DPM server.
-- column: vhd_bytes BIGINT | Size of the VM's virtual disks: what a block compare reads.
-- column: claim_refusals BIGINT | How often the claim on the Cluster Shared Volume was refused.
-- column: provider_kind VARCHAR | Who makes the snapshot, NULL where the log does not say: software, hardware.
-- column: error_code BIGINT | DPM error id.
-- column: hresult VARCHAR | Detailed error, 0x and eight digits.
-- column: error_text VARCHAR | Error text as DPM gave it.
-- column: evidence VARCHAR | What is known of it: record+log, record, log.
-- column: created_at TIMESTAMP WITH TIME ZONE | When DPM created the task, NULL where no record says so.
-- column: queued_s DOUBLE | started_at - created_at: how long the job waited in DPM's own queue.
-- column: delta_t_s DOUBLE | Gap between in-guest and host snapshot, middle of its bounds; NULL without guest events.
-- column: delta_t_min_s DOUBLE | Shortest gap that the evidence allows, clock offset included.
-- column: delta_t_max_s DOUBLE | Longest gap that the evidence allows, clock offset included.
-- column: era VARCHAR | How post-snapshot works there, NULL where nothing shows it: A, B, C.
-- column: era_from VARCHAR | What shows the era: vhd_mount, data_source_type, vm_version, csv_claim.
-- column: marks_id VARCHAR | The job_id under which job_marks holds its lines.
-- column: record_started_at TIMESTAMP WITH TIME ZONE | Start that the job record states.
-- column: record_ended_at TIMESTAMP WITH TIME ZONE | End that the job record states.
-- job_base with what the Windows events add: the gap between the snapshots, the era, and tracking that an event says is
-- lost.
WITH eras AS (
    SELECT
        j.job_id,
        CASE
            WHEN s.mount_us IS NOT NULL THEN 'vhd_mount'
            WHEN contains(coalesce(j.data_source_type, ''), 'RCT') THEN 'data_source_type'
            WHEN v.version IS NOT NULL THEN 'vm_version'
            WHEN t.tracking_from = 'csv_claim' THEN 'csv_claim'
        END AS era_from,
        v.version
    FROM job_base AS j
    JOIN job_tracking AS t ON t.job_id = j.job_id
    LEFT JOIN sightings AS s ON s.job_id = j.job_id
    LEFT JOIN vm_disks AS v ON v.vm = j.vm AND v.is_latest
    WHERE j.level = 'host'
)
SELECT
    j.job_id, j.dpm_job_id, j.vm, j.vm_from, j.data_source, j.protection_group, j.dpm_server, j.host, j.volume,
    j.volumes, j.kind, j.kind_from, j.level, t.tracking, t.tracking_from, j.outcome, j.is_good, j.owes_sla,
    j.started_at, j.ended_at, j.duration_s, j.bytes_transferred, t.vhd_bytes, j.claim_refusals, j.provider_kind,
    j.error_code, j.hresult, j.error_text, j.evidence, j.created_at, j.queued_s,
    d.delta_t_s, d.delta_t_min_s, d.delta_t_max_s,
    CASE e.era_from
        WHEN 'vhd_mount' THEN 'A'
        WHEN 'csv_claim' THEN 'A'
        WHEN 'data_source_type' THEN 'C'
        WHEN 'vm_version' THEN CASE WHEN e.version > 5.0 THEN 'C' WHEN e.version = 5.0 THEN 'B' ELSE 'A' END
    END AS era,
    e.era_from,
    j.marks_id, j.record_started_at, j.record_ended_at
FROM job_base AS j
JOIN job_tracking AS t ON t.job_id = j.job_id
LEFT JOIN deltas AS d ON d.job_id = j.job_id
LEFT JOIN eras AS e ON e.job_id = j.job_id
