-- title: The gap between in-guest and host snapshot
-- question: How long did the guest go on writing between its own snapshot (t1) and the host's (t2)?
-- t1 is bracketed in the guest's clock (observed, or between freeze and thaw) and carried to the host's clock with the bounds of the
-- offset. The gap is not negative: the host's snapshot follows the guest's (domain.md, step 2 and 3).
WITH guests AS (
    SELECT
        c.job_id,
        min(CASE WHEN h.how = 'observes' THEN h.us END) AS seen_us,
        min(CASE WHEN h.how = 'observes' THEN h.latest_us END) AS seen_latest_us,
        max(CASE WHEN h.how = 'after' THEN h.us END) AS after_us,
        min(CASE WHEN h.how = 'before' THEN h.latest_us END) AS before_us
    FROM event_claims AS c
    JOIN event_hits AS h ON h.marker = c.marker AND h.source_id = c.source_id AND h.record_no = c.record_no
    WHERE h.gives = 't1'
    GROUP BY c.job_id
),
bracketed AS (
    SELECT
        g.job_id,
        w.vm,
        coalesce(g.seen_us, g.after_us) AS low_us,
        coalesce(g.seen_latest_us, CASE WHEN g.before_us >= g.after_us OR g.after_us IS NULL THEN g.before_us END) AS high_us,
        w.from_us, w.to_us, s.t2_us, s.t2_latest_us, s.t2_before_us, s.mount_us,
        k.offset_low_us, k.offset_high_us, coalesce(k.is_constant, false) AS is_constant
    FROM guests AS g
    JOIN job_windows AS w ON w.job_id = g.job_id
    LEFT JOIN host_sightings AS s ON s.job_id = g.job_id
    LEFT JOIN guest_clocks AS k ON k.vm = w.vm
),
bounded AS (
    SELECT
        *,
        coalesce(t2_us, from_us) AS t2_low_us,
        coalesce(t2_latest_us, least(t2_before_us + 1000000, mount_us, to_us)) AS t2_high_us,
        greatest(from_us, low_us + offset_low_us) AS t1_low_us,
        least(coalesce(t2_latest_us, to_us), high_us + offset_high_us) AS t1_high_us
    FROM bracketed
    WHERE is_constant AND low_us IS NOT NULL AND high_us IS NOT NULL
)
SELECT
    job_id,
    greatest(t2_low_us - t1_high_us, 0) / 1000000.0 AS delta_t_min_s,
    greatest(t2_high_us - t1_low_us, 0) / 1000000.0 AS delta_t_max_s,
    (greatest(t2_low_us - t1_high_us, 0) + greatest(t2_high_us - t1_low_us, 0)) / 2000000.0 AS delta_t_s,
    t1_low_us,
    t1_high_us
FROM bounded
