-- title: Why the backups take their time
-- question: What does the time of each VM's usual backup go to: waiting, reading, other jobs, changed data?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: vm VARCHAR | name of the VM
-- column: job_cause VARCHAR | what the time went to, as in job_causes
-- column: grade VARCHAR | evidence, that half of the jobs reach
-- column: jobs BIGINT | good backups of the VM at host level
-- column: median_s DOUBLE | median over these jobs, 0 where a job has none of it; unexplained may be negative
-- column: low_s DOUBLE | median of the lower ends
-- column: high_s DOUBLE | median of the upper ends
-- column: share DOUBLE | median_s over job_median_s
-- column: job_median_s DOUBLE | median time from the creation of the task to its end
-- column: missed BIGINT | nights on which the VM missed the window
-- column: estimate_reason VARCHAR | what decides the grade of reading, contention and changed data, of most jobs
-- column: estimates_since DATE | first night that estimates rest on, NULL where they rest on all
-- chart: vm_causes
WITH chosen AS (
    SELECT job_id, vm, (ended_us - scheduled_us) / 1000000.0 AS job_s
    FROM job_times
    WHERE is_full AND is_good AND NOT is_guest AND ended_us IS NOT NULL
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
),
whole AS (
    SELECT c.vm, count(DISTINCT c.job_id) AS jobs, median(c.job_s) AS job_median_s, mode(k.reason) AS estimate_reason
    FROM chosen AS c
    JOIN job_causes AS k ON k.job_id = c.job_id AND k.cause = 'unexplained'
    GROUP BY c.vm
),
missed AS (
    SELECT vm, count(*) AS missed
    FROM sla
    WHERE rule = 'backup_window' AND expected AND NOT met
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
    GROUP BY vm
),
recent AS (
    SELECT min(night) AS night FROM job_times
),
older AS (
    SELECT r.night
    FROM recent AS r
    WHERE EXISTS (
        SELECT 1
        FROM job_base AS j
        JOIN boundaries AS b ON b.job_id = j.job_id AND b.place = 0 AND b.us IS NOT NULL
        WHERE j.vm IS NOT NULL AND j.level IS NOT NULL AND j.night < r.night
    )
),
parts AS (
    SELECT
        c.vm, n.cause,
        quantile_disc(k.grade, 0.5) AS grade,
        median(coalesce(k.duration_s, 0)) AS median_s,
        median(coalesce(k.low_s, 0)) AS low_s,
        median(coalesce(k.high_s, 0)) AS high_s
    FROM chosen AS c
    CROSS JOIN (SELECT DISTINCT cause FROM job_causes) AS n
    LEFT JOIN job_causes AS k ON k.job_id = c.job_id AND k.cause = n.cause
    GROUP BY c.vm, n.cause
)
SELECT
    p.vm, p.cause AS job_cause, p.grade, w.jobs, p.median_s, p.low_s, p.high_s,
    p.median_s / nullif(w.job_median_s, 0) AS share,
    w.job_median_s,
    coalesce(m.missed, 0) AS missed,
    w.estimate_reason,
    r.night AS estimates_since
FROM parts AS p
JOIN whole AS w ON w.vm = p.vm
LEFT JOIN missed AS m ON m.vm = p.vm
LEFT JOIN older AS r ON true
WHERE p.median_s <> 0
ORDER BY missed DESC, w.job_median_s DESC, p.vm, p.median_s DESC, p.cause
