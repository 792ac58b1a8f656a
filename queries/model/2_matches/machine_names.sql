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
-- A job record names a machine, else the folder of the disk that an errlog names; the inventory does (job_id is NULL).
-- Whose it is: that of the disk's owner in the inventory, of the name's bearer in its scope (record_vms), of the owner
-- of other disks under that name there, of the one machine that bears it anywhere, unless a night has both places. What
-- the inventory does not know is one machine per name, scope and DPM server; one that moved where no night has it in
-- two of them; one that was renamed where two names have one disk and no night has both.
WITH chains AS (
    SELECT l.job_id, min(computer_of(l.host)) AS host, min(h.scope_key) AS scope_key, min(l.us) AS us,
        CASE WHEN min(s.machine_id) = max(s.machine_id) THEN min(s.machine_id) END AS owner_id, min(l.detail) AS path
    FROM log_markers AS l
    LEFT JOIN (SELECT DISTINCT host_key, scope_key FROM inventory_machines) AS h ON h.host_key = host_key_of(l.host)
    LEFT JOIN sole_machines AS s ON s.vhd_key = lower(l.detail) AND s.scope_key IS NOT DISTINCT FROM h.scope_key
    WHERE l.marker = 'vhd_chain' AND l.detail IS NOT NULL GROUP BY l.job_id
),
named AS (
    SELECT coalesce(r.job_id, c.job_id) AS job_id, coalesce(r.server, c.host) AS host, r.record_vm IS NULL AS is_hint,
        r.record_vm IS NULL AND c.job_id IS NULL AS is_guest, r.inventory_id, c.owner_id, lower(c.path) AS vhd_key,
        coalesce(
            r.record_vm, nullif(regexp_extract(c.path, '([^\\]+)\\(?:Virtual Hard Disks\\)?[^\\]+$', 1), ''), r.guest_vm
        ) AS name, lower(name) AS name_key,
        coalesce(r.scope_key, c.scope_key, host_key_of(c.host)) AS scope_key,
        coalesce(r.dpm_server_key, d.server_key, '') AS server_key, coalesce(r.us, c.us, 0) AS us,
        night_of(s.time_zone, s.night_shift_s, moment_of(coalesce(r.us, c.us, 0))) AS night
    FROM (SELECT * FROM record_vms WHERE coalesce(record_vm, guest_vm) IS NOT NULL) AS r
    FULL JOIN chains AS c ON c.job_id = r.job_id
    LEFT JOIN (SELECT vm_host_key, max(dpm_server_key) AS server_key FROM record_vms GROUP BY vm_host_key) AS d
        ON d.vm_host_key = coalesce(r.vm_host_key, host_key_of(c.host))
    CROSS JOIN site AS s
),
twice AS (
    -- of a name in several places, and of it on one DPM server: whether a night has two, but one on which it moved on
    SELECT name_key, server_key, bool_or(low_server < high_server) AS has_two_servers,
        bool_or(low_scope < high_scope AND NOT is_move) AS has_two_scopes,
        min(low_scope) < max(high_scope) AND min(low_server) < max(high_server) AS has_both_changed
    FROM (
        SELECT name_key, server_key, min(scope_key) AS low_scope, max(scope_key) AS high_scope,
            min(nullif(server_key, '')) AS low_server, max(nullif(server_key, '')) AS high_server,
            min_by(scope_key, place) <> max_by(scope_key, place)
                AND coalesce(min_by(scope_key, place) = lag(max_by(scope_key, place)) OVER by_night, false)
                AND coalesce(max_by(scope_key, place) = lead(min_by(scope_key, place)) OVER by_night, false) AS is_move
        FROM (SELECT *, (us, scope_key) AS place FROM named) AS placed
        WHERE NOT is_guest AND name_key IN (SELECT name_key FROM named WHERE NOT is_guest GROUP BY name_key
            HAVING min(scope_key) < max(scope_key) OR min(server_key) < max(server_key))
        GROUP BY GROUPING SETS ((name_key, night), (name_key, server_key, night))
        WINDOW by_night AS (PARTITION BY name_key, server_key ORDER BY night)
    ) AS nights GROUP BY name_key, server_key
),
known AS (
    SELECT n.*, coalesce(n.owner_id, n.inventory_id, h.machine_id, o.machine_id,
            CASE WHEN n.is_guest OR NOT coalesce(t.has_two_scopes, false) THEN a.machine_id END) AS known_id,
        n.name_key || CASE WHEN t.has_two_scopes OR t.has_two_servers OR t.has_both_changed THEN '|' || n.server_key
            || CASE WHEN s.has_two_scopes THEN '|' || coalesce(n.scope_key, '') ELSE '' END ELSE '' END AS bearer_key
    FROM named AS n
    LEFT JOIN sole_machines AS h ON h.name_key = n.name_key AND h.scope_key = n.scope_key AND NOT n.is_guest
    LEFT JOIN sole_machines AS a ON a.name_key = n.name_key AND a.scope_key IS NULL
    LEFT JOIN (
        SELECT name_key, scope_key, min(owner_id) AS machine_id FROM named
        GROUP BY name_key, scope_key HAVING min(owner_id) = max(owner_id)
    ) AS o ON o.name_key = n.name_key AND o.scope_key = n.scope_key
    LEFT JOIN twice AS t ON t.name_key = n.name_key AND t.server_key IS NULL
    LEFT JOIN twice AS s ON s.name_key = n.name_key AND s.server_key = n.server_key
    WHERE coalesce(n.owner_id, n.name) IS NOT NULL
),
links AS (
    SELECT k.bearer_key, min(d.link_key) AS link_key
    FROM known AS k JOIN (
        SELECT scope_key, vhd_key, min(first_key) AS link_key FROM (
            SELECT scope_key, vhd_key, min(bearer_key) AS first_key, min(name_key) < max(name_key) AS is_shared
            FROM known WHERE known_id IS NULL AND vhd_key IS NOT NULL GROUP BY scope_key, vhd_key, night
        ) AS nights GROUP BY scope_key, vhd_key HAVING NOT bool_or(is_shared)
    ) AS d ON d.scope_key = k.scope_key AND d.vhd_key = k.vhd_key
    WHERE k.known_id IS NULL GROUP BY k.bearer_key
),
namings AS (
    SELECT k.job_id, coalesce(k.known_id, CASE WHEN l.link_key IS NULL THEN 'NAME-' ELSE 'VHD-' END
            || left(upper(md5(coalesce(l.link_key, k.bearer_key))), 16)) AS machine_id,
        CASE WHEN k.known_id IS NULL AND l.link_key IS NOT NULL THEN 'vhd_path' ELSE 'name' END AS told_by,
        CASE WHEN NOT k.is_hint OR k.known_id IS NULL THEN k.name END AS name,
        CASE WHEN NOT k.is_guest THEN k.host END AS host, k.us, k.us AS last_us
    FROM known AS k LEFT JOIN links AS l ON l.bearer_key = k.bearer_key
    WHERE k.known_id IS NOT NULL OR NOT k.is_guest
    UNION ALL
    SELECT NULL, machine_id, max(told_by), max(vm), max(host), min(us), max(us)
    FROM inventory_machines GROUP BY machine_id, name_key, host_key
),
labels AS (
    -- a name with ? may be what an export in ASCII left of it
    SELECT machine_id, max(told_by) AS told_by, max_by(host, (last_us, host)) AS last_host,
        max_by(name, (NOT contains(name, '?'), last_us, name)) AS newest FROM namings GROUP BY machine_id
)
SELECT
    n.job_id, n.machine_id, t.told_by, n.name, n.host, n.us, n.last_us, t.newest, t.last_host,
    -- two of one name whose last host is the same are numbered
    t.title || CASE WHEN t.place > 1 THEN ' ' || CAST(t.place AS VARCHAR) ELSE '' END AS vm
FROM namings AS n JOIN (
    SELECT *, row_number() OVER (PARTITION BY lower(title) ORDER BY title <> newest, machine_id) AS place FROM (
        SELECT *, newest || CASE WHEN count(*) OVER (PARTITION BY lower(newest)) > 1
            THEN coalesce(' (' || last_host || ')', '') ELSE '' END AS title
        FROM labels
    ) AS titled
) AS t ON t.machine_id = n.machine_id
