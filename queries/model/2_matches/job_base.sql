-- title: Jobs before the events
-- question: Which backup attempts ran, for which VM, when, and how did they end?
-- One row per attempt: the job record and what the log shows, joined by log_matches. The record's outcome counts,
-- unless it says that the job still runs and the log shows its end. A job without any evidence but a recovery point on
-- the DPM server's log is one, too.
WITH recorded AS (
    SELECT t.*, r.server, r.is_vm, r.record_vm
    FROM job_tasks AS t
    JOIN record_vms AS r ON r.job_id = t.job_id
),
logged AS (
    SELECT m.*, k.job_id AS record_id, k.owner, k.folder
    FROM job_marks AS m
    JOIN log_matches AS k ON k.marks_id = m.job_id
),
joined AS (
    SELECT
        coalesce(r.job_id, l.record_id) AS job_id,
        coalesce(l.job_id, r.job_id) AS marks_id,
        r.dpm_job_id, r.data_source, r.data_source_type, r.protection_group, r.server, r.is_vm, r.record_vm,
        r.created_at, r.started_at AS record_started_at, r.ended_at AS record_ended_at, r.bytes_transferred,
        r.error_code, r.error_text, CASE WHEN r.job_id IS NULL THEN l.hresult ELSE r.hresult END AS hresult,
        r.job_id IS NOT NULL AS has_record, l.first_us IS NOT NULL AS has_log,
        coalesce(r.dpm_server, l.server_host) AS dpm_server,
        l.host AS log_host, l.server_host, l.owner, l.folder, l.volume, coalesce(l.is_host_log, false) AS is_host_log,
        l.first_us, l.last_us, l.pit_us, coalesce(l.claim_refusals, 0) AS claim_refusals,
        CASE WHEN l.provider_flags = '0' THEN 'software' WHEN l.provider_flags <> '0' THEN 'hardware' END
            AS provider_kind,
        coalesce(l.release_us, l.succeeded_us, l.failed_us) IS NOT NULL AS has_log_end,
        CASE
            WHEN r.outcome NOT IN ('running', 'unknown') THEN r.outcome
            WHEN l.failed_us IS NOT NULL THEN 'failed'
            WHEN l.succeeded_us IS NOT NULL THEN 'succeeded'
            WHEN l.complete_us IS NOT NULL AND l.release_us IS NOT NULL THEN 'succeeded'
            WHEN l.release_us IS NOT NULL AND l.begin_us IS NULL THEN 'failed'
            WHEN r.outcome = 'running' THEN 'running'
            ELSE 'unknown'
        END AS outcome,
        CASE
            WHEN r.kind <> 'other' THEN r.kind
            WHEN l.is_online THEN 'online'
            WHEN coalesce(l.init_us, l.add_us, l.begin_us, l.release_us) IS NOT NULL THEN 'express_full'
            WHEN l.pit_us IS NOT NULL THEN 'recovery_point'
            ELSE 'other'
        END AS kind
    FROM recorded AS r
    FULL OUTER JOIN logged AS l ON l.record_id = r.job_id
),
guests AS (
    SELECT lower(vm) AS vm_key, max(vm) AS vm FROM vms WHERE vm IS NOT NULL GROUP BY lower(vm)
),
named AS (
    SELECT
        j.*,
        coalesce(j.record_vm, j.owner, CASE WHEN j.is_host_log THEN j.folder END, g.vm) AS vm,
        CASE
            WHEN j.record_vm IS NOT NULL THEN 'job_record'
            WHEN j.owner IS NOT NULL THEN 'vms'
            WHEN j.is_host_log AND j.folder IS NOT NULL THEN 'vhd_folder'
            WHEN g.vm IS NOT NULL THEN 'guest'
        END AS vm_from,
        CASE WHEN j.is_vm OR j.is_host_log THEN 'host' WHEN g.vm IS NOT NULL THEN 'guest' END AS level,
        least(coalesce(us_of(j.record_started_at), j.pit_us), j.first_us) AS started_us,
        CASE
            WHEN j.outcome = 'running' THEN NULL
            -- a record that has begun and not ended, and a log that does not show the end either
            WHEN j.record_started_at IS NOT NULL AND j.record_ended_at IS NULL AND NOT j.has_log_end THEN NULL
            ELSE greatest(us_of(j.record_ended_at), j.last_us)
        END AS ended_us
    FROM joined AS j
    LEFT JOIN guests AS g ON g.vm_key = lower(j.server) AND NOT coalesce(j.is_vm, false) AND NOT j.is_host_log
)
SELECT
    n.job_id, n.dpm_job_id, n.vm, n.vm_from, n.data_source, n.protection_group, n.dpm_server,
    CASE
        WHEN n.level = 'guest' THEN n.server
        ELSE coalesce(n.log_host, CASE WHEN n.kind = 'online' THEN n.server_host END, n.server, n.server_host)
    END AS host,
    n.volume, n.kind, n.level, n.outcome, o.is_good, k.owes_sla,
    moment_of(n.started_us) AS started_at,
    moment_of(n.ended_us) AS ended_at,
    (n.ended_us - n.started_us) / 1000000.0 AS duration_s,
    n.bytes_transferred, n.claim_refusals, n.provider_kind, n.error_code, n.hresult, n.error_text,
    CASE WHEN n.has_record AND n.has_log THEN 'record+log' WHEN n.has_record THEN 'record' ELSE 'log' END AS evidence,
    n.created_at,
    CASE WHEN us_of(n.created_at) <= n.started_us THEN (n.started_us - us_of(n.created_at)) / 1000000.0 END AS queued_s,
    n.marks_id, n.record_started_at, n.record_ended_at, n.data_source_type
FROM named AS n
JOIN outcomes AS o ON o.outcome = n.outcome
JOIN kinds AS k ON k.kind = n.kind
