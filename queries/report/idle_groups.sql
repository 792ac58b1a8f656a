-- title: Protection groups and DPM servers without a backup on a night
-- question: Of which protection group or DPM server did no VM run a backup, on a night on which others ran?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: dpm_server VARCHAR | DPM server
-- column: protection_group VARCHAR | protection group, NULL for the whole server
-- column: nights BIGINT | nights on which none of its VMs ran a backup although one was due, or without any record
-- column: first_night DATE | first of them
-- column: last_night DATE | last of them
-- column: vms BIGINT | most VMs of it on one of them
-- column: jobs BIGINT | backups that others ran on these nights: other groups of the server, or other servers
SELECT
    dpm_server,
    protection_group,
    count(*) AS nights,
    min(night) AS first_night,
    max(night) AS last_night,
    max(vms) AS vms,
    CAST(sum(jobs) AS BIGINT) AS jobs
FROM groups_without_runs
WHERE (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
  AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
GROUP BY dpm_server, protection_group
ORDER BY nights DESC, vms DESC, dpm_server, protection_group NULLS FIRST
