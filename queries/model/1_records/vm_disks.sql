-- title: Virtual disks and the VM they belong to
-- question: Which VM owns which virtual disk, and how large is what a block compare reads?
-- One row per VM and time of collection; the sizes hold from then until the next collection.
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
        sum(file_size_bytes) AS vhd_bytes
    FROM (
        SELECT
            vm, collected_at, vhd_path, max(vm_version) AS vm_version, max(vhd_format) AS vhd_format, max(cluster) AS cluster,
            max(host) AS host, bool_or(pass_through) AS pass_through,
            max(CASE WHEN coalesce(pass_through, false) THEN NULL ELSE file_size_bytes END) AS file_size_bytes
        FROM vms
        WHERE vm IS NOT NULL
        GROUP BY vm, collected_at, vhd_path
    ) AS disks
    GROUP BY vm, collected_at
)
SELECT
    *,
    CASE
        WHEN row_number() OVER (PARTITION BY vm ORDER BY collected_at) = 1 THEN 0
        ELSE epoch_us(collected_at)
    END AS valid_from_us,
    coalesce(epoch_us(lead(collected_at) OVER (PARTITION BY vm ORDER BY collected_at)), 9000000000000000) AS valid_to_us
FROM sized
