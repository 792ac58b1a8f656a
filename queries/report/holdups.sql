-- title: What holds backups up, by volume and by DPM server
-- question: Is it the volume, the DPM server, the queue or the host that holds VMs up, where, and how fast is each volume?
-- column: volume VARCHAR | the volume, NULL in a row of a DPM server
-- column: dpm_server VARCHAR | the DPM server, NULL in a row of a volume
-- column: vms BIGINT | VMs whose last backup at host level was there
-- column: by_volume BIGINT | of these, held up most by their volume
-- column: by_server BIGINT | by the DPM server
-- column: by_queue BIGINT | by DPM's queue
-- column: by_host_cap BIGINT | by the cap of their host
-- column: by_none BIGINT | by none of these
-- column: unclear BIGINT | of which too little is known
-- column: volume_share DOUBLE | mean share of a VM's time that contention on its volume and waits for it cost
-- column: server_share DOUBLE | mean share that contention on the DPM server costs
-- column: queue_share DOUBLE | mean share that DPM's queue costs
-- column: scan_s_per_gb DOUBLE | seconds per 10^9 bytes read from the volume, alone
-- column: scan_low_s_per_gb DOUBLE | lower end, 90 % interval
-- column: scan_high_s_per_gb DOUBLE | upper end, 90 % interval
-- column: slowing_share DOUBLE | share by which one more job on the volume slows a job
-- column: changed_on DATE | night from which another level holds on the volume, NULL where none does
-- column: grade VARCHAR | how well the rates are founded
-- column: estimate_reason VARCHAR | what decides that grade
WITH homes AS (
    SELECT vm, max_by(volume, (ended_us, volume)) AS volume, max_by(dpm_server_key, (ended_us, dpm_server_key)) AS dpm_server
    FROM job_times
    WHERE is_full AND NOT is_guest AND ended_us IS NOT NULL
    GROUP BY vm
),
counted AS (
    SELECT
        h.volume, h.dpm_server, count(*) AS vms,
        count(*) FILTER (WHERE b.bottleneck = 'volume') AS by_volume,
        count(*) FILTER (WHERE b.bottleneck = 'server') AS by_server,
        count(*) FILTER (WHERE b.bottleneck = 'queue') AS by_queue,
        count(*) FILTER (WHERE b.bottleneck = 'host_cap') AS by_host_cap,
        count(*) FILTER (WHERE b.bottleneck = 'none') AS by_none,
        count(*) FILTER (WHERE b.bottleneck = 'not_enough_data') AS unclear,
        avg(b.volume_share ORDER BY b.vm) AS volume_share, avg(b.server_share ORDER BY b.vm) AS server_share,
        avg(b.queue_share ORDER BY b.vm) AS queue_share
    FROM bottlenecks AS b
    JOIN homes AS h ON h.vm = b.vm
    GROUP BY GROUPING SETS ((h.volume), (h.dpm_server))
)
SELECT
    c.*, r.scan_s_per_gb, r.scan_low_s_per_gb, r.scan_high_s_per_gb, r.volume_contention AS slowing_share,
    r.changed_on, r.grade, r.reason AS estimate_reason
FROM counted AS c
LEFT JOIN transfer_rates AS r ON r.volume = c.volume
WHERE c.volume IS NOT NULL OR c.dpm_server IS NOT NULL
ORDER BY c.volume IS NULL, c.by_volume DESC, c.volume_share DESC NULLS LAST, c.volume, c.dpm_server
