-- question: Of which job is each event on a host or in a guest the trace, and what does it say?
-- grain: one event and one job that it is a trace of
-- key: marker, source_id, record_no, job_id
-- reads: event_hits, job_windows, log_markers, machine_aliases, vm_paths
-- column: job_id VARCHAR | The job.
-- column: marker VARCHAR | Name that the rule gives the event.
-- column: gives VARCHAR | What it tells.
-- column: how VARCHAR | How it tells it: observes, near, before, after, context.
-- column: at TIMESTAMP WITH TIME ZONE | Time created.
-- column: us BIGINT | The same in microseconds since 1970, UTC.
-- column: latest_us BIGINT | Latest time meant: older systems cut their times to whole seconds.
-- column: host VARCHAR | Computer that wrote it, without its domain.
-- column: host_key VARCHAR | The host in small letters without its domain: what hosts are compared and joined by.
-- column: computer_role VARCHAR | What that computer is: hyper-v-host, dpm-server, guest.
-- column: guest_vm VARCHAR | VM whose name its computer bears.
-- column: vhd_path VARCHAR | Path of the virtual disk that it names.
-- column: disk_key VARCHAR | The path in small letters without its volume, as in vm_paths.
-- column: volume_guid VARCHAR | GUID of the volume that it names, lower case.
-- column: process VARCHAR | Process that asked for the snapshot, lower case.
-- column: message VARCHAR | Rendered text where the export has it.
-- column: source_id VARCHAR | The source it was read from.
-- column: record_no BIGINT | Record in the source.
-- An event that names a disk or a volume goes to the job of that disk or volume on that computer whose snapshot was
-- taken then. An event that names neither goes to a job only where no other job of that computer took its snapshot at
-- that time, the job did take one, and all events of the kind lie within ten seconds: two sessions of VSS within one
-- job's time cannot be told apart. Mounts count only on a snapshot device: an ordinary VM start is no backup.
-- Guest events are matched with 150 seconds of clock difference, and only to the one job of that VM near them.
WITH disks AS (
    SELECT w.job_id, p.disk_key FROM job_windows AS w JOIN vm_paths AS p ON p.vm = w.vm
    UNION
    SELECT w.job_id, disk_key_of(l.detail)
    FROM log_markers AS l
    JOIN job_windows AS w ON w.marks_id = l.job_id
    WHERE l.marker = 'vhd_chain' AND l.detail IS NOT NULL AND w.host_key IN (SELECT host_key FROM event_hits)
),
mounted AS (
    SELECT DISTINCT host_key, pointer, disk_key, is_on_snapshot, us
    FROM event_hits
    WHERE marker IN ('vhd_mount_begin', 'vhd_mount') AND pointer IS NOT NULL
),
pointed AS (
    -- An event that names a disk by its pointer alone takes the path of the last mount with that pointer.
    SELECT
        h.marker, h.gives, h.by_what, h.source_id, h.record_no, h.host_key, h.computer_role, h.us, h.volume_guid,
        h.process, h.guest_vm,
        coalesce(h.disk_key, m.disk_key) AS disk_key,
        coalesce(h.is_on_snapshot, m.is_on_snapshot, false) AS is_on_snapshot,
        row_number() OVER (PARTITION BY h.source_id, h.record_no, h.marker ORDER BY m.us DESC NULLS LAST) AS nearest
    FROM event_hits AS h
    LEFT JOIN mounted AS m
        ON h.by_what = 'pointer' AND m.pointer = h.pointer AND m.host_key = h.host_key AND m.us <= h.us
    WHERE h.gives IN ('t1', 't2', 'mount', 'unmount')
),
by_disk AS (
    SELECT p.marker, p.source_id, p.record_no, w.job_id
    FROM pointed AS p
    JOIN job_windows AS w ON w.host_key = p.host_key AND p.us BETWEEN w.from_us AND w.begin_us
    JOIN disks AS d ON d.job_id = w.job_id AND d.disk_key = p.disk_key
    WHERE p.nearest = 1 AND p.by_what IN ('path', 'pointer') AND p.gives IN ('mount', 'unmount') AND p.is_on_snapshot
),
by_time AS (
    -- Sightings of the host's snapshot: by their volume, or by their time alone.
    SELECT
        p.marker, p.source_id, p.record_no, w.job_id, p.by_what, w.has_provider,
        count(*) OVER (PARTITION BY p.source_id, p.record_no, p.by_what) AS jobs,
        max(p.us) OVER alike - min(p.us) OVER alike AS spread_us
    FROM pointed AS p
    JOIN job_windows AS w ON w.host_key = p.host_key AND p.us BETWEEN w.from_us AND w.to_us
    WHERE p.nearest = 1 AND p.gives = 't2'
        AND (p.by_what = 'time'
            OR p.by_what = 'volume' AND (p.process IS NULL OR contains(p.process, 'dpmra'))
                AND (p.volume_guid IS NULL OR w.volume_guid IS NULL OR p.volume_guid = w.volume_guid))
    WINDOW alike AS (PARTITION BY w.job_id, p.marker, p.by_what)
),
in_guest AS (
    SELECT p.marker, p.source_id, p.record_no, w.job_id, count(*) OVER (PARTITION BY p.source_id, p.record_no) AS jobs
    FROM pointed AS p
    JOIN machine_aliases AS g ON g.name_key = lower(p.guest_vm) AND g.is_sole
    JOIN job_windows AS w
        ON w.vm = g.vm AND p.us BETWEEN w.from_us - 150000000 AND w.to_us + 150000000
    WHERE p.nearest = 1 AND p.computer_role = 'guest' AND p.gives = 't1'
),
claims AS (
    SELECT marker, source_id, record_no, job_id FROM by_disk
    UNION ALL
    SELECT marker, source_id, record_no, job_id
    FROM by_time
    WHERE jobs = 1 AND (by_what = 'volume' OR has_provider AND spread_us <= 10000000)
    UNION ALL
    SELECT marker, source_id, record_no, job_id FROM in_guest WHERE jobs = 1
)
SELECT
    c.job_id, h.marker, h.gives, h.how, h."at", h.us, h.latest_us, h.host, h.host_key, h.computer_role, h.guest_vm,
    h.vhd_path, h.disk_key, h.volume_guid, h.process, h.message, h.source_id, h.record_no
FROM claims AS c
JOIN event_hits AS h ON h.marker = c.marker AND h.source_id = c.source_id AND h.record_no = c.record_no
