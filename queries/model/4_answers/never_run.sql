-- question: From when to when was which VM of the inventory not backed up?
-- grain: one VM of the inventory
-- key: vm
-- reads: job_base, job_records, site, vm_disks
-- column: vm VARCHAR | Name of the VM.
-- column: since_night DATE | First night on which it is known to be there, NULL for the last night of all.
-- column: first_night DATE | Night of its first backup, NULL for none.
-- column: is_watched BOOLEAN | Whether any job of its host or cluster is known.
-- From the last night that had begun when the first inventory with the VM was taken to its first backup. Only where
-- there are job records: without them nothing speaks for a missing backup. A VM on a host or cluster of which no job at
-- all is known may be protected by a DPM server that gave nothing: of it nothing is known.
WITH inventory AS (
    SELECT vm, nullif(min(collected_at), TIMESTAMPTZ '1970-01-01 00:00:00+00') AS collected_at
    FROM vm_disks
    GROUP BY vm
    HAVING max(vhd_bytes) IS NOT NULL OR NOT bool_or(has_pass_through)
),
runs AS (
    SELECT vm, min(night) AS first_night FROM job_base WHERE owes_sla AND level IS NOT NULL GROUP BY vm
),
busy AS (
    SELECT host_key_of(host) AS place_key FROM job_base WHERE host IS NOT NULL
    UNION
    SELECT host_key_of(d.cluster)
    FROM vm_disks AS d
    JOIN job_base AS j ON host_key_of(j.host) = host_key_of(d.host)
    WHERE d.cluster IS NOT NULL
),
placed AS (
    SELECT d.vm, bool_or(d.host IS NULL AND d.cluster IS NULL OR h.place_key IS NOT NULL OR c.place_key IS NOT NULL)
        AS is_watched
    FROM vm_disks AS d
    LEFT JOIN busy AS h ON h.place_key = host_key_of(d.host)
    LEFT JOIN busy AS c ON c.place_key = host_key_of(d.cluster)
    GROUP BY d.vm
)
SELECT
    i.vm, night_of(s.time_zone, s.window_start_s, i.collected_at) AS since_night, r.first_night, p.is_watched
FROM inventory AS i
JOIN placed AS p ON p.vm = i.vm
CROSS JOIN site AS s
LEFT JOIN runs AS r ON r.vm = i.vm
WHERE EXISTS (SELECT 1 FROM job_records WHERE record_kind = 'job')
