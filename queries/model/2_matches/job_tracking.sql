-- question: Did the job compare whole disks, or did tracking tell it what to send, and how large were the disks?
-- grain: one attempt for one data source
-- key: job_id
-- reads: event_hits, job_base, job_volumes, site, tracking_errors, vm_disks, vm_paths
-- column: job_id VARCHAR | The job.
-- column: vhd_bytes BIGINT | Size of the VM's virtual disks at that time: what a block compare reads.
-- column: tracking VARCHAR | How changed blocks are found: block_compare, change_tracking, rct, unknown.
-- column: tracking_from VARCHAR | What says how, NULL where nothing does.
-- Disks grow: between two collections their size is taken to grow evenly; before the first and after the last it is
-- that of the nearest, and so it is where the day of a collection is not known.
-- Consistency checks and initial replicas compare everything; so does a backup with RCT after an error that loses its
-- tracking (queries/model/rules/tracking_errors.csv), and one whose host or guest logged that tracking was lost since
-- the job before it. A refused claim shows block compare only on hosts before 2012 R2 (VM version below 5.0): from then
-- on express full tracks changes, on Cluster Shared Volumes too (dpm-formats chapter 5).
WITH claimed AS (
    SELECT DISTINCT v.job_id AS marks_id
    FROM job_volumes AS v
    JOIN (SELECT DISTINCT volume_key FROM job_volumes WHERE claim_refusals > 0) AS r ON r.volume_key = v.volume_key
),
ordered AS (
    SELECT
        job_id, vm, level, kind, error_code, us_of(started_at) AS started_us, us_of(ended_at) AS ended_us, marks_id,
        contains(coalesce(data_source_type, ''), 'RCT') AS is_rct,
        lag(error_code) OVER by_vm AS previous_error,
        lag(us_of(started_at)) OVER by_vm AS previous_us
    FROM job_base
    WINDOW by_vm AS (PARTITION BY vm ORDER BY us_of(started_at))
),
losses AS (
    SELECT j.job_id, max(h.us) AS lost_us
    FROM event_hits AS h
    JOIN vm_paths AS p ON p.disk_key = h.disk_key
    JOIN ordered AS j ON j.vm = p.vm AND j.level = 'host' AND j.ended_us >= h.us
    WHERE h.marker = 'tracking_lost'
    GROUP BY j.job_id
),
told AS (
    SELECT
        j.job_id,
        CASE
            WHEN j.started_us <= us_of(d.collected_at) OR us_of(d.collected_at) = 0 OR n.vhd_bytes IS NULL
                THEN d.vhd_bytes
            ELSE d.vhd_bytes + CAST((n.vhd_bytes - d.vhd_bytes) * ((j.started_us - us_of(d.collected_at))
                / (us_of(n.collected_at) - us_of(d.collected_at))) AS BIGINT)
        END AS vhd_bytes,
        site.tracking AS site_tracking,
        coalesce(l.lost_us > coalesce(j.previous_us, 0), false) AS is_lost,
        CASE
            WHEN j.kind IN ('consistency_check', 'initial_replica') THEN 'kind'
            WHEN j.is_rct AND e.error_code IS NOT NULL THEN 'error'
            WHEN j.is_rct THEN 'data_source_type'
            WHEN j.level = 'guest' THEN 'level'
            WHEN j.level = 'host' AND c.marks_id IS NOT NULL AND coalesce(d.version, 0) < 5 THEN 'csv_claim'
            WHEN j.level = 'host' AND j.kind <> 'online' AND site.tracking IS NOT NULL THEN 'site'
            WHEN j.level = 'host' AND j.kind <> 'online' AND d.version >= 5 THEN 'era'
        END AS tracking_from
    FROM ordered AS j
    CROSS JOIN site
    LEFT JOIN claimed AS c ON c.marks_id = j.marks_id
    LEFT JOIN tracking_errors AS e ON e.error_code = j.previous_error
    LEFT JOIN losses AS l ON l.job_id = j.job_id
    LEFT JOIN vm_disks AS d
        ON d.vm = j.vm AND coalesce(j.started_us, 0) >= d.valid_from_us
        AND (d.is_latest OR coalesce(j.started_us, 0) < d.valid_to_us)
    LEFT JOIN vm_disks AS n ON n.vm = d.vm AND n.valid_from_us = d.valid_to_us
),
tracked AS (
    SELECT
        *,
        CASE tracking_from
            WHEN 'kind' THEN 'block_compare'
            WHEN 'error' THEN 'block_compare'
            WHEN 'data_source_type' THEN 'rct'
            WHEN 'level' THEN 'change_tracking'
            WHEN 'csv_claim' THEN 'block_compare'
            WHEN 'site' THEN site_tracking
            WHEN 'era' THEN 'change_tracking'
            ELSE 'unknown'
        END AS tracking
    FROM told
)
SELECT
    job_id,
    vhd_bytes,
    CASE WHEN is_lost AND tracking IN ('rct', 'unknown') THEN 'block_compare' ELSE tracking END AS tracking,
    CASE WHEN is_lost AND tracking IN ('rct', 'unknown') THEN 'event' ELSE tracking_from END AS tracking_from
FROM tracked
