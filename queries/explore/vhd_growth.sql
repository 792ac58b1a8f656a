-- title: Growth of the virtual disks
-- question: Which VMs grow, and by how much between the first and the last collection?
-- column: vm VARCHAR | name of the VM
-- column: first_bytes BIGINT | size of its disks when first collected
-- column: last_bytes BIGINT | size when last collected
-- column: growth_bytes BIGINT | difference
-- column: days DOUBLE | days between them
SELECT
    vm,
    CAST(arg_min(vhd_bytes, collected_at) AS BIGINT) AS first_bytes,
    CAST(arg_max(vhd_bytes, collected_at) AS BIGINT) AS last_bytes,
    CAST(arg_max(vhd_bytes, collected_at) - arg_min(vhd_bytes, collected_at) AS BIGINT) AS growth_bytes,
    (epoch_us(max(collected_at)) - epoch_us(min(collected_at))) / 86400000000.0 AS days
FROM vm_disks
WHERE vhd_bytes IS NOT NULL
GROUP BY vm
ORDER BY growth_bytes DESC, vm
