-- question: Which path and which name belong to one machine alone?
-- grain: one path or one name that in one scope, or in the whole inventory, is one machine's
-- key: scope_key, vhd_key, name_key
-- reads: inventory_machines
-- column: scope_key VARCHAR | Cluster or host, NULL for the whole inventory.
-- column: vhd_key VARCHAR | Path of a disk in small letters, NULL for a name.
-- column: name_key VARCHAR | Name in small letters, NULL for a path.
-- column: machine_id VARCHAR | The machine.
-- What two machines share tells nothing and is left out. The scope is the cluster of a host or the host itself, as in
-- inventory_machines; NULL stands for the whole inventory, for hosts of which it says nothing.
WITH marks AS (
    SELECT scope_key, vhd_key, CAST(NULL AS VARCHAR) AS name_key, machine_id
    FROM inventory_machines
    WHERE vhd_key IS NOT NULL
    UNION ALL
    SELECT scope_key, NULL, name_key, machine_id FROM inventory_machines
    UNION ALL
    SELECT NULL, vhd_key, NULL, machine_id FROM inventory_machines WHERE vhd_key IS NOT NULL
    UNION ALL
    SELECT NULL, NULL, name_key, machine_id FROM inventory_machines
)
SELECT scope_key, vhd_key, name_key, min(machine_id) AS machine_id
FROM marks
GROUP BY scope_key, vhd_key, name_key
HAVING count(DISTINCT machine_id) = 1
