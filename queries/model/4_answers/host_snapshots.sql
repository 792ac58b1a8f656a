-- question: When did which host take a snapshot for a backup, of which VM, and which job was it?
-- grain: one snapshot of a host, known from Windows events alone
-- key: host, first_at
-- reads: event_hits, inventory_machines, job_base, machine_aliases, machine_names, site, snapshot_sets, vm_paths
-- column: host VARCHAR | Hyper-V host.
-- column: night DATE | Local date on which the backup window opens.
-- column: first_at TIMESTAMP WITH TIME ZONE | First trace of it.
-- column: last_at TIMESTAMP WITH TIME ZONE | Last trace of it.
-- column: snapshot_at TIMESTAMP WITH TIME ZONE | The moment itself where it was logged.
-- column: grade VARCHAR | A where the moment was logged, else B: A, B, C, D.
-- column: process VARCHAR | Process that asked for it, lower case.
-- column: volume_guid VARCHAR | GUID of the volume, lower case.
-- column: vm VARCHAR | VM whose disks were mounted on it, else that of the job.
-- column: job_id VARCHAR | Job that it belongs to.
-- column: vhds BIGINT | Virtual disks mounted on it.
-- column: mount_at TIMESTAMP WITH TIME ZONE | First of them mounted.
-- column: unmount_at TIMESTAMP WITH TIME ZONE | Last of them let go.
-- column: mounted_s DOUBLE | Time between the two.
-- column: guests_near VARCHAR | VMs whose own logs show a snapshot within 150 seconds: a hint, no proof.
-- One row per snapshot of a host, known from Windows events alone (snapshot_sets). Known to the moment (grade A) where
-- the snapshot itself was logged, else to its first and last trace (B). The VM is that of the VHDs that were then
-- mounted on the snapshot, else that of the job the traces belong to.
-- guests_near: VMs whose own logs show a snapshot within 150 seconds (clocks differ by up to two minutes); a hint, no
-- proof, and only where the VM is not known, DPM may have asked for the snapshot, and vms does not place the guest on
-- another host.
WITH in_order AS (
    SELECT host_key, first_us AS us, place, NULL AS gives, NULL AS disk_key FROM snapshot_sets
    UNION ALL
    SELECT host_key, us, NULL, gives, disk_key
    FROM event_hits
    WHERE gives IN ('mount', 'unmount') AND is_on_snapshot
),
mounted AS (
    SELECT
        *,
        max(place) OVER (PARTITION BY host_key ORDER BY us, place NULLS LAST ROWS UNBOUNDED PRECEDING) AS latest
    FROM in_order
),
mounts AS (
    SELECT
        m.host_key, m.latest,
        min(CASE WHEN m.gives = 'mount' THEN m.us END) AS mount_us,
        max(CASE WHEN m.gives = 'unmount' THEN m.us END) AS unmount_us,
        count(DISTINCT m.disk_key) AS vhds,
        CASE WHEN count(DISTINCT d.vm) = 1 THEN min(d.vm) END AS vm
    FROM mounted AS m
    LEFT JOIN vm_paths AS d ON d.disk_key = m.disk_key
    WHERE m.gives IS NOT NULL
    GROUP BY m.host_key, m.latest
),
homes AS (
    SELECT DISTINCT n.vm, m.host_key
    FROM inventory_machines AS m
    JOIN machine_names AS n ON n.machine_id = m.machine_id
    WHERE m.host_key IS NOT NULL
),
near AS (
    SELECT DISTINCT t.host_key, t.place, g.vm
    FROM snapshot_sets AS t
    JOIN event_hits AS h ON h.us BETWEEN t.first_us - 150000000 AND t.last_us + 150000000
    JOIN machine_aliases AS g ON g.name_key = lower(h.guest_vm) AND g.is_sole
    LEFT JOIN homes AS here ON here.vm = g.vm AND here.host_key = t.host_key
    LEFT JOIN (SELECT DISTINCT vm FROM homes) AS known ON known.vm = g.vm
    WHERE h.gives = 't1' AND h.computer_role = 'guest' AND (known.vm IS NULL OR here.vm IS NOT NULL)
),
guests AS (
    SELECT host_key, place, string_agg(vm, ', ' ORDER BY vm) AS guests_near
    FROM near
    GROUP BY host_key, place
)
SELECT
    t.host,
    night_of(s.time_zone, s.night_shift_s, moment_of(t.first_us)) AS night,
    moment_of(t.first_us) AS first_at,
    moment_of(t.last_us) AS last_at,
    moment_of(t.seen_us) AS snapshot_at,
    CASE WHEN t.seen_us IS NULL THEN 'B' ELSE 'A' END AS grade,
    t.process,
    t.volume_guid,
    coalesce(m.vm, j.vm) AS vm,
    t.job_id,
    coalesce(m.vhds, 0) AS vhds,
    moment_of(m.mount_us) AS mount_at,
    moment_of(m.unmount_us) AS unmount_at,
    (m.unmount_us - m.mount_us) / 1000000.0 AS mounted_s,
    CASE
        WHEN coalesce(j.vm, m.vm) IS NULL AND (t.process IS NULL OR contains(t.process, 'dpmra')) THEN g.guests_near
    END AS guests_near
FROM snapshot_sets AS t
CROSS JOIN site AS s
LEFT JOIN mounts AS m ON m.host_key = t.host_key AND m.latest = t.place
LEFT JOIN guests AS g ON g.host_key = t.host_key AND g.place = t.place
LEFT JOIN job_base AS j ON j.job_id = t.job_id
