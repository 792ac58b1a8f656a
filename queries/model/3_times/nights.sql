-- question: Which nights does the store cover, and when does each backup window open and close?
-- grain: one night from the first with a job until the logs were collected
-- key: night
-- reads: collections, job_base, log_nights, site, sources
-- column: night DATE | Local date on which the backup window opens.
-- column: opens_at TIMESTAMP WITH TIME ZONE | When the window opens.
-- column: closes_at TIMESTAMP WITH TIME ZONE | When the window closes.
-- column: jobs BIGINT | Jobs of that night.
-- column: has_evidence BOOLEAN | Whether a job or any record of a log is known of it.
-- column: seen_until TIMESTAMP WITH TIME ZONE | Latest time that any log or collection speaks of; the same for all
--   nights.
-- Every night is listed, also one of which nothing is known. seen_until is the latest time that any log or collection
-- speaks of; a window that opens later is no night yet.
WITH seen AS (
    SELECT max(moment) AS seen_until
    FROM (
        SELECT max(collected_at) AS moment FROM collections
        UNION ALL
        SELECT max(last_at) FROM sources
        UNION ALL
        SELECT max(greatest(ended_at, started_at)) FROM job_base
    ) AS moments
),
days AS (
    SELECT unnest(days_between(min(j.night), greatest(
        max(j.night), max(night_of(site.time_zone, site.night_shift_s, seen.seen_until))
    ))) AS night
    FROM job_base AS j
    CROSS JOIN seen
    CROSS JOIN site
),
counted AS (
    SELECT night, count(*) AS jobs FROM job_base WHERE night IS NOT NULL GROUP BY night
),
logged AS (
    SELECT DISTINCT night FROM log_nights
),
windows AS (
    SELECT
        d.night,
        opening_of(s.time_zone, d.night, s.window_start_s) AS opens_at,
        closing_of(s.time_zone, d.night, s.window_start_s, s.window_end_s) AS closes_at
    FROM days AS d
    CROSS JOIN site AS s
)
SELECT
    w.night,
    w.opens_at,
    w.closes_at,
    coalesce(c.jobs, 0) AS jobs,
    c.night IS NOT NULL OR l.night IS NOT NULL AS has_evidence,
    seen.seen_until
FROM windows AS w
CROSS JOIN seen
LEFT JOIN counted AS c ON c.night = w.night
LEFT JOIN logged AS l ON l.night = w.night
WHERE w.opens_at <= seen.seen_until OR w.night = (SELECT min(night) FROM job_base)
