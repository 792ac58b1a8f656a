-- title: Who would gain from guest-level backup
-- question: How long would a guest-level backup take against the host-level one, and is it worth it?
-- column: vm VARCHAR | name of the VM
-- column: recommendation VARCHAR | guest_level, repair_rct, upgrade, reschedule, none or not_enough_data
-- column: grade VARCHAR | evidence, C at best: an estimate
-- column: nights BIGINT | nights with a finished host-level backup
-- column: breaches BIGINT | nights on which the window was missed
-- column: host_p50_s DOUBLE | median transfer time of the host-level backup
-- column: host_p90_s DOUBLE | transfer time that nine of ten stay under
-- column: guest_low_s DOUBLE | lower end of the estimate at guest level
-- column: guest_p50_s DOUBLE | estimate at guest level
-- column: guest_high_s DOUBLE | upper end of the estimate at guest level
-- column: saving_s DOUBLE | host_p50_s - guest_p50_s
-- column: limit_s DOUBLE | length of the backup window
-- column: scan_share DOUBLE | share of the time that reading the disks explains, 0 to 1
-- column: reason VARCHAR | why, a code
-- column: late BIGINT | nights on which its backup was late
-- column: checks BIGINT | consistency checks and jobs whose tracking was lost
-- column: vm_version VARCHAR | configuration version of the VM
-- column: has_pass_through BOOLEAN | whether it has a pass-through disk
-- chart: guest_gain
SELECT
    vm, recommendation, grade, nights, breaches, host_p50_s, host_p90_s,
    guest_low_s, guest_p50_s, guest_high_s, saving_s, limit_s, scan_share, reason,
    late, checks, vm_version, has_pass_through
FROM candidates
ORDER BY
    CASE recommendation
        WHEN 'guest_level' THEN 1 WHEN 'repair_rct' THEN 2 WHEN 'upgrade' THEN 3
        WHEN 'reschedule' THEN 4 WHEN 'none' THEN 5 ELSE 6
    END,
    saving_s DESC NULLS LAST,
    host_p50_s DESC NULLS LAST,
    vm
