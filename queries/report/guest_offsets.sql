-- title: Clocks of the guests
-- question: By how much does each guest's clock differ from its host's, and how sure is that?
-- column: vm VARCHAR | name of the VM
-- column: jobs BIGINT | jobs that bound the offset
-- column: offset_low_s DOUBLE | smallest offset that fits all of them: host time - guest time, positive where the guest's clock is behind
-- column: offset_high_s DOUBLE | largest offset that fits all of them
-- column: spread_s DOUBLE | what remains unknown of the offset: high - low; NULL where no one offset fits
-- column: verdict VARCHAR | behind, ahead, within_bounds (no difference is proven) or changed (no one offset fits: the clock was set)
SELECT
    vm,
    CAST(jobs AS BIGINT) AS jobs,
    CASE WHEN is_constant THEN offset_low_us / 1000000.0 END AS offset_low_s,
    CASE WHEN is_constant THEN offset_high_us / 1000000.0 END AS offset_high_s,
    CASE WHEN is_constant THEN (offset_high_us - offset_low_us) / 1000000.0 END AS spread_s,
    CASE
        WHEN NOT is_constant THEN 'changed'
        WHEN offset_low_us > 0 THEN 'behind'
        WHEN offset_high_us < 0 THEN 'ahead'
        ELSE 'within_bounds'
    END AS verdict
FROM guest_clocks
ORDER BY is_constant, greatest(abs(offset_low_us), abs(offset_high_us)) DESC, vm
