-- title: What would help, and who would gain from guest-level backup
-- question: What would bring each VM into its window, and how long would a guest-level backup take?
-- column: vm VARCHAR | name of the VM
-- column: recommendation VARCHAR | what would help, a code
-- column: grade VARCHAR | how well the estimate for guest level is founded
-- column: nights BIGINT | nights with a finished host-level backup
-- column: breaches BIGINT | nights on which the window was missed
-- column: host_p50_s DOUBLE | median transfer time of the host-level backup
-- column: host_p90_s DOUBLE | transfer time that nine of ten stay under
-- column: guest_low_s DOUBLE | lower end of the estimate at guest level
-- column: guest_p50_s DOUBLE | estimate at guest level
-- column: guest_high_s DOUBLE | upper end of the estimate at guest level
-- column: saving_s DOUBLE | host_p50_s - guest_p50_s
-- column: limit_s DOUBLE | length of the backup window
-- column: scan_share DOUBLE | share of its data moves that reading takes, 0 to 1; NULL where that cannot be told
-- column: explained_share DOUBLE | share of its own time whose causes are known, 0 to 1
-- column: p_meets_host DOUBLE | probability to be in time as things are, in the simulator, against which changes are held; the forecast is p_meets of next_night
-- column: p_meets_guest DOUBLE | probability to be in time at guest level
-- column: alternatives VARCHAR | cheaper changes with which it is in time in the simulator, codes
-- column: reason VARCHAR | why, a code
-- column: due BIGINT | nights on which a backup was due
-- column: late BIGINT | nights on which its backup was late
-- column: checks BIGINT | consistency checks and jobs whose tracking was lost
-- column: vm_version VARCHAR | configuration version of the VM
-- column: has_pass_through BOOLEAN | whether it has a pass-through disk
-- chart: guest_gain
SELECT
    vm, recommendation, grade, nights, breaches, host_p50_s, host_p90_s,
    guest_low_s, guest_p50_s, guest_high_s, saving_s, limit_s, scan_share, explained_share,
    p_meets_host, p_meets_guest, alternatives, reason, due, late, checks, vm_version, has_pass_through
FROM candidates
ORDER BY
    CASE recommendation
        WHEN 'guest_level' THEN 1 WHEN 'repair_rct' THEN 2 WHEN 'upgrade' THEN 3
        WHEN 'reschedule' THEN 4 WHEN 'change_limit' THEN 5 WHEN 'several' THEN 6
        WHEN 'see_plan' THEN 7 WHEN 'unreachable' THEN 8 WHEN 'watch' THEN 9 WHEN 'none' THEN 10 ELSE 11
    END,
    saving_s DESC NULLS LAST,
    host_p50_s DESC NULLS LAST,
    vm
