-- question: Which machine does each record, log and inventory name, and what is it called everywhere?
-- grain: one job record, job of an errlog, or name and host in the inventory that names a machine
-- key: job_id, machine_id, name, host
-- reads: inventory_machines, log_markers, record_vms, site, sole_machines
-- column: job_id VARCHAR | The task, or the job as log_markers holds it; NULL for the inventory.
-- column: machine_id VARCHAR | Its VMId, else VHD- or NAME- and a digest.
-- column: told_by VARCHAR | What tells the machine from others: vm_id, vhd_path, name.
-- column: name VARCHAR | Name that it bears there; NULL where only a folder or a computer is named so.
-- column: host VARCHAR | Hyper-V host.
-- column: us BIGINT | When it bore the name, microseconds since 1970, UTC; 0 where unknown.
-- column: last_us BIGINT | When it last bore it, as far as this row tells.
-- column: newest VARCHAR | Newest name of the machine.
-- column: last_host VARCHAR | Hyper-V host that the machine was last seen on.
-- column: vm VARCHAR | Label of the machine: its newest name, with its last host where two bear one name.
-- What names a machine is a job record, else the folder of the disk that an errlog names, or the inventory (job_id is
-- NULL there). A job's disk decides whose it is where the inventory knows its owner; else the name in its scope
-- (record_vms), the owner of other disks under that name, or the one machine that bears it anywhere, unless a night has
-- both places. What the inventory does not know is one machine per name, scope and DPM server; where no night has two
-- scopes of a server, or two servers of a scope, it is one that moved. Two names that have one disk are one machine
-- that was renamed, unless a night has both. vm is the newest name, with the last host where two machines bear it.
WITH chains AS (
    SELECT l.job_id, min(split_part(l.host, '.', 1)) AS host, min(h.scope_key) AS scope_key, min(l.us) AS us,
        min(l.detail) AS vhd_path, CASE WHEN count(DISTINCT s.machine_id) = 1 THEN min(s.machine_id) END AS owner_id
    FROM log_markers AS l
    LEFT JOIN (SELECT DISTINCT host_key, scope_key FROM inventory_machines) AS h ON h.host_key = host_key_of(l.host)
    LEFT JOIN sole_machines AS s ON s.vhd_key = lower(l.detail) AND s.scope_key IS NOT DISTINCT FROM h.scope_key
    WHERE l.marker = 'vhd_chain' AND l.detail IS NOT NULL
    GROUP BY l.job_id
),
named AS (
    SELECT
        coalesce(r.job_id, c.job_id) AS job_id, r.record_vm IS NULL AS is_hint,
        r.record_vm IS NULL AND c.job_id IS NULL AS is_guest, coalesce(r.server, c.host) AS host,
        CASE WHEN r.record_vm IS NOT NULL OR c.job_id IS NULL THEN coalesce(r.record_vm, r.guest_vm)
            ELSE nullif(regexp_extract(c.vhd_path, '([^\\]+)\\(?:Virtual Hard Disks\\)?[^\\]+$', 1), '') END AS name,
        coalesce(r.scope_key, c.scope_key, host_key_of(c.host), '') AS scope_key,
        r.dpm_server_key, r.inventory_id, c.owner_id, lower(c.vhd_path) AS vhd_key, coalesce(r.us, c.us, 0) AS us,
        night_of(s.time_zone, s.night_shift_s, moment_of(coalesce(r.us, c.us, 0))) AS night
    FROM (SELECT * FROM record_vms WHERE record_vm IS NOT NULL OR guest_vm IS NOT NULL) AS r
    FULL JOIN chains AS c ON c.job_id = r.job_id
    CROSS JOIN site AS s
),
known AS (
    SELECT n.*, lower(n.name) AS name_key,
        coalesce(n.dpm_server_key, max(n.dpm_server_key) OVER same_name, '') AS server_key,
        coalesce(
            n.owner_id, n.inventory_id, h.machine_id,
            CASE WHEN count(DISTINCT n.owner_id) OVER (PARTITION BY lower(n.name), n.is_guest, n.scope_key) = 1
                THEN max(n.owner_id) OVER (PARTITION BY lower(n.name), n.is_guest, n.scope_key) END,
            CASE WHEN n.is_guest OR count(DISTINCT n.night || '|' || n.scope_key) OVER same_name
                = count(DISTINCT n.night) OVER same_name THEN a.machine_id END
        ) AS known_id
    FROM named AS n
    LEFT JOIN sole_machines AS h ON h.name_key = lower(n.name) AND h.scope_key = n.scope_key AND NOT n.is_guest
    LEFT JOIN sole_machines AS a ON a.name_key = lower(n.name) AND a.scope_key IS NULL
    WHERE coalesce(n.owner_id, n.name) IS NOT NULL
    WINDOW same_name AS (PARTITION BY lower(n.name), n.is_guest)
),
unknown AS (
    SELECT *,
        CASE
            WHEN count(DISTINCT night || '|' || scope_key || '|' || server_key) OVER same_name
                = count(DISTINCT night) OVER same_name
                AND (min(server_key) OVER same_name = max(server_key) OVER same_name
                    OR min(scope_key) OVER same_name = max(scope_key) OVER same_name) THEN name_key
            WHEN count(DISTINCT night || '|' || scope_key) OVER (PARTITION BY name_key, server_key)
                = count(DISTINCT night) OVER (PARTITION BY name_key, server_key) THEN name_key || '|' || server_key
            ELSE name_key || '|' || server_key || '|' || scope_key
        END AS bearer_key,
        CASE WHEN count(DISTINCT night || '|' || name_key) OVER (PARTITION BY scope_key, vhd_key)
            = count(DISTINCT night) OVER (PARTITION BY scope_key, vhd_key)
            THEN scope_key || '|' || vhd_key END AS disk_key
    FROM known
    WHERE known_id IS NULL AND NOT is_guest
    WINDOW same_name AS (PARTITION BY name_key)
),
linked AS (
    SELECT *, CASE WHEN disk_key IS NOT NULL THEN min(bearer_key) OVER (PARTITION BY disk_key) END AS link_key
    FROM unknown
),
namings AS (
    SELECT job_id, known_id AS machine_id, 'name' AS told_by, CASE WHEN NOT is_hint THEN name END AS name,
        CASE WHEN NOT is_guest THEN host END AS host, us, us AS last_us
    FROM known WHERE known_id IS NOT NULL
    UNION ALL
    SELECT job_id, CASE WHEN min(link_key) OVER same_bearer IS NULL THEN 'NAME-' ELSE 'VHD-' END
            || left(upper(md5(coalesce(min(link_key) OVER same_bearer, bearer_key))), 16),
        CASE WHEN min(link_key) OVER same_bearer IS NULL THEN 'name' ELSE 'vhd_path' END, name, host, us, us
    FROM linked WINDOW same_bearer AS (PARTITION BY bearer_key)
    UNION ALL
    SELECT NULL, machine_id, max(told_by), max(vm), max(host), min(us), max(us)
    FROM inventory_machines GROUP BY machine_id, name_key, host_key
),
labels AS (
    SELECT machine_id, max(told_by) AS told_by, max_by(name, (last_us, name)) AS newest,
        max_by(host, (last_us, host)) AS last_host
    FROM namings GROUP BY machine_id
),
titled AS (
    SELECT *, newest || CASE WHEN count(*) OVER (PARTITION BY lower(newest)) > 1
        THEN coalesce(' (' || last_host || ')', '') ELSE '' END AS title
    FROM labels
)
SELECT
    n.job_id, n.machine_id, t.told_by, n.name, n.host, n.us, n.last_us, t.newest, t.last_host,
    -- two of one name whose last host is the same are numbered
    t.title || CASE WHEN t.place > 1 THEN ' ' || CAST(t.place AS VARCHAR) ELSE '' END AS vm
FROM namings AS n
JOIN (
    SELECT *, row_number() OVER (PARTITION BY lower(title) ORDER BY title <> newest, machine_id) AS place FROM titled
) AS t ON t.machine_id = n.machine_id
