-- title: Clocks of the hosts
-- question: By how much does the clock of each host differ from its DPM server's, or from that of its own events, and when?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: host VARCHAR | host whose clock it is
-- column: against VARCHAR | DPM server, or events for the host's own event logs
-- column: verdict VARCHAR | ahead, behind, within_bounds (no difference is proven) or changed (no one offset fits: the clock was set)
-- column: offset_low_s DOUBLE | smallest offset that fits: time of the host less the other time, positive where the host is ahead
-- column: offset_high_s DOUBLE | largest offset that fits
-- column: spread_s DOUBLE | what remains unknown of the offset: high - low; NULL where no one offset fits
-- column: first_at TIMESTAMP WITH TIME ZONE | start of the first job that shows it; a clock that was set has a row for each setting
-- column: last_at TIMESTAMP WITH TIME ZONE | start of the last one
-- column: jobs BIGINT | jobs that bound the offset
WITH fitted AS (
    SELECT
        a AS host, b AS against, told_by, segment,
        bool_and(is_constant) AND max(offset_low_s) <= min(offset_high_s) AS is_constant,
        max(offset_low_s) AS low_s, min(offset_high_s) AS high_s,
        min(from_at) AS first_at, max(until_at) AS last_at, CAST(sum(jobs) AS BIGINT) AS jobs
    FROM clock_offsets
    WHERE told_by <> 'guest_events'
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
    GROUP BY a, b, told_by, segment
)
SELECT
    host,
    against,
    CASE
        WHEN NOT is_constant THEN 'changed'
        WHEN low_s > 0 THEN 'ahead'
        WHEN high_s < 0 THEN 'behind'
        ELSE 'within_bounds'
    END AS verdict,
    CASE WHEN is_constant THEN low_s END AS offset_low_s,
    CASE WHEN is_constant THEN high_s END AS offset_high_s,
    CASE WHEN is_constant THEN high_s - low_s END AS spread_s,
    first_at,
    last_at,
    jobs
FROM fitted
ORDER BY is_constant, greatest(abs(low_s), abs(high_s)) DESC, host, against, first_at
