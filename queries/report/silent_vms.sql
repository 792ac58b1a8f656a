-- title: VMs without a backup for nights
-- question: Of which VMs has no backup ended well since when, although one was due every time, and no job ran of late?
-- param: since DATE = NULL | first night, NULL for all; what came before is counted where the silence lasts
-- param: until DATE = NULL | last night, NULL for all
-- column: vm VARCHAR | name of the VM
-- column: last_night DATE | last night on which a backup of it ended well, NULL for none
-- column: nights BIGINT | due nights since then without a backup, no job on the last three of them or more
-- column: successor VARCHAR | the one VM that began on its host when its jobs ended: perhaps its new name; NULL for none
WITH due AS (
    SELECT vm, night, reason, met, finished_at
    FROM sla
    WHERE rule = 'backup_window' AND reason NOT IN ('not_due', 'no_evidence')
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
),
last_ends AS (
    SELECT
        vm,
        max(night) FILTER (WHERE finished_at IS NOT NULL) AS last_night,
        coalesce(max(night) FILTER (WHERE reason NOT IN ('missed', 'never_run')), DATE '0001-01-01') AS last_job
    FROM due
    GROUP BY vm
),
silent AS (
    SELECT
        d.vm, l.last_job, max(l.last_night) AS last_night, max(d.night) AS until_night,
        min(d.night) FILTER (WHERE d.night > l.last_job) AS first_missed,
        count(*) AS nights
    FROM due AS d
    JOIN last_ends AS l ON l.vm = d.vm AND d.night > coalesce(l.last_night, DATE '0001-01-01')
    WHERE NOT d.met AND d.reason <> 'never_run'
    GROUP BY d.vm, l.last_job
    HAVING count(*) FILTER (WHERE d.night > l.last_job) >= 3
),
ran AS (
    SELECT
        vm, min(n.night) AS first_night,
        min_by(host_key_of(j.host), j.started_at) AS first_host, max_by(host_key_of(j.host), j.started_at) AS last_host
    FROM jobs AS j
    JOIN job_nights AS n USING (job_id)
    WHERE vm IS NOT NULL AND owes_sla
    GROUP BY vm
),
follows AS (
    SELECT s.vm, f.vm AS successor, count(*) OVER (PARTITION BY s.vm) + count(*) OVER (PARTITION BY f.vm) AS pairs
    FROM silent AS s
    JOIN ran AS l ON l.vm = s.vm
    JOIN ran AS f ON f.first_host = l.last_host AND f.first_night > s.last_job AND f.first_night <= s.first_missed
)
SELECT s.vm, s.last_night, s.nights, f.successor
FROM silent AS s
LEFT JOIN follows AS f ON f.vm = s.vm AND f.pairs = 2
WHERE CAST($since AS DATE) IS NULL OR s.until_night >= CAST($since AS DATE)
ORDER BY s.nights DESC, s.vm
