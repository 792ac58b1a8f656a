-- question: Which VM owns the disk with this path, whatever volume or snapshot it is seen on?
-- grain: one VM and one path of a virtual disk without its volume
-- key: vm, disk_key
-- reads: vms
-- column: vm VARCHAR | Name of the VM.
-- column: disk_key VARCHAR | The path in small letters without its volume.
-- disk_key is the path in small letters without drive or C:\ClusterStorage\<name>\, as in event_hits.
SELECT DISTINCT
    vm,
    disk_key_of(vhd_path) AS disk_key
FROM vms
WHERE vm IS NOT NULL AND vhd_path IS NOT NULL
