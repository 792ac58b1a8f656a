-- title: What was tried for the next night
-- question: How many VMs are in time with other starts, other limits, or so many VMs at guest level?
-- column: tried_change VARCHAR | what was tried in the simulator, code
-- column: moves BIGINT | VMs at guest level with it, NULL where none is moved
-- column: vm VARCHAR | the last of these
-- column: met BIGINT | VMs that meet their limit with it at the probability
-- column: vms BIGINT | VMs it was tried on: late ones, and those that share what may hold them up
-- column: met_share DOUBLE | met / vms
SELECT change AS tried_change, moves, vm, met, vms, met_share
FROM remedies
ORDER BY place
