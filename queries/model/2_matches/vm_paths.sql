-- question: Which VM owns the disk with this path, whatever volume or snapshot it is seen on?
-- grain: one VM and one path of a virtual disk without its volume
-- key: vm, disk_key
-- reads: inventory_machines, machine_names, vms
-- column: vm VARCHAR | Name of the VM.
-- column: disk_key VARCHAR | The path in small letters without its volume.
-- disk_key is the path in small letters without drive or C:\ClusterStorage\<name>\, as in event_hits.
SELECT DISTINCT l.vm, disk_key_of(v.vhd_path) AS disk_key
FROM vms AS v
JOIN inventory_machines AS m ON m.source_id = v.source_id AND m.record_no = v.record_no
JOIN (SELECT DISTINCT machine_id, vm FROM machine_names) AS l ON l.machine_id = m.machine_id
WHERE v.vhd_path IS NOT NULL
