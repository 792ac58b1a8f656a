-- title: Jobs
-- question: Which backup attempts ran, for which VM, when, and how did they end?
-- job_base with what the Windows events add: the gap between the snapshots, the era, and tracking that an event says is lost.
WITH losses AS (
    SELECT j.job_id, max(h.us) AS lost_us
    FROM event_hits AS h
    JOIN vms AS v
        ON h.marker = 'tracking_lost'
        AND regexp_replace(lower(v.vhd_path), '^(?:[a-z]:\\clusterstorage\\[^\\]+\\|[a-z]:\\)', '') = h.disk_key
    JOIN job_base AS j ON j.vm = v.vm AND j.level = 'host' AND epoch_us(j.ended_at) >= h.us
    GROUP BY j.job_id
),
ordered AS (
    SELECT
        j.*,
        l.lost_us IS NOT NULL AND l.lost_us > coalesce(lag(epoch_us(j.started_at)) OVER (
            PARTITION BY j.vm ORDER BY epoch_us(j.started_at)
        ), 0) AS is_tracking_lost
    FROM job_base AS j
    LEFT JOIN losses AS l ON l.job_id = j.job_id
),
versions AS (
    SELECT vm, CAST(nullif(regexp_extract(vm_version, '^(\d+\.\d+)', 1), '') AS DOUBLE) AS version
    FROM vm_disks
    WHERE valid_to_us = 9000000000000000
),
eras AS (
    SELECT
        j.job_id,
        CASE
            WHEN s.mount_us IS NOT NULL THEN 'vhd_mount'
            WHEN contains(coalesce(j.data_source_type, ''), 'RCT') THEN 'data_source_type'
            WHEN v.version IS NOT NULL THEN 'vm_version'
            WHEN j.tracking_from = 'csv_claim' THEN 'csv_claim'
        END AS era_from,
        v.version
    FROM job_base AS j
    LEFT JOIN sightings AS s ON s.job_id = j.job_id
    LEFT JOIN versions AS v ON v.vm = j.vm
    WHERE j.level = 'host'
)
SELECT
    o.job_id, o.dpm_job_id, o.vm, o.vm_from, o.data_source, o.protection_group, o.dpm_server, o.host, o.volume, o.kind, o.level,
    CASE WHEN o.is_tracking_lost AND o.tracking IN ('rct', 'unknown') THEN 'block_compare' ELSE o.tracking END AS tracking,
    CASE WHEN o.is_tracking_lost AND o.tracking IN ('rct', 'unknown') THEN 'event' ELSE o.tracking_from END AS tracking_from,
    o.outcome, o.started_at, o.ended_at, o.duration_s, o.bytes_transferred, o.vhd_bytes, o.claim_refusals, o.provider_kind,
    o.error_code, o.hresult, o.error_text, o.evidence, o.created_at, o.queued_s,
    d.delta_t_s, d.delta_t_min_s, d.delta_t_max_s,
    CASE e.era_from
        WHEN 'vhd_mount' THEN 'A'
        WHEN 'csv_claim' THEN 'A'
        WHEN 'data_source_type' THEN 'C'
        WHEN 'vm_version' THEN CASE WHEN e.version > 5.0 THEN 'C' WHEN e.version = 5.0 THEN 'B' ELSE 'A' END
    END AS era,
    e.era_from,
    o.marks_id, o.record_started_at, o.record_ended_at
FROM ordered AS o
LEFT JOIN deltas AS d ON d.job_id = o.job_id
LEFT JOIN eras AS e ON e.job_id = o.job_id
