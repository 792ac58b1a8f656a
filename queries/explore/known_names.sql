-- title: Every name that the logs hold
-- question: Which names of machines, groups, volumes and paths must not stand in an anonymised report?
-- column: kind VARCHAR | what bears it: vm, host, cluster, group, volume, path
-- column: name VARCHAR | the name
WITH names AS (
    SELECT 'vm' AS kind, vm AS name FROM jobs
    UNION ALL SELECT 'vm', vm FROM sla
    UNION ALL SELECT 'vm', vm FROM vms
    UNION ALL SELECT 'vm', vm FROM candidates
    UNION ALL SELECT 'vm', unnest(string_split(names, ', ')) FROM machines
    UNION ALL SELECT 'vm', vm FROM machines
    UNION ALL SELECT 'host', host FROM jobs
    UNION ALL SELECT 'host', host FROM machines
    UNION ALL SELECT 'host', host FROM vms
    UNION ALL SELECT 'host', host FROM sources
    UNION ALL SELECT 'host', host FROM coverage
    UNION ALL SELECT 'host', dpm_server FROM jobs
    UNION ALL SELECT 'host', dpm_server FROM job_records
    UNION ALL SELECT 'host', production_server FROM job_records
    UNION ALL SELECT 'cluster', cluster FROM vms
    UNION ALL SELECT 'cluster', cluster FROM machines
    UNION ALL SELECT 'group', protection_group FROM jobs
    UNION ALL SELECT 'group', protection_group FROM job_records
    UNION ALL SELECT 'volume', volume FROM jobs
    UNION ALL SELECT 'path', vhd_path FROM vms
    UNION ALL SELECT 'path', path FROM sources
    UNION ALL SELECT 'path', path FROM rejects
)
SELECT DISTINCT kind, name
FROM names
WHERE name IS NOT NULL AND name <> ''
ORDER BY kind, name
