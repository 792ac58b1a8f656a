-- title: Virtual disks and the VM they belong to
-- question: Which VM owns which virtual disk, and how large is what a block compare reads?
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
            vm, collected_at, vhd_path, max(vm_version) AS vm_version, max(vhd_format) AS vhd_format,
            max(cluster) AS cluster, max(host) AS host, bool_or(pass_through) AS pass_through,
            max(CASE WHEN coalesce(pass_through, false) THEN NULL ELSE file_size_bytes END) AS file_size_bytes
        FROM vms
        WHERE vm IS NOT NULL
        GROUP BY vm, collected_at, vhd_path
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
