-- title: SLA by VM and night
-- question: Which VMs missed the backup window on which nights?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: vm VARCHAR | name of the VM
-- column: night DATE | local date on which the window opens
-- column: state VARCHAR | met, late, failed, missed, never_run, running, running_late, unknown, no_evidence, not_established, not_due
-- column: finished_at TIMESTAMP WITH TIME ZONE | end of the backup that counts
-- column: deadline TIMESTAMP WITH TIME ZONE | when the window closes
-- column: overrun_s DOUBLE | time past the deadline, NULL where in time or unknown
-- column: never_ran BOOLEAN | whether no backup of the VM ever ran, on no night of the period
-- chart: sla_heatmap
WITH chosen AS (
    SELECT *
    FROM sla
    WHERE rule = 'backup_window'
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
),
ranked AS (
    SELECT
        vm,
        count(*) FILTER (WHERE expected AND NOT met) AS missed,
        count(*) FILTER (WHERE expected AND met IS NULL) AS unknown,
        coalesce(sum(to_us(overrun_s)), 0) / 1000000.0 AS overrun_s,
        bool_and(reason = 'never_run') AS never_ran
    FROM chosen
    GROUP BY vm
)
SELECT
    chosen.vm,
    chosen.night,
    chosen.reason AS state,
    chosen.finished_at,
    chosen.deadline,
    CASE WHEN chosen.overrun_s > 0 THEN chosen.overrun_s END AS overrun_s,
    ranked.never_ran
FROM chosen
JOIN ranked ON ranked.vm IS NOT DISTINCT FROM chosen.vm
ORDER BY ranked.missed DESC, ranked.overrun_s DESC, ranked.unknown DESC, chosen.vm, chosen.night
