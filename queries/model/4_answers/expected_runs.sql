-- question: On which nights was a backup of which VM due, and what says so?
-- grain: one VM and one night on which a backup of it may have been due
-- key: vm, night
-- reads: due_nights, excluded_vms
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | Local date on which the backup window opens.
-- column: expected BOOLEAN | Whether a backup was due, NULL where that is not known.
-- column: learned_from VARCHAR | What says so: same_weekday, same_kind_of_day, site, inventory.
-- column: reason VARCHAR | What follows: due, not_due, never_run, not_established, no_evidence.
SELECT
    d.vm,
    d.night,
    d.expected,
    d.learned_from,
    CASE
        WHEN NOT d.has_evidence AND d.expected IS NULL THEN 'no_evidence'
        WHEN d.expected IS NULL THEN 'not_established'
        WHEN NOT d.expected THEN 'not_due'
        WHEN d.learned_from = 'inventory' THEN 'never_run'
        ELSE 'due'
    END AS reason
FROM due_nights AS d
LEFT JOIN excluded_vms AS x ON x.vm = d.vm
WHERE x.vm IS NULL
