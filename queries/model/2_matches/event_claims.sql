-- title: Which event belongs to which job
-- question: Of which job is each event on a host or in a guest the trace?
-- An event that names a disk or a volume goes to the job of that disk or volume on that computer whose snapshot was taken then. An event
-- that names neither goes to a job only where no other job of that computer took its snapshot at that time, the job did take one, and
-- all events of the kind lie within ten seconds: two sessions of VSS within one job's time cannot be told apart. Mounts count only on a
-- snapshot device: an ordinary VM start or Mount-VHD is no backup.
-- Guest events are matched with two minutes of clock difference, and only to the one job of that VM near them.
WITH disks AS (
    SELECT w.job_id, p.disk_key FROM job_windows AS w JOIN vm_paths AS p ON p.vm = w.vm
    UNION
    SELECT j.job_id, regexp_replace(lower(l.detail), '^(?:[a-z]:\\clusterstorage\\[^\\]+\\|[a-z]:\\)', '')
    FROM log_markers AS l
    JOIN job_base AS j ON j.marks_id = l.job_id
    WHERE l.marker = 'vhd_chain' AND l.detail IS NOT NULL
),
mounted AS (
    SELECT DISTINCT lower(host) AS host_key, pointer, disk_key, is_on_snapshot, us
    FROM event_hits
    WHERE marker IN ('vhd_mount_begin', 'vhd_mount') AND pointer IS NOT NULL
),
pointed AS (
    SELECT
        h.*,
        coalesce(h.disk_key, m.disk_key) AS key,
        coalesce(h.is_on_snapshot, m.is_on_snapshot, false) AS is_snapshot_path,
        row_number() OVER (PARTITION BY h.source_id, h.record_no, h.marker ORDER BY m.us DESC NULLS LAST) AS nearest
    FROM event_hits AS h
    LEFT JOIN mounted AS m
        ON h.by_what = 'pointer' AND m.pointer = h.pointer AND m.host_key = lower(h.host) AND m.us <= h.us
),
by_disk AS (
    SELECT p.marker, p.source_id, p.record_no, w.job_id
    FROM pointed AS p
    JOIN job_windows AS w ON w.host_key = lower(p.host) AND p.us BETWEEN w.from_us AND w.begin_us
    JOIN disks AS d ON d.job_id = w.job_id AND d.disk_key = p.key
    WHERE p.nearest = 1 AND p.by_what IN ('path', 'pointer') AND p.gives IN ('mount', 'unmount') AND p.is_snapshot_path
),
by_volume AS (
    SELECT
        p.marker, p.source_id, p.record_no, w.job_id,
        count(*) OVER (PARTITION BY p.source_id, p.record_no) AS jobs
    FROM pointed AS p
    JOIN job_windows AS w ON w.host_key = lower(p.host) AND p.us BETWEEN w.from_us AND w.to_us
    WHERE p.nearest = 1 AND p.by_what = 'volume' AND p.gives = 't2'
        AND (p.process IS NULL OR contains(p.process, 'dpmra'))
        AND (p.volume_guid IS NULL OR w.volume_guid IS NULL OR p.volume_guid = w.volume_guid)
),
by_time AS (
    SELECT
        p.marker, p.source_id, p.record_no, w.job_id, w.has_provider,
        count(*) OVER (PARTITION BY p.source_id, p.record_no) AS jobs,
        max(p.us) OVER (PARTITION BY w.job_id, p.marker) - min(p.us) OVER (PARTITION BY w.job_id, p.marker) AS spread_us
    FROM pointed AS p
    JOIN job_windows AS w ON w.host_key = lower(p.host) AND p.us BETWEEN w.from_us AND w.to_us
    WHERE p.nearest = 1 AND p.by_what = 'time' AND p.gives = 't2'
),
in_guest AS (
    SELECT
        p.marker, p.source_id, p.record_no, w.job_id,
        count(*) OVER (PARTITION BY p.source_id, p.record_no) AS jobs
    FROM pointed AS p
    JOIN job_windows AS w
        ON lower(w.vm) = lower(p.guest_vm) AND p.us BETWEEN w.from_us - 150000000 AND w.to_us + 150000000
    WHERE p.nearest = 1 AND p.computer_role = 'guest' AND p.gives = 't1'
)
SELECT marker, source_id, record_no, job_id FROM by_disk
UNION ALL
SELECT marker, source_id, record_no, job_id FROM by_volume WHERE jobs = 1
UNION ALL
SELECT marker, source_id, record_no, job_id FROM by_time WHERE jobs = 1 AND has_provider AND spread_us <= 10000000
UNION ALL
SELECT marker, source_id, record_no, job_id FROM in_guest WHERE jobs = 1
