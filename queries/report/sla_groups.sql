-- title: SLA by group and night
-- question: Which protection groups, hosts and causes stand behind the missed windows, night by night?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: grouped_by VARCHAR | protection_group, host or cause: what the backups of a row share
-- column: name VARCHAR | its name, NULL where none is known; of a cause as in sla; never_run for VMs that no job protects
-- column: night DATE | local date on which the window opens
-- column: vms BIGINT | VMs of it, on all nights
-- column: due BIGINT | backups due; of a cause those of the whole estate
-- column: missed BIGINT | of these, not in time
-- column: unknown BIGINT | of these, not known or still running
-- column: overrun_s DOUBLE | time past the deadline of all late VMs together
-- chart: sla_groups
-- A VM belongs to the group and the host of its newest job that names one.
WITH due AS (
    SELECT vm, night, met, cause, overrun_s, bool_and(reason = 'never_run') OVER (PARTITION BY vm) AS never_ran
    FROM sla
    WHERE rule = 'backup_window' AND expected
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
),
named AS (
    SELECT 'protection_group' AS grouped_by, CASE WHEN never_ran THEN 'never_run' ELSE protection_group END AS name, due.*
    FROM due
    LEFT JOIN vm_homes ON vm_homes.vm = due.vm
    UNION ALL
    SELECT 'host', CASE WHEN never_ran THEN 'never_run' ELSE host END, due.*
    FROM due
    LEFT JOIN vm_homes ON vm_homes.vm = due.vm
    UNION ALL
    SELECT 'cause', cause, due.*
    FROM due
    WHERE NOT met
),
sums AS (
    SELECT
        grouped_by, name, night,
        count(*) AS due,
        count(*) FILTER (WHERE NOT met) AS missed,
        count(*) FILTER (WHERE met IS NULL) AS unknown,
        sum(to_us(overrun_s)) FILTER (WHERE NOT met) / 1000000.0 AS overrun_s
    FROM named
    GROUP BY grouped_by, name, night
),
group_vms AS (
    SELECT grouped_by, name, count(DISTINCT vm) AS vms
    FROM named
    GROUP BY grouped_by, name
),
night_dues AS (
    SELECT night, count(*) AS due
    FROM due
    GROUP BY night
)
SELECT
    sums.grouped_by, sums.name, sums.night, group_vms.vms,
    CASE WHEN sums.grouped_by = 'cause' THEN night_dues.due ELSE sums.due END AS due,
    sums.missed, sums.unknown, sums.overrun_s
FROM sums
JOIN group_vms ON group_vms.grouped_by = sums.grouped_by AND group_vms.name IS NOT DISTINCT FROM sums.name
JOIN night_dues ON night_dues.night = sums.night
ORDER BY
    sums.grouped_by = 'cause', sums.grouped_by DESC, sum(sums.missed) OVER (PARTITION BY sums.grouped_by, sums.name) DESC,
    sums.name, sums.night
