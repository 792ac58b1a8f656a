-- title: The next night
-- question: When will each VM's next backup end, how sure is that, and will it be in time?
-- column: vm VARCHAR | name of the VM
-- column: night DATE | next night on which it is due
-- column: p_meets DOUBLE | probability that it ends in time if nothing fails, 0 to 1: the forecast, from past nights
-- column: finish_p50_at TIMESTAMP WITH TIME ZONE | when it is expected to end
-- column: deadline TIMESTAMP WITH TIME ZONE | when its window closes
-- column: early_ms BIGINT | end of the shortest data move of the 90 % range, milliseconds after the night's midnight
-- column: likely_ms BIGINT | expected end, likewise
-- column: late_ms BIGINT | end of the longest data move of that range, likewise
-- column: deadline_ms BIGINT | when its window closes, likewise
-- column: transfer_p50_s DOUBLE | expected length of its data move
-- column: low_s DOUBLE | lower end, 90 % range
-- column: high_s DOUBLE | upper end, 90 % range
-- column: grade VARCHAR | how well it is founded
-- column: estimate_reason VARCHAR | what decides the grade
-- chart: next_night
-- Nothing where such ranges held less than 80 % of past backups.
WITH placed AS (
    SELECT
        p.*,
        n.closes_at,
        CAST(p.finish_p50_at AS TIMESTAMP) - CAST(p.night AS TIMESTAMP) AS likely,
        CAST(n.closes_at AS TIMESTAMP) - CAST(p.night AS TIMESTAMP) AS closing
    FROM predictions AS p
    JOIN next_nights AS n ON n.vm = p.vm
    WHERE p.transfer_p50_s IS NOT NULL AND coalesce(p.hit_share, 1) >= 0.8
)
SELECT
    vm, night, p_meets, finish_p50_at, closes_at AS deadline,
    CAST(epoch(likely) * 1000 - (transfer_p50_s - low_s) * 1000 AS BIGINT) AS early_ms,
    CAST(epoch(likely) * 1000 AS BIGINT) AS likely_ms,
    CAST(epoch(likely) * 1000 + (high_s - transfer_p50_s) * 1000 AS BIGINT) AS late_ms,
    CAST(epoch(closing) * 1000 AS BIGINT) AS deadline_ms,
    transfer_p50_s, low_s, high_s, grade, reason AS estimate_reason
FROM placed
ORDER BY p_meets NULLS LAST, likely_ms DESC, vm
