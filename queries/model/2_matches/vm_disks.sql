-- question: How large are the disks of which VM, from when to when?
-- grain: one VM at one time of collection
-- key: vm, collected_at
-- reads: inventory_machines, machine_names, vms
-- column: vm VARCHAR | Name of the VM.
-- column: collected_at TIMESTAMP WITH TIME ZONE | When the inventory was taken, 1970 where unknown.
-- column: vm_version VARCHAR | VM configuration version.
-- column: vhd_format VARCHAR | VHD or VHDX, the later in the alphabet where both occur.
-- column: has_vhd BOOLEAN | Whether a disk has the old format VHD.
-- column: has_pass_through BOOLEAN | Whether a disk is a pass-through disk.
-- column: cluster VARCHAR | Failover cluster.
-- column: host VARCHAR | Hyper-V host that ran it.
-- column: vhd_bytes BIGINT | Size of its virtual disks: what a block compare reads.
-- column: version DOUBLE | The number in vm_version; hosts from 5.0 on track changes.
-- column: valid_from_us BIGINT | From when this holds, microseconds since 1970, UTC; 0 for the first.
-- column: valid_to_us BIGINT | Until when this holds, NULL for the latest.
-- column: is_latest BOOLEAN | Whether no later collection knows the VM.
-- One row per VM and time of collection; it holds from then until the next collection (valid_to_us is NULL for the
-- latest), the first one for all times before. version is the number of vm_version that decides the era.
WITH sized AS (
    SELECT
        vm,
        coalesce(collected_at, TIMESTAMPTZ '1970-01-01 00:00:00+00') AS collected_at,
        max(vm_version) AS vm_version,
        max(vhd_format) AS vhd_format,
        max(CASE WHEN upper(vhd_format) = 'VHD' THEN 1 ELSE 0 END) = 1 AS has_vhd,
        max(CASE WHEN pass_through THEN 1 ELSE 0 END) = 1 AS has_pass_through,
        max(cluster) AS cluster,
        max(host) AS host,
        CAST(sum(file_size_bytes) AS BIGINT) AS vhd_bytes
    FROM (
        SELECT
            l.vm, v.collected_at, v.vhd_path, max(v.vm_version) AS vm_version, max(v.vhd_format) AS vhd_format,
            max(v.cluster) AS cluster, max(v.host) AS host, bool_or(v.pass_through) AS pass_through,
            max(CASE WHEN coalesce(v.pass_through, false) THEN NULL ELSE v.file_size_bytes END) AS file_size_bytes
        FROM vms AS v
        JOIN inventory_machines AS m ON m.source_id = v.source_id AND m.record_no = v.record_no
        JOIN (SELECT DISTINCT machine_id, vm FROM machine_names) AS l ON l.machine_id = m.machine_id
        GROUP BY l.vm, v.collected_at, v.vhd_path
    ) AS disks
    GROUP BY vm, collected_at
)
SELECT
    *,
    CAST(nullif(regexp_extract(vm_version, '^(\d+\.\d+)', 1), '') AS DOUBLE) AS version,
    CASE WHEN row_number() OVER in_order = 1 THEN 0 ELSE us_of(collected_at) END AS valid_from_us,
    us_of(lead(collected_at) OVER in_order) AS valid_to_us,
    lead(collected_at) OVER in_order IS NULL AS is_latest
FROM sized
WINDOW in_order AS (PARTITION BY vm ORDER BY collected_at)
