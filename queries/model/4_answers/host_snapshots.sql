-- title: Host snapshots that the events show
-- question: When did which host take a snapshot for a backup, of which VM, and which job was it?
-- One row per snapshot of a host, known from Windows events alone. VSS takes one snapshot of a computer at a time: sightings less than ten
-- seconds apart are one, unless the snapshot itself was logged twice, two seconds apart. Known to the moment (grade A) where the snapshot
-- itself was logged, else to its first and last trace (B). The VM is that of the VHDs that were then mounted on the snapshot, else that of the job the traces belong to.
-- guests_near: VMs whose own logs show a snapshot within 150 seconds (clocks differ by up to two minutes); a hint, no proof, and only where
-- the VM is not known, DPM may have asked for the snapshot, and vms does not place the guest on another host.
WITH sightings AS (
    SELECT host, us, latest_us, how, process, volume_guid, source_id, record_no,
        us - lag(us) OVER (PARTITION BY lower(host) ORDER BY us, source_id, record_no) > 10000000 AS is_new
    FROM event_hits
    WHERE gives = 't2' AND computer_role <> 'guest'
),
bursts AS (
    SELECT *, sum(CASE WHEN is_new THEN 1 ELSE 0 END) OVER (PARTITION BY lower(host) ORDER BY us, source_id, record_no ROWS UNBOUNDED PRECEDING) AS burst
    FROM sightings
),
repeats AS (
    SELECT *,
        how = 'observes' AND us - max(CASE WHEN how = 'observes' THEN us END) OVER earlier > 2000000 AS is_next
    FROM bursts
    WINDOW earlier AS (PARTITION BY lower(host), burst ORDER BY us, source_id, record_no ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
numbered AS (
    SELECT *,
        sum(CASE WHEN is_new OR is_next THEN 1 ELSE 0 END) OVER (PARTITION BY lower(host) ORDER BY us, source_id, record_no ROWS UNBOUNDED PRECEDING) AS place
    FROM repeats
),
claimed AS (
    SELECT source_id, record_no, min(job_id) AS job_id FROM event_claims GROUP BY source_id, record_no
),
sets AS (
    SELECT
        n.host, n.place,
        min(n.us) AS first_us,
        max(n.latest_us) AS last_us,
        min(CASE WHEN n.how = 'observes' THEN n.us END) AS seen_us,
        max(n.process) AS process,
        min(n.volume_guid) AS volume_guid,
        CASE WHEN count(DISTINCT c.job_id) = 1 THEN min(c.job_id) END AS job_id
    FROM numbered AS n
    LEFT JOIN claimed AS c ON c.source_id = n.source_id AND c.record_no = n.record_no
    GROUP BY n.host, n.place
),
in_order AS (
    SELECT lower(host) AS host_key, first_us AS us, place, NULL AS gives, NULL AS disk_key FROM sets
    UNION ALL
    SELECT lower(host), us, NULL, gives, disk_key FROM event_hits WHERE gives IN ('mount', 'unmount') AND is_on_snapshot
),
mounted AS (
    SELECT *, max(place) OVER (PARTITION BY host_key ORDER BY us, place NULLS LAST ROWS UNBOUNDED PRECEDING) AS latest FROM in_order
),
mounts AS (
    SELECT
        m.host_key, m.latest,
        min(m.us) FILTER (WHERE m.gives = 'mount') AS mount_us,
        max(m.us) FILTER (WHERE m.gives = 'unmount') AS unmount_us,
        count(DISTINCT m.disk_key) AS vhds,
        count(DISTINCT d.vm) AS vms,
        min(d.vm) AS vm
    FROM mounted AS m
    LEFT JOIN vm_paths AS d ON d.disk_key = m.disk_key
    WHERE m.gives IS NOT NULL
    GROUP BY m.host_key, m.latest
),
homes AS (
    SELECT lower(vm) AS vm_key, list(DISTINCT lower(split_part(host, '.', 1))) AS hosts
    FROM vms
    WHERE vm IS NOT NULL AND host IS NOT NULL
    GROUP BY lower(vm)
),
guests AS (
    SELECT t.host, t.place, string_agg(DISTINCT h.guest_vm, ', ' ORDER BY h.guest_vm) AS guests_near
    FROM sets AS t
    JOIN event_hits AS h ON h.us BETWEEN t.first_us - 150000000 AND t.last_us + 150000000
    LEFT JOIN homes AS o ON o.vm_key = lower(h.guest_vm)
    WHERE h.gives = 't1' AND h.computer_role = 'guest' AND h.guest_vm IS NOT NULL
        AND (o.vm_key IS NULL OR list_contains(o.hosts, lower(split_part(t.host, '.', 1))))
    GROUP BY t.host, t.place
)
SELECT
    t.host,
    CAST(timezone(s.time_zone, make_timestamptz(t.first_us)) - s.night_shift_s * INTERVAL 1 SECOND AS DATE) AS night,
    make_timestamptz(t.first_us) AS first_at,
    make_timestamptz(t.last_us) AS last_at,
    make_timestamptz(t.seen_us) AS snapshot_at,
    CASE WHEN t.seen_us IS NULL THEN 'B' ELSE 'A' END AS grade,
    t.process,
    t.volume_guid,
    CASE WHEN m.vms = 1 THEN m.vm ELSE j.vm END AS vm,
    t.job_id,
    coalesce(m.vhds, 0) AS vhds,
    make_timestamptz(m.mount_us) AS mount_at,
    make_timestamptz(m.unmount_us) AS unmount_at,
    (m.unmount_us - m.mount_us) / 1000000.0 AS mounted_s,
    CASE WHEN coalesce(j.vm, CASE WHEN m.vms = 1 THEN m.vm END) IS NULL AND (t.process IS NULL OR contains(t.process, 'dpmra')) THEN g.guests_near END
        AS guests_near
FROM sets AS t
CROSS JOIN site AS s
LEFT JOIN mounts AS m ON m.host_key = lower(t.host) AND m.latest = t.place
LEFT JOIN guests AS g ON g.host = t.host AND g.place = t.place
LEFT JOIN jobs AS j ON j.job_id = t.job_id
