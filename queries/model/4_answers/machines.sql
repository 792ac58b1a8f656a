-- question: Which machines are there, under which names, and what tells them apart?
-- grain: one machine
-- key: vm
-- reads: inventory_machines, job_base, machine_names
-- column: vm VARCHAR | Its label: its newest name, with the host where two machines bear one name.
-- column: vm_id VARCHAR | Its VMId, upper case without braces; NULL where no inventory holds one.
-- column: names VARCHAR | All names that it bore, the newest first, joined by commas.
-- column: host VARCHAR | Hyper-V host that it was last seen on.
-- column: cluster VARCHAR | Failover cluster of that host.
-- column: is_clustered BOOLEAN | Whether that host is a member of a cluster, NULL without an inventory of it.
-- column: dpm_servers VARCHAR | DPM servers that backed it up, joined by commas.
-- column: first_seen_at TIMESTAMP WITH TIME ZONE | Earliest job or inventory that names it.
-- column: last_seen_at TIMESTAMP WITH TIME ZONE | Latest job or inventory that names it.
-- column: told_by VARCHAR | What tells it from other machines: vm_id, vhd_path, name.
-- All names that it bore, the newest first. Whether a machine is clustered only the inventory knows, of its host.
WITH borne AS (
    SELECT machine_id, name, max(last_us) AS last_us FROM machine_names WHERE name IS NOT NULL GROUP BY machine_id, name
),
named AS (
    SELECT machine_id, string_agg(name, ', ' ORDER BY last_us DESC, name) AS names FROM borne GROUP BY machine_id
),
known AS (
    SELECT
        machine_id, vm, max(told_by) AS told_by, max(last_host) AS host,
        min(CASE WHEN us > 0 THEN us END) AS first_us, max(CASE WHEN last_us > 0 THEN last_us END) AS last_us
    FROM machine_names
    GROUP BY machine_id, vm
),
homes AS (
    SELECT host_key, max_by(cluster, (us, cluster)) AS cluster FROM inventory_machines GROUP BY host_key
),
servers AS (
    SELECT vm, string_agg(DISTINCT computer_of(dpm_server), ', ' ORDER BY computer_of(dpm_server))
        AS dpm_servers
    FROM job_base
    WHERE vm IS NOT NULL
    GROUP BY vm
)
SELECT
    k.vm,
    CASE WHEN k.told_by = 'vm_id' THEN k.machine_id END AS vm_id,
    n.names,
    k.host,
    h.cluster,
    CASE WHEN h.host_key IS NOT NULL THEN h.cluster IS NOT NULL END AS is_clustered,
    s.dpm_servers,
    moment_of(k.first_us) AS first_seen_at,
    moment_of(k.last_us) AS last_seen_at,
    k.told_by
FROM known AS k
JOIN named AS n ON n.machine_id = k.machine_id
LEFT JOIN homes AS h ON h.host_key = host_key_of(k.host)
LEFT JOIN servers AS s ON s.vm = k.vm
