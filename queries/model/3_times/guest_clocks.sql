-- title: Clock offset of each guest
-- question: By how much does a guest's clock differ from its host's, and how sure is that?
-- The bounds of host time - guest time that all jobs of the guest together leave (deltas), microseconds.
SELECT vm, count(*) AS jobs, offset_low_us, offset_high_us, is_constant
FROM deltas
WHERE shows_clock
GROUP BY vm, offset_low_us, offset_high_us, is_constant
