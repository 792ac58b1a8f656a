-- question: Is there a log or a record that would show the backup of a VM on a night?
-- grain: one VM and one night of which there is evidence, since its first backup
-- key: vm, night
-- reads: collections, job_base, last_signs, log_nights, site
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | Local date on which the backup window opens.
-- column: first_night DATE | Night of its first backup.
-- column: seen_until TIMESTAMP WITH TIME ZONE | Latest time that a log or record of the VM's DPM server and hosts
--   speaks of.
-- Job records of the VM's DPM server, that server's own log, or a log of the VM's host would show its backup, if there
-- was one; a computer counts from the first night that the VM was seen on it. Where one of them was collected later
-- and had shown nothing since a last sign of life, silence is silence: later logs cannot change what that collection
-- shows.
WITH homes AS (
    SELECT vm, computer_key, min(night) AS since
    FROM (
        SELECT vm, host_key_of(dpm_server) AS computer_key, night FROM job_base
        UNION ALL
        SELECT vm, host_key_of(host), night FROM job_base
    ) AS places
    WHERE vm IS NOT NULL AND computer_key IS NOT NULL AND night IS NOT NULL
    GROUP BY vm, computer_key
),
shown AS (
    -- lines after the window alone do not tell what was written in it
    SELECT DISTINCT host_key_of(l.host) AS computer_key, l.night
    FROM log_nights AS l
    CROSS JOIN site AS s
    WHERE l.log_kind = 'job_records' OR starts_with(l.log_kind, 'errlog:')
        AND l.first_at < closing_of(s.time_zone, l.night, s.window_start_s, s.window_end_s)
),
spans AS (
    SELECT r.vm, r.first_night, max(e.seen_until) AS seen_until
    FROM (SELECT vm, min(night) AS first_night FROM job_base WHERE owes_sla AND level IS NOT NULL GROUP BY vm) AS r
    JOIN homes AS h ON h.vm = r.vm
    JOIN last_signs AS e ON e.computer_key = h.computer_key
    GROUP BY r.vm, r.first_night
),
seen AS (
    SELECT h.vm, s.night FROM homes AS h JOIN shown AS s ON s.computer_key = h.computer_key AND s.night >= h.since
    UNION
    SELECT j.vm, j.night
    FROM job_base AS j
    CROSS JOIN site AS s
    WHERE j.vm IS NOT NULL AND j.night IS NOT NULL
        AND (j.owes_sla OR j.record_started_at IS NOT NULL
            OR j.started_at < closing_of(s.time_zone, j.night, s.window_start_s, s.window_end_s))
),
gaps AS (
    SELECT vm, night, lead(night, 1, DATE '9999-12-31') OVER (PARTITION BY vm ORDER BY night) AS next_night FROM seen
),
collected AS (
    -- the last night that had begun by then
    SELECT DISTINCT
        h.vm, h.since,
        night_of(s.time_zone, s.window_start_s, c.collected_at) AS last_night
    FROM collections AS c
    JOIN homes AS h ON h.computer_key = host_key_of(c.host)
    CROSS JOIN site AS s
),
silent AS (
    SELECT g.vm, unnest(days_between(g.night + 1, max(c.last_night))) AS night
    FROM gaps AS g
    JOIN collected AS c
        ON c.vm = g.vm AND c.since <= g.night AND c.last_night < g.next_night
    GROUP BY g.vm, g.night
)
SELECT s.vm, s.night, p.first_night, p.seen_until
FROM (SELECT vm, night FROM seen UNION SELECT vm, night FROM silent) AS s
JOIN spans AS p ON p.vm = s.vm
WHERE s.night >= p.first_night
