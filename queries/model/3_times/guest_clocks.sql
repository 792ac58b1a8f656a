-- question: By how much does a guest's clock differ from its host's, and how sure is that?
-- grain: one guest whose events belong to jobs
-- key: vm
-- reads: deltas
-- column: vm VARCHAR | Name of the VM.
-- column: jobs BIGINT | Jobs that bound the offset.
-- column: offset_low_us BIGINT | Least offset (host time less guest time) that fits, microseconds.
-- column: offset_high_us BIGINT | Greatest offset that fits, microseconds.
-- column: is_constant BOOLEAN | Whether one offset fits all jobs.
-- The bounds of host time - guest time that all jobs of the guest together leave (deltas), microseconds.
SELECT vm, count(*) AS jobs, offset_low_us, offset_high_us, is_constant
FROM deltas
WHERE shows_clock
GROUP BY vm, offset_low_us, offset_high_us, is_constant
