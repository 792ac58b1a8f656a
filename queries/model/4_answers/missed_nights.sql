-- question: Is a missed night a new one, and how often did the VM miss of late?
-- grain: one VM and one night on which a backup of it was due
-- key: vm, night
-- reads: sla_windows
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | Local date on which the backup window opens.
-- column: change VARCHAR | Against the due night before: NULL where neither was missed, or where one that never ran has
--   none.
-- column: missed_14 BIGINT | Nights on which it missed the window, of this and the thirteen days before.
-- column: due_14 BIGINT | Of these, nights on which a backup was due.
WITH due AS (
    SELECT
        vm, night, met,
        coalesce(reason = 'never_run', false) AND lag(night) OVER (PARTITION BY vm ORDER BY night) IS NULL AS is_first,
        lag(met) OVER (PARTITION BY vm ORDER BY night) AS met_before
    FROM sla_windows
    WHERE expected
)
SELECT
    vm,
    night,
    CASE
        WHEN NOT met AND NOT met_before THEN 'still'
        WHEN NOT met AND NOT is_first THEN 'new'
        WHEN met AND NOT met_before THEN 'resolved'
    END AS change,
    count(CASE WHEN NOT met THEN 1 END) OVER of_late AS missed_14,
    count(*) OVER of_late AS due_14
FROM due
WINDOW of_late AS (PARTITION BY vm ORDER BY night RANGE BETWEEN INTERVAL 13 DAY PRECEDING AND CURRENT ROW)
