-- title: Jobs
-- question: Which backup attempts ran, for which VM, when, and how did they end?
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
    j.kind, j.level, t.tracking, t.tracking_from, j.outcome, j.is_good, j.owes_sla, j.started_at, j.ended_at,
    j.duration_s, j.bytes_transferred, t.vhd_bytes, j.claim_refusals, j.provider_kind, j.error_code,
    j.hresult, j.error_text, j.evidence, j.created_at, j.queued_s,
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
