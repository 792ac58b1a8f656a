-- title: Paths of virtual disks without their volume
-- question: Which VM owns the disk with this path, whatever volume or snapshot it is seen on?
-- disk_key is the path in small letters without drive or C:\ClusterStorage\<name>\, as in event_hits.
SELECT DISTINCT
    vm,
    regexp_replace(lower(vhd_path), '^(?:[a-z]:\\clusterstorage\\[^\\]+\\|[a-z]:\\)', '') AS disk_key
FROM vms
WHERE vm IS NOT NULL AND vhd_path IS NOT NULL
