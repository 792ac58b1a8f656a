-- title: A week and the week before
-- question: Which VMs miss their window more often, take longer or send more than on as many nights before?
-- param: since DATE = NULL | first night, NULL for the last seven
-- param: until DATE = NULL | last night, NULL for the last one
-- column: vm VARCHAR | name of the VM
-- column: missed BIGINT | nights of the week on which it missed the backup window
-- column: missed_before BIGINT | as many nights before: how many of them it missed
-- column: week_median_s DOUBLE | median length of its backups of the week
-- column: before_median_s DOUBLE | median length of those before
-- column: more_s DOUBLE | week_median_s - before_median_s
-- column: week_bytes BIGINT | median of what its backups of the week sent
-- column: before_bytes BIGINT | median of what those before sent
-- Of VMs with a backup that ended in both.
WITH span AS (
    SELECT coalesce(CAST($until AS DATE), max(night)) AS last_night
    FROM nights
),
weeks AS (
    SELECT last_night, coalesce(CAST($since AS DATE), last_night - 6) AS first_night
    FROM span
),
judged AS (
    SELECT
        s.vm, s.night >= w.first_night AS is_now, s.expected AND NOT s.met AS is_missed, j.duration_s, j.bytes_transferred
    FROM sla AS s
    CROSS JOIN weeks AS w
    LEFT JOIN jobs AS j ON j.job_id = s.job_id
    WHERE s.rule = 'backup_window' AND s.night <= w.last_night
      AND s.night >= w.first_night - CAST(w.last_night - w.first_night + 1 AS INTEGER)
),
summed AS (
    SELECT
        vm,
        count(*) FILTER (WHERE is_now AND is_missed) AS missed,
        count(*) FILTER (WHERE NOT is_now AND is_missed) AS missed_before,
        median(CASE WHEN is_now THEN duration_s END) AS week_median_s,
        median(CASE WHEN NOT is_now THEN duration_s END) AS before_median_s,
        CAST(median(CASE WHEN is_now THEN bytes_transferred END) AS BIGINT) AS week_bytes,
        CAST(median(CASE WHEN NOT is_now THEN bytes_transferred END) AS BIGINT) AS before_bytes
    FROM judged
    GROUP BY vm
)
SELECT
    vm, missed, missed_before, week_median_s, before_median_s, week_median_s - before_median_s AS more_s, week_bytes,
    before_bytes
FROM summed
WHERE week_median_s IS NOT NULL AND before_median_s IS NOT NULL
ORDER BY missed - missed_before DESC, more_s DESC, vm
