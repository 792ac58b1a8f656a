-- question: On which nights was a backup due, as learned from earlier ones or said by the site?
-- grain: one VM and one night on which a backup of it may have been due
-- key: vm, night
-- reads: machine_evidence, machine_schedules, never_run, night_results, nights, weekend_days
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | Local date on which the backup window opens.
-- column: seen_until TIMESTAMP WITH TIME ZONE | Latest time that a log or record of the VM's DPM server and hosts
--   speaks of.
-- column: has_evidence BOOLEAN | Whether a log or record of that night would show its backup.
-- column: expected BOOLEAN | Whether a backup was due, NULL where that is not known.
-- column: learned_from VARCHAR | What says whether a backup was due, NULL where nothing does.
-- Due as the nights before it show: a VM ran on at least half of at least two comparable nights, those of the same day
-- of the week in the last eight weeks, else those of the same kind of day (working day or weekend). While a gap lasts,
-- the eight weeks up to its beginning are asked, so that an outage never turns into "not due" and a weekly VM never
-- into a daily one; a gap that ended counts as not run. The site file comes first: the end of protection, and
-- schedules. A VM that was never backed up is due where the inventory shows it.
WITH spans AS (
    SELECT DISTINCT vm, first_night, seen_until FROM machine_evidence
),
dated AS (
    SELECT
        s.vm, n.night, s.seen_until,
        e.night IS NOT NULL AS has_evidence,
        weekday_of(n.night) AS weekday,
        w.weekday IS NOT NULL AS is_weekend,
        CASE WHEN o.attempts > 0 THEN 1 ELSE 0 END AS ran,
        CASE WHEN e.night IS NOT NULL THEN 1 ELSE 0 END AS known
    FROM spans AS s
    JOIN nights AS n ON n.night >= s.first_night AND (n.opens_at <= s.seen_until OR n.night = s.first_night)
    LEFT JOIN machine_evidence AS e ON e.vm = s.vm AND e.night = n.night
    LEFT JOIN night_results AS o ON o.vm = s.vm AND o.night = n.night
    LEFT JOIN weekend_days AS w ON w.weekday = weekday_of(n.night)
),
counted AS (
    -- seven weeks back from a night are its eight comparable nights, itself included
    SELECT
        *,
        sum(known) OVER same_weekday AS weekday_nights, sum(ran * known) OVER same_weekday AS weekday_runs,
        sum(known) OVER same_kind AS kind_nights, sum(ran * known) OVER same_kind AS kind_runs,
        max(CASE WHEN ran = 1 THEN night END) OVER before AS last_run,
        max(CASE WHEN is_weekend THEN night END) OVER so_far AS last_weekend,
        max(CASE WHEN NOT is_weekend THEN night END) OVER so_far AS last_working
    FROM dated
    WINDOW
        same_weekday AS (
            PARTITION BY vm, weekday ORDER BY night RANGE BETWEEN INTERVAL 49 DAY PRECEDING AND CURRENT ROW
        ),
        same_kind AS (
            PARTITION BY vm, is_weekend ORDER BY night RANGE BETWEEN INTERVAL 55 DAY PRECEDING AND CURRENT ROW
        ),
        before AS (PARTITION BY vm ORDER BY night ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        so_far AS (PARTITION BY vm ORDER BY night ROWS UNBOUNDED PRECEDING)
),
learned AS (
    SELECT
        a.vm, a.night, a.seen_until, a.has_evidence, a.weekday, a.is_weekend,
        w.weekday_nights, w.weekday_runs, k.kind_nights, k.kind_runs, false AS is_bare
    FROM counted AS a
    LEFT JOIN counted AS l ON l.vm = a.vm AND l.night = a.last_run
    LEFT JOIN counted AS w
        ON w.vm = a.vm AND w.night = a.night - CAST(7 * ((day_count(a.last_run, a.night) + 6) // 7) AS INTEGER)
    LEFT JOIN counted AS k
        ON k.vm = a.vm AND k.night = CASE WHEN a.is_weekend THEN l.last_weekend ELSE l.last_working END
    UNION ALL
    SELECT
        b.vm, n.night, n.seen_until, n.has_evidence AND b.is_watched, weekday_of(n.night), w.weekday IS NOT NULL,
        NULL, NULL, NULL, NULL, true
    FROM never_run AS b
    JOIN nights AS n ON n.night >= coalesce(b.since_night, (SELECT max(night) FROM nights))
        AND (b.first_night IS NULL OR n.night < b.first_night)
    LEFT JOIN weekend_days AS w ON w.weekday = weekday_of(n.night)
),
told AS (
    SELECT
        l.*,
        coalesce(l.night > s.protected_until, false) AS is_over,
        is_planned_on(s.schedule, l.weekday, l.is_weekend) AS is_planned
    FROM learned AS l
    LEFT JOIN machine_schedules AS s ON s.vm = l.vm
)
SELECT
    vm, night, seen_until, has_evidence,
    CASE
        WHEN is_over THEN false
        WHEN NOT has_evidence THEN NULL
        WHEN is_planned IS NOT NULL THEN is_planned
        WHEN is_bare THEN true
        ELSE is_usual(weekday_nights, weekday_runs, kind_nights, kind_runs)
    END AS expected,
    CASE
        WHEN is_over THEN 'site'
        WHEN NOT has_evidence THEN NULL
        WHEN is_planned IS NOT NULL AND NOT (is_planned AND is_bare) THEN 'site'
        WHEN is_bare THEN 'inventory'
        WHEN weekday_nights >= 2 THEN 'same_weekday'
        WHEN kind_nights >= 2 THEN 'same_kind_of_day'
    END AS learned_from
FROM told
