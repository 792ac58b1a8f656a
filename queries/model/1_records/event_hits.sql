-- title: Windows events that a rule names
-- question: Which events say something about a backup, and about which disk, volume or VM?
-- A rule for guests counts in guests only, one for hosts elsewhere: a guest is a computer whose collection says so, or
-- that carries the name of a VM. A path on a snapshot device is told from an ordinary one; what follows the volume is
-- the same in both (disk_key). us: microseconds since 1970, UTC. Classic sources of older systems cut their times to
-- whole seconds: latest_us is the latest time meant.
WITH known_roles AS (
    SELECT host_key_of(host) AS host_key, max(role) AS role
    FROM collections
    WHERE host IS NOT NULL
    GROUP BY host_key_of(host)
),
vm_names AS (
    SELECT lower(vm) AS vm_key, max(vm) AS vm FROM vms WHERE vm IS NOT NULL GROUP BY lower(vm)
),
placed AS (
    SELECT
        f.*,
        coalesce(k.role, CASE WHEN v.vm IS NOT NULL THEN 'guest' ELSE 'hyper-v-host' END) AS computer_role,
        v.vm AS guest_vm
    FROM event_fields AS f
    LEFT JOIN known_roles AS k ON k.host_key = f.host_key
    LEFT JOIN vm_names AS v ON v.vm_key = f.host_key
)
SELECT
    marker,
    gives,
    how,
    by_what,
    source_id,
    record_no,
    split_part(host, '.', 1) AS host,
    host_key,
    computer_role,
    channel,
    event_provider,
    event_id,
    record_id,
    "at",
    us_of("at") AS us,
    us_of("at") + CASE WHEN us_of("at") % 1000000 = 0 THEN 999999 ELSE 0 END AS latest_us,
    vhd_path,
    pointer,
    event_vm_id,
    event_vm,
    guid_of(volume) AS volume_guid,
    process,
    guest_vm,
    operation,
    is_on_snapshot(vhd_path) AS is_on_snapshot,
    disk_key_of(vhd_path) AS disk_key,
    says,
    data,
    message
FROM placed
WHERE role = 'any' OR (role = 'guest') = (computer_role = 'guest')
