-- title: Why the window was missed
-- question: How many breaches come from which cause?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: cause VARCHAR | the one cause of a breach, as in sla
-- column: breaches BIGINT | backups due and not met: VM x night
-- column: vms BIGINT | VMs among them
-- column: nights BIGINT | nights among them
-- column: late BIGINT | of these, late; a late backup whose first attempt failed has the cause failed
-- column: cause_s DOUBLE | time of the cause in all of them, NULL where no backup was finished
-- column: cause_grade VARCHAR | weakest evidence among them
SELECT
    cause,
    count(*) AS breaches,
    count(DISTINCT vm) AS vms,
    count(DISTINCT night) AS nights,
    count(*) FILTER (WHERE reason IN ('late', 'running_late')) AS late,
    sum(to_us(cause_s)) / 1000000.0 AS cause_s,
    max(cause_grade) AS cause_grade
FROM sla
WHERE rule = 'backup_window' AND met = false
  AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
  AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
GROUP BY cause
ORDER BY breaches DESC, cause
