-- title: How sure the phases are
-- question: Which share of each phase was observed, inferred, bounded, or not seen at all?
-- column: phase VARCHAR | the phase
-- column: observed BIGINT | grade A
-- column: inferred BIGINT | grade B
-- column: bounded BIGINT | grade C
-- column: not_seen BIGINT | grade D
-- column: time_s DOUBLE | time in this phase
-- column: uncertain_s DOUBLE | sum of the widths of the bounds
SELECT
    phase,
    count(*) FILTER (WHERE grade = 'A') AS observed,
    count(*) FILTER (WHERE grade = 'B') AS inferred,
    count(*) FILTER (WHERE grade = 'C') AS bounded,
    count(*) FILTER (WHERE grade = 'D') AS not_seen,
    sum(to_us(duration_s)) / 1000000.0 AS time_s,
    sum(to_us(duration_max_s - duration_min_s)) / 1000000.0 AS uncertain_s
FROM phases
GROUP BY phase
ORDER BY time_s DESC NULLS LAST
