-- question: Which backup attempts ran, for which VM, when, and how did they end?
-- grain: one attempt for one data source, before the events are asked
-- key: job_id
-- reads: job_marks, job_tasks, kinds, log_matches, machine_names, outcomes, record_vms, server_traces, site
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
-- column: outcome VARCHAR | How it ended: succeeded, warning, failed, cancelled, running, unknown.
-- column: is_good BOOLEAN | Whether a recovery point came of it.
-- column: owes_sla BOOLEAN | Whether a job of its kind makes the recovery point that the SLA asks for.
-- column: started_at TIMESTAMP WITH TIME ZONE | Start of the attempt: earliest of job record and markers.
-- column: ended_at TIMESTAMP WITH TIME ZONE | End of the attempt, NULL while it runs.
-- column: duration_s DOUBLE | ended_at - started_at.
-- column: bytes_transferred BIGINT | Bytes sent to the DPM server.
-- column: claim_refusals BIGINT | How often the claim on the Cluster Shared Volume was refused.
-- column: provider_kind VARCHAR | Who makes the snapshot, NULL where the log does not say: software, hardware.
-- column: error_code BIGINT | DPM error id.
-- column: hresult VARCHAR | Detailed error, 0x and eight digits.
-- column: error_text VARCHAR | Error text as DPM gave it.
-- column: evidence VARCHAR | What is known of it: record+log, record, log.
-- column: created_at TIMESTAMP WITH TIME ZONE | When DPM created the task, NULL where no record says so.
-- column: queued_s DOUBLE | started_at - created_at: how long the job waited in DPM's own queue.
-- column: marks_id VARCHAR | The job_id under which job_marks holds its lines.
-- column: record_started_at TIMESTAMP WITH TIME ZONE | Start that the job record states.
-- column: record_ended_at TIMESTAMP WITH TIME ZONE | End that the job record states.
-- column: data_source_type VARCHAR | Data source type as read.
-- column: night DATE | Night it counts to: local date on which its backup window opens.
-- The job record and what the log shows, joined by log_matches. The record's outcome counts, unless it says that the
-- job still runs and the log shows its end. A computer that bears the name of a VM is that VM. What a job without a
-- record did is told by the DPM server's own lines (server_traces): CreatePIT after the work of a host is an express
-- full or a first copy, which no line tells apart; what ended well without one was a check; all else is other, and
-- never a backup. Where the host's own lines lie outside the record by more than its times are precise, the host's
-- clock is off (job_clocks) and the record counts.
WITH recorded AS (
    SELECT t.*, r.server, r.is_vm, r.record_vm, r.guest_vm AS bearer
    FROM job_tasks AS t JOIN record_vms AS r ON r.job_id = t.job_id
),
logged AS (
    SELECT m.*, k.job_id AS record_id, k.disk_vm, k.disk_vm_from, s.kind_from, s.server AS tracing_server
    FROM job_marks AS m JOIN log_matches AS k ON k.marks_id = m.job_id
    LEFT JOIN server_traces AS s ON s.job_id = m.job_id
),
joined AS (
    SELECT
        r.*, l.host, coalesce(l.server_host, l.tracing_server) AS server_host, l.disk_vm, l.disk_vm_from,
        l.volume, l.volumes, l.first_us, l.last_us, l.pit_us,
        l.provider_flags, coalesce(r.job_id, l.record_id) AS id, coalesce(l.job_id, r.job_id) AS marks_id,
        CASE WHEN r.job_id IS NULL THEN l.hresult ELSE r.hresult END AS failure,
        coalesce(l.is_host_log, false) AS is_host_log, coalesce(l.claim_refusals, 0) AS claim_refusals,
        coalesce(l.release_us, l.succeeded_us, l.failed_us) IS NOT NULL AS has_log_end,
        CASE
            WHEN r.outcome NOT IN ('running', 'unknown') THEN r.outcome
            WHEN l.failed_us IS NOT NULL THEN 'failed'
            WHEN l.succeeded_us IS NOT NULL OR l.complete_us IS NOT NULL AND l.release_us IS NOT NULL THEN 'succeeded'
            WHEN l.release_us IS NOT NULL AND l.begin_us IS NULL THEN 'failed'
            ELSE coalesce(r.outcome, 'unknown')
        END AS ended_as,
        CASE WHEN r.kind <> 'other' THEN 'job_record' WHEN l.is_online THEN 'online_lines'
            WHEN l.pit_us IS NOT NULL THEN 'create_pit' ELSE l.kind_from END AS told_by
    FROM recorded AS r FULL OUTER JOIN logged AS l ON l.record_id = r.job_id
),
named AS (
    SELECT
        *,
        CASE told_by
            WHEN 'job_record' THEN kind
            WHEN 'online_lines' THEN 'online'
            WHEN 'create_pit' THEN CASE WHEN is_host_log THEN 'express_full' ELSE 'recovery_point' END
            ELSE CASE WHEN told_by IS NOT NULL AND ended_as = 'succeeded' THEN 'consistency_check' ELSE 'other' END
        END AS did,
        CASE WHEN NOT is_host_log THEN bearer END AS guest_vm,
        CASE WHEN is_host_log OR disk_vm_from = 'vms' THEN disk_vm END AS owner,
        CASE WHEN is_host_log AND us_of(started_at) > first_us + 1000000 THEN us_of(started_at)
            ELSE least(coalesce(us_of(started_at), pit_us), first_us) END AS started_us,
        CASE WHEN ended_as <> 'running' AND (started_at IS NULL OR ended_at IS NOT NULL OR has_log_end) THEN CASE
            WHEN is_host_log AND last_us > us_of(ended_at)
                + least(slack_of(us_of(started_at)), slack_of(us_of(ended_at))) THEN us_of(ended_at)
            ELSE greatest(us_of(ended_at), last_us) END END AS ended_us
    FROM joined
)
SELECT
    n.id AS job_id, n.dpm_job_id, m.vm,
    CASE WHEN m.vm IS NULL THEN NULL WHEN n.record_vm IS NOT NULL THEN 'job_record'
        WHEN n.owner IS NOT NULL THEN n.disk_vm_from
        WHEN n.guest_vm IS NOT NULL THEN 'guest' END AS vm_from,
    n.data_source, n.protection_group, coalesce(n.dpm_server, n.server_host) AS dpm_server,
    CASE WHEN n.guest_vm IS NOT NULL THEN n.server
        ELSE coalesce(n.host, CASE WHEN n.did = 'online' THEN n.server_host END, n.server, n.server_host) END AS host,
    n.volume, n.volumes, n.did AS kind, CASE WHEN n.did <> 'other' THEN n.told_by END AS kind_from,
    CASE WHEN n.is_vm OR n.is_host_log THEN 'host' WHEN n.guest_vm IS NOT NULL THEN 'guest' END AS level,
    n.ended_as AS outcome, o.is_good, k.owes_sla, moment_of(n.started_us) AS started_at,
    moment_of(n.ended_us) AS ended_at, (n.ended_us - n.started_us) / 1000000.0 AS duration_s,
    n.bytes_transferred, n.claim_refusals,
    CASE WHEN n.provider_flags = '0' THEN 'software' WHEN n.provider_flags <> '0' THEN 'hardware' END AS provider_kind,
    n.error_code, n.failure AS hresult, n.error_text,
    CASE WHEN n.job_id IS NULL THEN 'log' WHEN n.first_us IS NULL THEN 'record' ELSE 'record+log' END AS evidence,
    n.created_at,
    CASE WHEN us_of(n.created_at) <= n.started_us THEN (n.started_us - us_of(n.created_at)) / 1000000.0 END AS queued_s,
    n.marks_id, n.started_at AS record_started_at, n.ended_at AS record_ended_at, n.data_source_type,
    night_of(s.time_zone, s.night_shift_s, coalesce(n.created_at, moment_of(n.started_us))) AS night
FROM named AS n CROSS JOIN site AS s
LEFT JOIN machine_names AS m ON m.job_id = CASE
    WHEN n.record_vm IS NOT NULL OR n.owner IS NULL AND n.guest_vm IS NOT NULL THEN n.job_id
    WHEN n.owner IS NOT NULL THEN n.marks_id
END
JOIN outcomes AS o ON o.outcome = n.ended_as
JOIN kinds AS k ON k.kind = n.did
