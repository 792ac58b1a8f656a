-- title: Which generation of Hyper-V and DPM
-- question: By which mechanism do the snapshots work, on stand-alone hosts or in a cluster, and are changes tracked?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: era VARCHAR | how post-snapshot works there, NULL where nothing shows it
-- column: placement VARCHAR | clustered or stand_alone, NULL where no inventory says whether the host is in a cluster
-- column: tracking VARCHAR | how changed blocks are found
-- column: jobs BIGINT | backups at host level
-- column: vms BIGINT | their VMs
-- column: hosts BIGINT | their hosts
-- column: median_s DOUBLE | median length of a job
SELECT
    j.era,
    CASE WHEN m.is_clustered THEN 'clustered' WHEN NOT m.is_clustered THEN 'stand_alone' END AS placement,
    j.tracking,
    count(*) AS jobs,
    count(DISTINCT j.vm) AS vms,
    count(DISTINCT host_key_of(j.host)) AS hosts,
    median(j.duration_s) AS median_s
FROM jobs AS j
JOIN job_nights AS n ON n.job_id = j.job_id
LEFT JOIN machines AS m ON m.vm = j.vm
WHERE j.level = 'host' AND j.owes_sla
  AND (CAST($since AS DATE) IS NULL OR n.night >= CAST($since AS DATE))
  AND (CAST($until AS DATE) IS NULL OR n.night <= CAST($until AS DATE))
GROUP BY ALL
ORDER BY jobs DESC, j.era, placement, j.tracking
