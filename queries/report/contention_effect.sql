-- title: Seconds per GB by how many jobs ran beside
-- question: How much longer does a GB take when other jobs read from the same volume at the same time?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: beside INTEGER | other jobs that moved data from the same volume, mean over the data move, rounded; 5: or more
-- column: jobs BIGINT | jobs that read whole disks, whose data move was seen and whose disks are known
-- column: vms BIGINT | their VMs
-- column: volumes BIGINT | their volumes
-- column: p25_s_per_gb DOUBLE | seconds per 10^9 bytes of the disks that a quarter of the jobs stays under
-- column: median_s_per_gb DOUBLE | median
-- column: p75_s_per_gb DOUBLE | what three quarters stay under
-- chart: contention_effect
WITH moved AS (
    SELECT job_id, vm, volume, vhd_bytes, moving_us, moved_us, night, is_compared
    FROM job_times
    WHERE is_full AND NOT is_guest AND volume IS NOT NULL AND moved_us > moving_us
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
),
loaded AS (
    SELECT
        j.job_id, j.vm, j.volume,
        (j.moved_us - j.moving_us) / 1000000.0 / (j.vhd_bytes / 1000000000.0) AS s_per_gb,
        -- least and greatest pass over NULL: where nobody moved data beside it there is nothing to add
        coalesce(sum(CASE WHEN o.job_id IS NOT NULL
            THEN least(j.moved_us, o.moved_us) - greatest(j.moving_us, o.moving_us) END), 0)
            / (j.moved_us - j.moving_us) AS load
    FROM moved AS j
    LEFT JOIN moved AS o
        ON o.volume = j.volume AND o.job_id <> j.job_id AND o.night BETWEEN j.night - 1 AND j.night + 1
        AND o.moving_us < j.moved_us AND o.moved_us > j.moving_us
    WHERE j.is_compared AND j.vhd_bytes > 0
    GROUP BY j.job_id, j.vm, j.volume, j.moving_us, j.moved_us, j.vhd_bytes
)
SELECT
    CAST(least(round(load), 5) AS INTEGER) AS beside,
    count(*) AS jobs,
    count(DISTINCT vm) AS vms,
    count(DISTINCT volume) AS volumes,
    quantile_of(s_per_gb, 0.25) AS p25_s_per_gb,
    quantile_of(s_per_gb, 0.5) AS median_s_per_gb,
    quantile_of(s_per_gb, 0.75) AS p75_s_per_gb
FROM loaded
GROUP BY beside
ORDER BY beside
