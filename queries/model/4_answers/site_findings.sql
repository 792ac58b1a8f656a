-- question: Which entries of the site file fit nothing in the store?
-- grain: one entry of the site file that fits no VM or group, or no time of it
-- key: entry_key, entry
-- reads: job_base, machine_aliases, site_exclusions, site_guest_level, site_rules, site_schedules
-- column: entry_key VARCHAR | Section and key of the site file.
-- column: entry VARCHAR | The name or pattern there.
-- column: finding VARCHAR | What is doubtful: names_no_vm, names_no_group, ends_before_first.
-- column: first_night DATE | First night of which a job of the VM is known.
-- Nothing here need be wrong: a VM that left long ago may bear a name that no log holds, and one that came back may
-- have been protected before. So the entry holds, and is told. A store without machines tells nothing of names.
WITH entries AS (
    SELECT CASE WHEN schedule IS NULL THEN '[vms] protected_until' ELSE '[vms] schedule' END AS entry_key,
        vm_pattern AS entry, protected_until
    FROM site_schedules
    UNION ALL
    SELECT '[vms] exclude', vm_pattern, NULL FROM site_exclusions
    UNION ALL
    SELECT
        CASE is_moved WHEN true THEN '[vms] guest_level_always' WHEN false THEN '[vms] guest_level_never'
            ELSE '[vms] cost' END,
        vm_pattern, NULL
    FROM site_guest_level
    UNION ALL
    SELECT DISTINCT '[[sla]] vms', vm_pattern, NULL FROM site_rules WHERE vm_pattern IS NOT NULL
),
firsts AS (
    SELECT vm, min(night) AS first_night FROM job_base WHERE vm IS NOT NULL GROUP BY vm
),
fitting AS (
    SELECT e.entry_key, e.entry, max(e.protected_until) AS protected_until, count(n.vm) AS vms,
        min(f.first_night) AS first_night
    FROM entries AS e
    LEFT JOIN machine_aliases AS n ON name_fits(n.name, e.entry)
    LEFT JOIN firsts AS f ON f.vm = n.vm
    GROUP BY e.entry_key, e.entry
)
SELECT
    f.entry_key, f.entry, CASE WHEN f.vms = 0 THEN 'names_no_vm' ELSE 'ends_before_first' END AS finding,
    f.first_night
FROM fitting AS f
WHERE (f.vms = 0 OR f.protected_until < f.first_night) AND EXISTS (SELECT 1 FROM machine_aliases)
UNION ALL
SELECT DISTINCT '[[sla]] group', r.protection_group, 'names_no_group', CAST(NULL AS DATE)
FROM site_rules AS r
LEFT JOIN job_base AS j ON j.protection_group = r.protection_group
WHERE r.protection_group IS NOT NULL AND j.job_id IS NULL AND EXISTS (SELECT 1 FROM machine_aliases)
