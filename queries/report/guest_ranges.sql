-- title: Backups at guest level
-- question: How long would each VM's backup take at guest level, and which VMs should be moved first to find out?
-- column: vm VARCHAR | name of the VM
-- column: host_p50_s DOUBLE | median length of its good backups at host level
-- column: guest_low_s DOUBLE | lower end of the 90 % range at guest level
-- column: guest_p50_s DOUBLE | expected length at guest level, NULL where only a bound is known
-- column: guest_high_s DOUBLE | upper end of that range, or the bound
-- column: first_replica_s DOUBLE | first copy, once
-- column: is_pilot BOOLEAN | whether it is one of the few to move first, from which the others are learned
-- column: grade VARCHAR | how well it is founded
-- column: estimate_reason VARCHAR | what decides the grade
WITH hosted AS (
    SELECT vm, median((ended_us - started_us) / 1000000.0) AS host_p50_s
    FROM job_times
    WHERE is_full AND is_good AND NOT is_guest AND ended_us IS NOT NULL
    GROUP BY vm
)
SELECT
    g.vm, h.host_p50_s, g.guest_low_s, g.guest_p50_s, g.guest_high_s, g.first_replica_s, g.is_pilot, g.grade,
    g.reason AS estimate_reason
FROM guest_estimates AS g
LEFT JOIN hosted AS h ON h.vm = g.vm
ORDER BY h.host_p50_s - coalesce(g.guest_p50_s, g.guest_high_s) DESC NULLS LAST, g.vm
