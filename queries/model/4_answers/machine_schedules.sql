-- question: What does the site file say of a VM's protection?
-- grain: one VM of which the site file speaks
-- key: vm
-- reads: machine_aliases, site_schedules
-- column: vm VARCHAR | Name of the VM.
-- column: protected_until DATE | Last night on which it was protected, NULL while it is.
-- column: schedule VARCHAR | daily, weekdays, weekly:DAY; NULL where it is to be learned.
-- The first pattern of the file that fits a name decides; patterns know * and ? and no upper and lower case.
WITH fitting AS (
    SELECT
        n.vm, s.schedule, s.protected_until,
        row_number() OVER (PARTITION BY n.vm, s.schedule IS NULL ORDER BY s.number) AS place
    FROM machine_aliases AS n
    JOIN site_schedules AS s ON name_fits(n.name, s.vm_pattern)
)
SELECT vm, max(protected_until) AS protected_until, max(schedule) AS schedule
FROM fitting
WHERE place = 1
GROUP BY vm
