-- question: Which rule judges which VM on which night?
-- grain: one VM, one night, one rule that holds
-- key: vm, night, rule
-- reads: excluded_vms, job_base, machine_aliases, nights, site, site_rules, vm_disks
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | Local date on which the backup window opens.
-- column: rule VARCHAR | What it demands: backup_window, max_duration, rpo_disk, rpo_cloud, dpm_sla.
-- column: threshold_s DOUBLE | Its limit; 0 for a backup window.
-- column: opens_at TIMESTAMP WITH TIME ZONE | When the backup window opens.
-- column: closes_at TIMESTAMP WITH TIME ZONE | When the backup window closes.
-- column: window_start_s BIGINT | When its window opens, seconds from local midnight.
-- column: window_end_s BIGINT | When its window closes, seconds from local midnight.
-- The rules of the site file: of one kind the first that fits a VM, as it was valid on that night. Where the site file
-- has no backup window for a VM and a night, the site's own is the rule.
WITH names AS (
    SELECT vm FROM job_base WHERE vm IS NOT NULL
    UNION
    SELECT vm FROM vm_disks
    EXCEPT
    SELECT vm FROM excluded_vms
),
groups_of AS (
    SELECT DISTINCT vm, protection_group FROM job_base WHERE vm IS NOT NULL
),
fitting AS (
    SELECT DISTINCT m.vm, n.night, r.number, r.rule, r.threshold_s, r.window_start_s, r.window_end_s
    FROM names AS m
    JOIN machine_aliases AS a ON a.vm = m.vm
    JOIN site_rules AS r ON r.vm_pattern IS NULL OR name_fits(a.name, r.vm_pattern)
    JOIN nights AS n ON n.night BETWEEN r.first_night AND r.last_night
    LEFT JOIN groups_of AS g ON g.vm = m.vm AND g.protection_group = r.protection_group
    WHERE r.protection_group IS NULL OR g.vm IS NOT NULL
),
chosen AS (
    SELECT *, row_number() OVER (PARTITION BY vm, night, rule ORDER BY number) AS place FROM fitting
),
windows AS (
    SELECT
        m.vm, n.night, s.time_zone,
        coalesce(c.window_start_s, s.window_start_s) AS start_s,
        coalesce(c.window_end_s, s.window_end_s) AS end_s
    FROM names AS m
    CROSS JOIN nights AS n
    CROSS JOIN site AS s
    LEFT JOIN chosen AS c ON c.vm = m.vm AND c.night = n.night AND c.rule = 'backup_window' AND c.place = 1
),
opened AS (
    SELECT
        vm, night, start_s, end_s,
        opening_of(time_zone, night, start_s) AS opens_at,
        closing_of(time_zone, night, start_s, end_s) AS closes_at
    FROM windows
)
SELECT vm, night, 'backup_window' AS rule, CAST(0 AS DOUBLE) AS threshold_s, opens_at, closes_at,
    start_s AS window_start_s, end_s AS window_end_s
FROM opened
UNION ALL
SELECT o.vm, o.night, c.rule, c.threshold_s, o.opens_at, o.closes_at, o.start_s, o.end_s
FROM opened AS o
JOIN chosen AS c ON c.vm = o.vm AND c.night = o.night AND c.rule <> 'backup_window' AND c.place = 1
