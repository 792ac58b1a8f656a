-- question: To which job record does each job of an errlog belong, and which VM do its disks name?
-- grain: one job that errlogs show
-- key: marks_id
-- reads: job_tasks, log_markers, record_vms, vms
-- column: marks_id VARCHAR | The job_id under which log_markers and job_marks hold its lines.
-- column: job_id VARCHAR | The job that it is: that of its job record, else the same.
-- column: disk_vm VARCHAR | VM that its disk names: its owner by the inventory, else the folder it lies in.
-- column: disk_vm_from VARCHAR | Which of them named it: job_record, vms, vhd_folder, guest.
-- One row per job of a log (marks_id): job_id is that of its record, else its own. A task GUID names both. A log
-- without GUIDs joins the record of the same computer, VM and volume (where known) that encloses it, five minutes of
-- clock difference allowed, and lies nearest to it; where two records lie equally near (within two seconds) and no disk
-- names the VM, it stays on its own.
WITH disk_owners AS (
    SELECT lower(vhd_path) AS vhd_key, lower(vm) AS vm_key, max(vm) AS vm
    FROM vms
    WHERE vhd_path IS NOT NULL AND vm IS NOT NULL
    GROUP BY lower(vhd_path), lower(vm)
),
disk_volumes AS (
    SELECT DISTINCT
        lower(vm) AS vm_key,
        lower(
            coalesce(nullif(regexp_extract(vhd_path, '^(.:\\ClusterStorage\\[^\\]+\\)', 1), ''), left(vhd_path, 3))
        ) AS volume_key
    FROM vms
    WHERE vm IS NOT NULL AND vhd_path IS NOT NULL
),
named AS (
    SELECT l.*, o.vm AS owner, nullif(
        regexp_extract(l.vhd_path, '([^\\]+)\\(?:Virtual Hard Disks\\)?[^\\]+$', 1), ''
    ) AS folder
    FROM (
        SELECT job_id AS marks_id, min(CASE WHEN marker = 'vhd_chain' THEN detail END) AS vhd_path
        FROM log_markers
        GROUP BY job_id
    ) AS l
    LEFT JOIN (SELECT vhd_key, max(vm) AS vm FROM disk_owners GROUP BY vhd_key) AS o ON o.vhd_key = lower(l.vhd_path)
),
loose AS (
    -- jobs without a GUID alone look for a record; of all others the path of their disk is enough
    SELECT
        job_id AS loose_id,
        max(CASE WHEN scope = 'online' THEN 1 ELSE 0 END) = 1 AS is_online,
        host_key_of(CASE WHEN is_online THEN max(CASE WHEN scope = 'online' OR scope = 'recovery_point' THEN host END)
            ELSE max(CASE WHEN scope = 'host' THEN host END) END) AS host_key,
        min(CASE WHEN scope = 'host' OR scope = 'online' THEN us END) AS first_us,
        max(CASE WHEN scope = 'host' OR scope = 'online' THEN us END) AS last_us,
        max(CASE WHEN marker = 'release_snapshot' THEN us END) AS release_us,
        max(CASE WHEN marker IN ('begin_data_move', 'start_backup_complete') THEN 1 ELSE 0 END) = 1 AS has_moved,
        min(CASE WHEN marker = 'add_volume' THEN volume END) AS volume
    FROM log_markers
    WHERE left(job_id, 4) = 'LOG-'
    GROUP BY job_id
),
pairs AS (
    SELECT
        n.marks_id,
        t.job_id,
        n.owner IS NOT NULL OR n.folder IS NOT NULL AS is_named,
        abs(us_of(t.started_at) - l.first_us) + coalesce(abs(us_of(t.ended_at) - l.release_us), 0) AS apart_us
    FROM loose AS l
    JOIN named AS n ON n.marks_id = l.loose_id
    JOIN record_vms AS r ON r.host_key = l.host_key AND r.is_online = l.is_online
    JOIN job_tasks AS t ON t.job_id = r.job_id
    LEFT JOIN (
        SELECT DISTINCT m.job_id FROM log_markers AS m JOIN job_tasks AS t ON t.job_id = m.job_id
        WHERE m.scope IN ('host', 'online') AND m.us IS NOT NULL
    ) AS own ON own.job_id = t.job_id
    LEFT JOIN disk_volumes AS d ON d.vm_key = lower(r.record_vm) AND d.volume_key = lower(l.volume)
    LEFT JOIN (SELECT DISTINCT vm_key FROM disk_volumes) AS k ON k.vm_key = lower(r.record_vm)
    LEFT JOIN disk_owners AS o ON o.vhd_key = lower(n.vhd_path) AND o.vm_key = lower(r.record_vm)
    WHERE own.job_id IS NULL
        AND us_of(t.started_at) - 300000000 <= l.first_us
        AND (t.ended_at IS NULL OR us_of(t.ended_at) + 300000000 >= l.last_us)
        AND (r.record_vm IS NULL OR o.vm IS NOT NULL
            OR n.owner IS NULL AND lower(coalesce(n.folder, r.record_vm)) = lower(r.record_vm))
        AND (l.volume IS NULL OR k.vm_key IS NULL OR d.vm_key IS NOT NULL)
        AND (l.is_online OR l.has_moved OR NOT t.is_good)
),
ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY marks_id ORDER BY apart_us, job_id) AS log_place,
        row_number() OVER (PARTITION BY job_id ORDER BY apart_us, marks_id) AS record_place,
        lead(apart_us) OVER (PARTITION BY marks_id ORDER BY apart_us, job_id) - apart_us AS margin_us
    FROM pairs
),
matched AS (
    SELECT marks_id, job_id
    FROM ranked
    WHERE log_place = 1 AND record_place = 1 AND (is_named OR margin_us IS NULL OR margin_us > 2000000)
)
SELECT
    l.marks_id,
    coalesce(m.job_id, l.marks_id) AS job_id,
    coalesce(l.owner, l.folder) AS disk_vm,
    CASE WHEN l.owner IS NOT NULL THEN 'vms' WHEN l.folder IS NOT NULL THEN 'vhd_folder' END AS disk_vm_from
FROM named AS l
LEFT JOIN matched AS m ON m.marks_id = l.marks_id
-- a recovery point that the DPM server's log shows under the record's own GUID
LEFT JOIN matched AS taken ON taken.job_id = l.marks_id
WHERE taken.job_id IS NULL
