-- title: VMs without a backup for nights
-- question: Of which VMs has no backup ended well since when, although one was due every time?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: vm VARCHAR | name of the VM
-- column: last_night DATE | last night on which a backup of it ended well, NULL for none
-- column: nights BIGINT | due nights since then, none of them with a job
WITH due AS (
    SELECT vm, night, reason
    FROM sla
    WHERE rule = 'backup_window' AND reason NOT IN ('not_due', 'no_evidence')
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
),
last_ends AS (
    SELECT vm, max(night) FILTER (WHERE reason NOT IN ('missed', 'never_run')) AS last_night FROM due GROUP BY vm
)
SELECT d.vm, max(l.last_night) AS last_night, count(*) AS nights
FROM due AS d
JOIN last_ends AS l ON l.vm = d.vm AND d.night > l.last_night
WHERE d.reason = 'missed'
GROUP BY d.vm
HAVING count(*) >= 3
ORDER BY nights DESC, d.vm
