-- question: Which names mean which machine?
-- grain: one machine and one name that means it
-- key: vm, name_key
-- reads: machine_names
-- column: vm VARCHAR | Label of the machine.
-- column: name VARCHAR | The name.
-- column: name_key VARCHAR | The name in small letters.
-- column: is_sole BOOLEAN | Whether it means no other machine.
-- A machine is meant by its label, by its newest name, and by a name that it bore before unless another machine bears
-- it now.
WITH meant AS (
    SELECT machine_id, vm, vm AS name FROM machine_names
    UNION
    SELECT machine_id, vm, newest FROM machine_names
    UNION
    SELECT m.machine_id, m.vm, m.name
    FROM machine_names AS m
    LEFT JOIN (SELECT DISTINCT lower(newest) AS newest_key FROM machine_names) AS n ON n.newest_key = lower(m.name)
    WHERE m.name IS NOT NULL AND n.newest_key IS NULL
)
SELECT
    vm, min(name) AS name, lower(name) AS name_key,
    count(*) OVER (PARTITION BY lower(name)) = 1 AS is_sole
FROM meant
GROUP BY vm, lower(name)
