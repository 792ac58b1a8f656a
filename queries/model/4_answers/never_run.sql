-- question: Which VMs of the inventory have never been backed up, and since when is that known?
-- grain: one VM of the inventory and one night before any backup of it
-- key: vm, night
-- reads: excluded_vms, job_base, job_records, nights, vm_disks
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | Local date on which the backup window opens.
-- column: seen_until TIMESTAMP WITH TIME ZONE | Latest time that a log or record of the VM's DPM server and hosts
--   speaks of.
-- From the last night that had opened when the first inventory with the VM was taken (the last night of all where that
-- time is not known) to the night before the first backup. Only where there are job records: without them nothing
-- speaks for a missing backup.
WITH inventory AS (
    SELECT vm, nullif(min(collected_at), TIMESTAMPTZ '1970-01-01 00:00:00+00') AS collected_at
    FROM vm_disks
    GROUP BY vm
    HAVING max(vhd_bytes) IS NOT NULL OR NOT bool_or(has_pass_through)
),
runs AS (
    SELECT vm, min(night) AS first_night FROM job_base WHERE owes_sla AND level IS NOT NULL GROUP BY vm
),
known_since AS (
    SELECT i.vm, max(n.night) AS night
    FROM inventory AS i
    JOIN nights AS n ON n.opens_at <= coalesce(i.collected_at, n.seen_until)
    GROUP BY i.vm
)
SELECT k.vm, n.night, n.seen_until
FROM known_since AS k
JOIN nights AS n ON n.night >= k.night
LEFT JOIN runs AS r ON r.vm = k.vm
LEFT JOIN excluded_vms AS x ON x.vm = k.vm
WHERE x.vm IS NULL AND (r.first_night IS NULL OR n.night < r.first_night)
    AND EXISTS (SELECT 1 FROM job_records WHERE record_kind = 'job')
