-- question: Which VMs must or must not move to guest level, and what does a move cost?
-- grain: one VM of whose move to guest level the site file speaks
-- key: vm
-- reads: machine_aliases, site_guest_level
-- column: vm VARCHAR | Name of the VM.
-- column: is_moved BOOLEAN | true: each plan moves it; false: none does; NULL: as the plan finds.
-- column: cost DOUBLE | What its move costs, NULL where the file does not say.
-- The first pattern of the file that fits a name decides, of choices and of costs each.
WITH fitting AS (
    SELECT
        n.vm, s.is_moved, s.cost,
        row_number() OVER (PARTITION BY n.vm, s.is_moved IS NULL ORDER BY s.number) AS place
    FROM machine_aliases AS n
    JOIN site_guest_level AS s ON name_fits(n.name, s.vm_pattern)
)
SELECT vm, bool_or(is_moved) AS is_moved, max(cost) AS cost
FROM fitting
WHERE place = 1
GROUP BY vm
