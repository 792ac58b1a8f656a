-- question: Which events say something about a backup, and about which disk, volume or VM?
-- grain: one Windows event and one rule that names it
-- key: marker, source_id, record_no
-- reads: collections, event_fields, vms
-- column: marker VARCHAR | Name that the rule gives it.
-- column: gives VARCHAR | What it tells.
-- column: how VARCHAR | How it tells it: observes, near, before, after, context.
-- column: by_what VARCHAR | What finds its job: volume, path, pointer, vm, time.
-- column: source_id VARCHAR | The source it was read from.
-- column: record_no BIGINT | Record in the source.
-- column: host VARCHAR | Computer that wrote it, without its domain.
-- column: host_key VARCHAR | The host in small letters without its domain: what hosts are compared and joined by.
-- column: computer_role VARCHAR | What that computer is: hyper-v-host, dpm-server, guest.
-- column: channel VARCHAR | Log name.
-- column: event_provider VARCHAR | Provider of the event.
-- column: event_id INTEGER | Event id.
-- column: record_id BIGINT | EventRecordID in its channel.
-- column: at TIMESTAMP WITH TIME ZONE | Time created.
-- column: us BIGINT | The same in microseconds since 1970, UTC.
-- column: latest_us BIGINT | Latest time meant: older systems cut their times to whole seconds.
-- column: vhd_path VARCHAR | Path of the virtual disk that it names.
-- column: pointer VARCHAR | Handle of the mounted disk that it names.
-- column: event_vm_id VARCHAR | GUID of the VM that it names, upper case.
-- column: event_vm VARCHAR | Name of the VM that it names.
-- column: volume_guid VARCHAR | GUID of the volume that it names, lower case.
-- column: process VARCHAR | Process that asked for the snapshot, lower case.
-- column: guest_vm VARCHAR | VM whose name its computer bears.
-- column: operation VARCHAR | Steps of VSS that a failure names, outermost last.
-- column: is_on_snapshot BOOLEAN | Whether the path lies on a snapshot device.
-- column: disk_key VARCHAR | The path in small letters without its volume, as in vm_paths.
-- column: says VARCHAR | The message, else the text in its payload.
-- column: data VARCHAR | Payload as JSON.
-- column: message VARCHAR | Rendered text where the export has it.
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
    computer_of(host) AS host,
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
