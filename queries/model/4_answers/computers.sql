-- question: Which hosts, guests and DPM servers take part in backups?
-- grain: one computer in one role
-- key: host, role
-- reads: collections, host_snapshots, job_base
-- column: host VARCHAR | Computer, without its domain.
-- column: role VARCHAR | What it is: hyper-v-host, dpm-server, guest.
-- Those that jobs name; where no job is known, those that took snapshots and those whose role collection.json states.
SELECT split_part(host, '.', 1) AS host, 'hyper-v-host' AS role
FROM job_base
WHERE level = 'host' AND kind <> 'online' AND host IS NOT NULL
UNION
SELECT split_part(dpm_server, '.', 1), 'dpm-server' FROM job_base WHERE dpm_server IS NOT NULL
UNION
SELECT vm, 'guest' FROM job_base WHERE level = 'host' AND kind <> 'online' AND vm IS NOT NULL
UNION
SELECT host, 'hyper-v-host' FROM host_snapshots WHERE NOT EXISTS (SELECT 1 FROM job_base)
UNION
SELECT split_part(host, '.', 1), role
FROM collections
WHERE NOT EXISTS (SELECT 1 FROM job_base) AND role IN ('dpm-server', 'guest') AND host IS NOT NULL
