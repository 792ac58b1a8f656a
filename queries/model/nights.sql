-- title: Nights
-- question: Which nights does the store cover, and when does each backup window open and close?
-- has_jobs is false where no job of any VM is known: no evidence, not a missed backup. seen_until is the latest time that
-- any log or collection speaks of.
WITH span AS (
    SELECT min(night) AS first_night, max(night) AS last_night FROM job_nights
),
seen AS (
    SELECT max(moment) AS seen_until
    FROM (
        SELECT max(collected_at) AS moment FROM collections
        UNION ALL
        SELECT max(last_at) FROM sources
        UNION ALL
        SELECT max(ended_at) FROM jobs
    ) AS moments
),
days AS (
    SELECT CAST(unnest(generate_series(CAST(first_night AS TIMESTAMP), CAST(last_night AS TIMESTAMP), INTERVAL 1 DAY)) AS DATE) AS night
    FROM span
),
counted AS (
    SELECT night, count(*) AS jobs FROM job_nights GROUP BY night
)
SELECT
    d.night,
    timezone(s.time_zone, CAST(d.night AS TIMESTAMP) + s.window_start_s * INTERVAL 1 SECOND) AS opens_at,
    timezone(s.time_zone, CAST(d.night AS TIMESTAMP)
        + (s.window_end_s + CASE WHEN s.window_end_s <= s.window_start_s THEN 86400 ELSE 0 END) * INTERVAL 1 SECOND) AS closes_at,
    coalesce(c.jobs, 0) AS jobs,
    c.night IS NOT NULL AS has_jobs,
    seen.seen_until
FROM days AS d
CROSS JOIN site AS s
CROSS JOIN seen
LEFT JOIN counted AS c ON c.night = d.night
