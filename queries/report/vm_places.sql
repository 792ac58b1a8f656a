-- title: Where VMs are backed up
-- question: In which protection groups, on which hosts and volumes did the jobs of a VM run?
-- column: vm VARCHAR | name of the VM
-- column: protection_group VARCHAR | protection group, NULL where no job record names it
-- column: host VARCHAR | computer whose agent did the work
-- column: volume VARCHAR | volume that was snapshot
SELECT DISTINCT vm, protection_group, host, volume
FROM jobs
WHERE vm IS NOT NULL
ORDER BY vm, protection_group, host, volume
