-- title: Host level against guest level, per GB
-- question: What does a GB cost at host level and at guest level, by kind of data?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: level VARCHAR | where the agent runs
-- column: data_kind VARCHAR | data source type as the job record names it
-- column: tracking VARCHAR | how changed blocks are found
-- column: jobs BIGINT | backups that ended well, no checks and no first copies
-- column: vms BIGINT | their VMs
-- column: sent_bytes BIGINT | data sent, all together
-- column: median_s DOUBLE | median length of a job
-- column: sent_median_s_per_gb DOUBLE | its length per 10^9 bytes sent, median
-- column: disk_median_s_per_gb DOUBLE | its length per 10^9 bytes of the VM's disks, median
SELECT
    j.level,
    b.data_source_type AS data_kind,
    j.tracking,
    count(*) AS jobs,
    count(DISTINCT j.vm) AS vms,
    CAST(sum(j.bytes_transferred) AS BIGINT) AS sent_bytes,
    median(j.duration_s) AS median_s,
    median(j.duration_s / (nullif(j.bytes_transferred, 0) / 1000000000.0)) AS sent_median_s_per_gb,
    median(j.duration_s / (nullif(j.vhd_bytes, 0) / 1000000000.0)) AS disk_median_s_per_gb
FROM jobs AS j
JOIN job_base AS b ON b.job_id = j.job_id
JOIN job_nights AS n ON n.job_id = j.job_id
WHERE j.is_good AND j.owes_sla AND j.kind <> 'initial_replica' AND j.level IS NOT NULL AND j.duration_s IS NOT NULL
  AND (CAST($since AS DATE) IS NULL OR n.night >= CAST($since AS DATE))
  AND (CAST($until AS DATE) IS NULL OR n.night <= CAST($until AS DATE))
GROUP BY ALL
ORDER BY j.level DESC, jobs DESC, data_kind, j.tracking
