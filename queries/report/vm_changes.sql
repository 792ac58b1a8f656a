-- title: New, still and resolved
-- question: Which VMs missed the last night and not the one before, which both, and which keep their window again?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: vm VARCHAR | name of the VM
-- column: change VARCHAR | new, still, or resolved: kept now, missed on the last night before on which it was due
-- column: night DATE | the last night of the period with a backup due
-- column: before_night DATE | the last night before it on which any backup was due, NULL for none
WITH nights_due AS (
    SELECT night, lag(night) OVER (ORDER BY night) AS before_night
    FROM (SELECT DISTINCT night FROM sla WHERE rule = 'backup_window' AND expected)
),
last_one AS (
    SELECT *
    FROM nights_due
    WHERE (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
    ORDER BY night DESC
    LIMIT 1
)
SELECT m.vm, m.change, l.night, l.before_night
FROM last_one AS l
JOIN missed_nights AS m ON m.night = l.night
WHERE m.change IS NOT NULL AND l.before_night IS NOT NULL
ORDER BY m.change, m.missed_14 DESC, m.vm
