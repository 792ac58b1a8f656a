-- question: How long does each VM's host-level backup transfer, how often is it late, and what would RCT need?
-- grain: one VM with a job that owes a recovery point
-- key: vm
-- reads: boundaries, job_base, job_tracking, nights, phase_places, sla_windows, vm_disks
-- column: vm VARCHAR | Name of the VM.
-- column: has_host BOOLEAN | Whether it is backed up at host level.
-- column: checks BIGINT | Consistency checks and jobs whose tracking was lost.
-- column: nights BIGINT | Transfers of finished host-level backups.
-- column: host_p50_s DOUBLE | Their median length.
-- column: host_p90_s DOUBLE | The length that nine of ten stay under.
-- column: scanned_p50_bytes BIGINT | Median size of its virtual disks.
-- column: sent_p50_bytes BIGINT | Bytes sent, median.
-- column: volume VARCHAR | Volume of its last backup.
-- column: seen_tracking VARCHAR | Tracking of its last backup, or era where the era alone speaks for it.
-- column: due BIGINT | Nights on which a backup was due.
-- column: breaches BIGINT | Of these, nights on which the backup window was missed.
-- column: late BIGINT | Of these, nights on which its backup ended or ran past the deadline.
-- column: late_but_short BIGINT | Of these, nights whose job took less than nine tenths of the window.
-- column: claim_wait_s DOUBLE | Time that all its jobs waited for a claim.
-- column: transfer_s DOUBLE | Time that all its jobs transferred.
-- column: vm_version VARCHAR | Latest known VM configuration version.
-- column: version DOUBLE | The same as a number.
-- column: has_vhd BOOLEAN | Whether a disk has the old format VHD.
-- column: has_pass_through BOOLEAN | Whether a disk is a pass-through disk.
-- column: is_rct_host BOOLEAN | Whether its host runs Windows Server 2016 or later, as another VM shows.
-- One row per VM with a job that owes a recovery point. Numbers only; candidates draws the conclusions.
-- late_but_short: nights on which a job came late that took less than nine tenths of the window: it began too late.
-- is_rct_host: the host of its last backup runs Windows Server 2016 or later, as a VM on it shows.
WITH spans AS (
    -- Phases of jobs that candidates weighs: the wait for a claim and the transfer.
    SELECT b.job_id, b.vm, p.phase, (n.us - b.us) / 1000000.0 AS duration_s
    FROM boundaries AS b
    JOIN phase_places AS p ON p.place = b.place AND p.phase IN ('claim_wait', 'transfer')
    JOIN boundaries AS n ON n.job_id = b.job_id AND n.place = b.next_place AND n.place = b.place + 1
),
transfers AS (
    SELECT
        j.vm, j.volume, host_key_of(j.host) AS host_key, t.vhd_bytes, j.bytes_transferred, s.duration_s AS transfer_s,
        CASE WHEN t.tracking_from = 'era' THEN 'era' ELSE t.tracking END AS tracking,
        row_number() OVER (PARTITION BY j.vm ORDER BY us_of(j.started_at) DESC) AS recent
    FROM job_base AS j
    JOIN job_tracking AS t ON t.job_id = j.job_id
    LEFT JOIN spans AS s ON s.job_id = j.job_id AND s.phase = 'transfer'
    WHERE j.vm IS NOT NULL AND j.level = 'host' AND j.kind = 'express_full' AND j.is_good
),
typical AS (
    SELECT
        vm,
        count(transfer_s) AS nights,
        quantile_of(transfer_s, 0.5) AS host_p50_s,
        quantile_of(transfer_s, 0.9) AS host_p90_s,
        CAST(quantile_of(vhd_bytes, 0.5) AS BIGINT) AS scanned_p50_bytes,
        CAST(quantile_of(bytes_transferred, 0.5) AS BIGINT) AS sent_p50_bytes,
        max(CASE WHEN recent = 1 THEN tracking END) AS tracking,
        max(CASE WHEN recent = 1 THEN volume END) AS volume,
        max(CASE WHEN recent = 1 THEN host_key END) AS host_key
    FROM transfers
    GROUP BY vm
),
spent AS (
    SELECT
        vm,
        sum(CASE WHEN phase = 'claim_wait' THEN duration_s ELSE 0 END) AS claim_wait_s,
        sum(CASE WHEN phase = 'transfer' THEN duration_s ELSE 0 END) AS transfer_s
    FROM spans
    WHERE vm IS NOT NULL
    GROUP BY vm
),
judged AS (
    SELECT
        s.vm,
        count(*) AS due,
        count(CASE WHEN NOT s.met THEN 1 END) AS breaches,
        count(CASE WHEN s.reason IN ('late', 'running_late') THEN 1 END) AS late,
        count(CASE WHEN s.reason = 'late' AND us_of(j.started_at) > us_of(n.opens_at)
            AND j.duration_s < (us_of(n.closes_at) - us_of(n.opens_at)) / 1000000.0 * 0.9 THEN 1 END) AS late_but_short
    FROM sla_windows AS s
    JOIN nights AS n ON n.night = s.night
    LEFT JOIN job_base AS j ON j.job_id = s.job_id
    WHERE s.expected
    GROUP BY s.vm
),
members AS (
    SELECT
        j.vm,
        bool_or(j.owes_sla AND j.level = 'host') AS has_host,
        count(CASE WHEN j.kind = 'consistency_check' OR t.tracking_from = 'error' THEN 1 END) AS checks
    FROM job_base AS j
    JOIN job_tracking AS t ON t.job_id = j.job_id
    WHERE j.vm IS NOT NULL
    GROUP BY j.vm
    HAVING bool_or(j.owes_sla AND j.level IS NOT NULL)
),
rct_hosts AS (
    -- RCT in use, or a configuration version above that of Windows Server 2012 R2.
    SELECT DISTINCT host_key_of(j.host) AS host_key
    FROM job_base AS j
    LEFT JOIN vm_disks AS d ON d.vm = j.vm AND d.is_latest
    WHERE j.level = 'host' AND j.host IS NOT NULL AND (contains(j.data_source_type, 'RCT') OR d.version > 5.0)
)
SELECT
    m.vm, m.has_host, m.checks,
    coalesce(t.nights, 0) AS nights, t.host_p50_s, t.host_p90_s, t.scanned_p50_bytes, t.sent_p50_bytes, t.volume,
    coalesce(t.tracking, 'unknown') AS seen_tracking,
    coalesce(n.due, 0) AS due, coalesce(n.breaches, 0) AS breaches, coalesce(n.late, 0) AS late,
    coalesce(n.late_but_short, 0) AS late_but_short,
    coalesce(s.claim_wait_s, 0) AS claim_wait_s, coalesce(s.transfer_s, 0) AS transfer_s,
    d.vm_version, d.version,
    coalesce(d.has_vhd, false) AS has_vhd, coalesce(d.has_pass_through, false) AS has_pass_through,
    r.host_key IS NOT NULL AS is_rct_host
FROM members AS m
LEFT JOIN typical AS t ON t.vm = m.vm
LEFT JOIN judged AS n ON n.vm = m.vm
LEFT JOIN spent AS s ON s.vm = m.vm
LEFT JOIN vm_disks AS d ON d.vm = m.vm AND d.is_latest
LEFT JOIN rct_hosts AS r ON r.host_key = t.host_key
