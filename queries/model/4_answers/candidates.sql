-- question: Which VMs break their window because every backup reads the whole disk, and what would help?
-- grain: one VM
-- key: vm
-- reads: advice, site, sla_causes, transfer_fits, vm_measures
-- column: vm VARCHAR | Name of the VM.
-- column: nights BIGINT | Nights with a finished host-level backup.
-- column: breaches BIGINT | Nights on which the backup window was missed.
-- column: host_p50_s DOUBLE | Median transfer time of the host-level backup.
-- column: host_p90_s DOUBLE | Transfer time that nine of ten backups stay under.
-- column: scanned_p50_bytes BIGINT | Bytes that a block compare reads: median size of the VM's virtual disks.
-- column: sent_p50_bytes BIGINT | Bytes sent, median.
-- column: scan_share DOUBLE | Share of the transfer time that reading the disks explains, 0 to 1.
-- column: scan_s_per_gb DOUBLE | Fitted seconds per 10^9 bytes read on the VM's volume.
-- column: sent_s_per_gb DOUBLE | Fitted seconds per 10^9 bytes sent on the VM's volume.
-- column: fit_jobs BIGINT | Jobs that the fit rests on.
-- column: guest_p50_s DOUBLE | Estimated time of a guest-level backup.
-- column: guest_low_s DOUBLE | Lower end of the estimate.
-- column: guest_high_s DOUBLE | Upper end of the estimate.
-- column: saving_s DOUBLE | host_p50_s - guest_p50_s.
-- column: limit_s DOUBLE | Length of the backup window.
-- column: recommendation VARCHAR | What would help.
-- column: reason VARCHAR | Why.
-- column: grade VARCHAR | How well the estimate is founded, C at best: A, B, C, D.
-- column: late BIGINT | Nights on which its backup ended or ran past the deadline.
-- column: checks BIGINT | Consistency checks and jobs whose tracking was lost.
-- column: vm_version VARCHAR | Its latest known VM configuration version.
-- column: has_pass_through BOOLEAN | Whether it has a pass-through disk, which host level cannot take.
-- The estimate for guest level is the time for the bytes sent alone (fitted on the VM's own volume, times 1.4 because
-- tracking counts rewritten blocks that a compare does not send) plus a fixed overhead; its range is a factor of 2.2
-- either way, its upper end never below the bound that charges all time to the bytes sent (reference/model.md 1.1,
-- 2.3, 2.6). Hence grade C at best, and no advice where sizes or jobs are missing, or where at most one due night of
-- ten was late. Where RCT would spare the reading (a host of 2016 or later, disks that RCT can take) the advice is to
-- upgrade the VM: RCT needs configuration version 6.2 and VHDX (model.md 1.1, dpm-formats 5).
WITH causes AS (
    SELECT vm, cause, row_number() OVER (
        PARTITION BY vm ORDER BY count(*) DESC, sum(to_us(cause_s)) DESC, cause) AS place
    FROM sla_causes WHERE rule = 'backup_window' GROUP BY vm, cause
),
fitted AS (
    SELECT
        m.*, c.cause AS main_cause, site.window_s AS limit_s, site.link_overhead_s,
        f.jobs AS fit_jobs, f.scan_s_per_gb, f.sent_s_per_gb, f.sent_bound_s_per_gb, f.is_sent_known
    FROM vm_measures AS m CROSS JOIN site
    LEFT JOIN causes AS c ON c.vm = m.vm AND c.place = 1
    LEFT JOIN transfer_fits AS own ON own.volume = coalesce(m.volume, '') AND own.jobs >= 8 AND own.vms >= 3
    LEFT JOIN transfer_fits AS f ON f.volume IS NOT DISTINCT FROM own.volume
),
shared AS (
    SELECT
        *,
        scan_s_per_gb * scanned_p50_bytes
            / nullif(scan_s_per_gb * scanned_p50_bytes + sent_s_per_gb * sent_p50_bytes, 0) AS scan_share,
        1.4 * sent_p50_bytes / 1000000000.0 AS tracked_gb,
        nights >= 3 AND scanned_p50_bytes IS NOT NULL AND sent_p50_bytes IS NOT NULL
            AND coalesce(fit_jobs >= 8, false) AS has_data
    FROM fitted
),
estimated AS (
    SELECT
        *,
        -- the era alone says that tracking should work; times that reading the disks explains say that it does not
        CASE
            WHEN seen_tracking <> 'era' THEN seen_tracking
            WHEN scan_share >= 0.5 AND fit_jobs >= 8 THEN 'unknown'
            ELSE 'change_tracking'
        END AS tracking,
        link_overhead_s + tracked_gb * CASE WHEN is_sent_known THEN sent_s_per_gb ELSE sent_bound_s_per_gb / 2 END
            AS guest_p50_s,
        link_overhead_s + tracked_gb * sent_bound_s_per_gb AS bound_s
    FROM shared
),
ranged AS (
    SELECT
        *,
        guest_p50_s / 2.2 AS guest_low_s,
        greatest(guest_p50_s, CASE WHEN is_sent_known THEN least(guest_p50_s * 2.2, bound_s) ELSE bound_s END)
            AS guest_high_s,
        has_data AND tracking <> 'rct' AS is_estimated,
        tracking IN ('rct', 'change_tracking') AS is_tracked,
        claim_wait_s > transfer_s OR coalesce(main_cause = 'claim_wait', false) AS is_waiting,
        late_but_short = late AS is_late_start,
        is_rct_host AND NOT has_pass_through AS can_upgrade
    FROM estimated
),
judged AS (
    SELECT
        *,
        guest_high_s < host_p50_s AND NOT (tracking = 'unknown' AND coalesce(scan_share, 0) < 0.5)
            AND NOT (is_late_start AND coalesce(host_p90_s < 0.5 * limit_s, false)) AS is_gain
    FROM ranged
),
reasoned AS (
    SELECT
        *,
        CASE
            WHEN NOT has_host THEN 'guest_already'
            WHEN is_tracked AND late = 0 THEN 'tracking_meets'
            WHEN late > 0 AND late * 10 <= due THEN 'seldom_late'
            WHEN late > 0 AND main_cause = 'queue' THEN 'waits_in_queue'
            WHEN late > 0 AND main_cause = 'late_start' THEN 'starts_late'
            WHEN tracking = 'rct' AND checks > 0 THEN 'tracking_lost'
            WHEN is_tracked THEN CASE WHEN is_waiting THEN 'waits_for_volume' ELSE 'tracking_works' END
            WHEN late = 0 THEN CASE WHEN breaches > 0 THEN 'failed_not_late' ELSE 'meets_window' END
            WHEN scanned_p50_bytes IS NULL THEN 'no_disk_size'
            WHEN sent_p50_bytes IS NULL THEN 'no_bytes_sent'
            WHEN nights < 3 THEN 'few_transfers'
            WHEN NOT has_data THEN 'few_jobs'
            WHEN is_waiting THEN 'waits_for_volume'
            WHEN is_gain AND can_upgrade AND version < 6.2 THEN 'old_vm_version'
            WHEN is_gain AND can_upgrade AND has_vhd THEN 'vhd_format'
            WHEN is_gain THEN 'scan_dominates'
            ELSE CASE WHEN is_late_start THEN 'starts_late' ELSE 'guest_not_faster' END
        END AS reason
    FROM judged
)
SELECT
    vm, nights, breaches, host_p50_s, host_p90_s, scanned_p50_bytes, sent_p50_bytes,
    scan_share, scan_s_per_gb, sent_s_per_gb, fit_jobs,
    CASE WHEN is_estimated THEN guest_p50_s END AS guest_p50_s,
    CASE WHEN is_estimated THEN guest_low_s END AS guest_low_s,
    CASE WHEN is_estimated THEN guest_high_s END AS guest_high_s,
    CASE WHEN is_estimated THEN host_p50_s - guest_p50_s END AS saving_s,
    limit_s, a.recommendation, r.reason,
    CASE WHEN is_estimated THEN 'C' ELSE 'D' END AS grade,
    late, checks, vm_version, has_pass_through
FROM reasoned AS r
JOIN advice AS a ON a.reason = r.reason
