-- question: Which earlier jobs of the same VM show what a job usually takes?
-- grain: one backup job and one earlier job of its VM that it is compared with
-- key: job_id, usual_job_id
-- reads: job_base, night_results
-- column: job_id VARCHAR | The job.
-- column: usual_job_id VARCHAR | The earlier one: it ended well and decided its night.
-- column: usual_night DATE | Night of the earlier one.
-- column: is_weekday BOOLEAN | Whether all of them are of the same day of the week as the job; else they are its last.
-- The last four that ended well, of eight weeks at most: those of the same day of the week where there are at least
-- two, else those of any night. At the same level only: a VM that was moved has a new normal.
WITH decided AS (
    SELECT
        r.vm, r.night, j.level, weekday_of(r.night) AS weekday,
        CASE WHEN r.finished_at IS NOT NULL THEN r.job_id END AS good_id
    FROM night_results AS r
    JOIN job_base AS j ON j.job_id = r.job_id
),
placed AS (
    SELECT
        *,
        count(good_id) OVER (PARTITION BY vm, level, weekday ORDER BY night ROWS UNBOUNDED PRECEDING) AS weekday_place,
        count(good_id) OVER (PARTITION BY vm, level ORDER BY night ROWS UNBOUNDED PRECEDING) AS place,
        count(good_id) OVER (
            PARTITION BY vm, level, weekday
            ORDER BY night RANGE BETWEEN INTERVAL 56 DAY PRECEDING AND INTERVAL 1 DAY PRECEDING
        ) AS weekday_recent,
        count(good_id) OVER (
            PARTITION BY vm, level
            ORDER BY night RANGE BETWEEN INTERVAL 56 DAY PRECEDING AND INTERVAL 1 DAY PRECEDING
        ) AS recent
    FROM decided
),
wanted AS (
    SELECT
        vm, night, level, weekday, weekday_recent >= 2 AS is_weekday,
        CASE WHEN weekday_recent >= 2 THEN weekday_place ELSE place END
            - CASE WHEN good_id IS NULL THEN 0 ELSE 1 END - back AS wanted_place
    FROM placed, (SELECT unnest(generate_series(0, 3)) AS back)
    WHERE back < CASE WHEN weekday_recent >= 2 THEN weekday_recent ELSE recent END
),
found AS (
    SELECT w.vm, w.night, w.level, w.is_weekday, g.good_id, g.night AS good_night
    FROM wanted AS w
    JOIN placed AS g
        ON g.vm = w.vm AND g.level = w.level AND g.weekday = w.weekday AND g.weekday_place = w.wanted_place
    WHERE w.is_weekday AND g.good_id IS NOT NULL
    UNION ALL
    SELECT w.vm, w.night, w.level, w.is_weekday, g.good_id, g.night
    FROM wanted AS w
    JOIN placed AS g ON g.vm = w.vm AND g.level = w.level AND g.place = w.wanted_place
    WHERE NOT w.is_weekday AND g.good_id IS NOT NULL
)
SELECT j.job_id, f.good_id AS usual_job_id, f.good_night AS usual_night, f.is_weekday
FROM found AS f
JOIN job_base AS j ON j.vm = f.vm AND j.night = f.night AND j.level = f.level AND j.owes_sla
