-- title: Host snapshots without a known job
-- question: Which snapshots of hosts do the events show that no known job explains, and who took them?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: night DATE | local date on which the window opens
-- column: host VARCHAR | computer whose volumes were snapshot
-- column: requester VARCHAR | DPM, the program that asked for them, or NULL where neither an audit event nor Windows Server Backup says
-- column: snapshots BIGINT | snapshots
-- column: timed BIGINT | of these, those whose moment was logged (VSSAudit 8222 or the analytic channel)
-- column: first_at TIMESTAMP WITH TIME ZONE | first of them
-- column: last_at TIMESTAMP WITH TIME ZONE | last of them
-- column: vms VARCHAR | VMs whose VHDs were mounted on them
-- column: vm_count BIGINT | how many these are
-- column: mounted_s DOUBLE | how long these VHDs were mounted, all together, seconds; NULL where none was
-- column: guests_near VARCHAR | VMs whose own logs show a snapshot at that time (a hint, no proof)
-- column: jobs_known BOOLEAN | whether any job is known of that host and night
-- Without errlogs or job records these snapshots are all that is known of the backups; beside known jobs they are those of other programs,
-- or of two jobs on one volume at once that no event tells apart.
WITH requested AS (
    SELECT
        *,
        CASE
            WHEN contains(process, 'dpmra') THEN 'DPM'
            WHEN process IS NOT NULL THEN nullif(regexp_extract(process, '([^\\/]+)$', 1), '')
            WHEN EXISTS (
                SELECT 1 FROM windows_backups AS w
                WHERE host_key_of(w.host) = host_key_of(h.host)
                    AND h.first_at <= w.snapshot_ended_at AND h.last_at >= w.snapshot_started_at
            ) THEN 'wbengine.exe'
        END AS requester
    FROM host_snapshots AS h
    WHERE job_id IS NULL
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
),
hints AS (
    SELECT night, host, requester, string_agg(DISTINCT guest, ', ' ORDER BY guest) AS guests_near
    FROM (SELECT night, host, requester, unnest(string_split(guests_near, ', ')) AS guest FROM requested) AS guests
    GROUP BY night, host, requester
),
busy AS (
    SELECT DISTINCT n.night, host_key_of(j.host) AS host_key
    FROM jobs AS j
    JOIN job_nights AS n ON n.job_id = j.job_id
    WHERE j.level = 'host' AND j.host IS NOT NULL
)
SELECT
    r.night,
    r.host,
    r.requester,
    count(*) AS snapshots,
    count(*) FILTER (WHERE r.grade = 'A') AS timed,
    min(r.first_at) AS first_at,
    max(r.last_at) AS last_at,
    string_agg(DISTINCT r.vm, ', ' ORDER BY r.vm) AS vms,
    count(DISTINCT r.vm) AS vm_count,
    sum(to_us(r.mounted_s)) / 1000000.0 AS mounted_s,
    any_value(h.guests_near) AS guests_near,
    any_value(b.host_key) IS NOT NULL AS jobs_known
FROM requested AS r
LEFT JOIN hints AS h ON h.night = r.night AND h.host = r.host AND h.requester IS NOT DISTINCT FROM r.requester
LEFT JOIN busy AS b ON b.night = r.night AND b.host_key = host_key_of(r.host)
GROUP BY r.night, r.host, r.requester
ORDER BY r.night DESC, r.host, r.requester NULLS LAST
