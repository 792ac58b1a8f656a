-- question: Which hosts, guests and DPM servers take part in backups?
-- grain: one computer in one role
-- key: host, role
-- reads: collections, host_snapshots, job_base, log_nights, machine_aliases
-- column: host VARCHAR | Computer, without its domain.
-- column: role VARCHAR | What it is: hyper-v-host, dpm-server, guest.
-- Those that jobs name; where no job is known, those that took snapshots and those whose role collection.json states.
-- A guest is the computer that bears a name of the machine and gave its events, else it is called as the machine is.
SELECT computer_of(host) AS host, 'hyper-v-host' AS role
FROM job_base
WHERE level = 'host' AND kind <> 'online' AND host IS NOT NULL
UNION
SELECT computer_of(dpm_server), 'dpm-server' FROM job_base WHERE dpm_server IS NOT NULL
UNION
SELECT coalesce(max(e.host), j.vm), 'guest'
FROM (SELECT DISTINCT vm FROM job_base WHERE level = 'host' AND kind <> 'online' AND vm IS NOT NULL) AS j
LEFT JOIN machine_aliases AS a ON a.vm = j.vm
LEFT JOIN log_nights AS e ON host_key_of(e.host) = a.name_key AND starts_with(e.log_kind, 'events:')
GROUP BY j.vm
UNION
SELECT host, 'hyper-v-host' FROM host_snapshots WHERE NOT EXISTS (SELECT 1 FROM job_base)
UNION
SELECT computer_of(host), role
FROM collections
WHERE NOT EXISTS (SELECT 1 FROM job_base) AND role IN ('dpm-server', 'guest') AND host IS NOT NULL
