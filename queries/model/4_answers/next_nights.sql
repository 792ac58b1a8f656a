-- question: On which night is each VM due next, and by when must its backup be done?
-- grain: one VM that is due on one of the seven nights after the last of the store
-- key: vm
-- reads: due_nights, machine_schedules, night_results, nights, site, sla_rules, weekend_days
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | First of these nights on which a backup is due.
-- column: opens_at TIMESTAMP WITH TIME ZONE | When its backup window opens.
-- column: closes_at TIMESTAMP WITH TIME ZONE | When its backup window closes.
-- column: max_duration_s DOUBLE | The limit of its duration, NULL where no rule sets one.
-- The first of the seven nights after the last one of the store on which a backup is due: as the site file says, else
-- as on at least half of at least two comparable nights of the last eight weeks, those of the same day of the week,
-- else those of the same kind of day (working day or weekend). Rules are those of the last night.
WITH days AS (
    SELECT
        night, weekday_of(night) AS weekday,
        EXISTS (SELECT 1 FROM weekend_days AS w WHERE w.weekday = weekday_of(d.night)) AS is_weekend
    FROM (
        SELECT unnest(days_between(max(night) + 1, max(night) + 7)) AS night FROM nights
    ) AS d
),
known AS (
    SELECT
        d.vm, d.night, weekday_of(d.night) AS weekday,
        EXISTS (SELECT 1 FROM weekend_days AS w WHERE w.weekday = weekday_of(d.night)) AS is_weekend,
        CASE WHEN o.attempts > 0 THEN 1 ELSE 0 END AS ran
    FROM due_nights AS d
    LEFT JOIN night_results AS o ON o.vm = d.vm AND o.night = d.night
    WHERE d.has_evidence
),
counted AS (
    SELECT
        k.vm, d.night, d.weekday, d.is_weekend,
        sum(CASE WHEN k.weekday = d.weekday THEN 1 ELSE 0 END) AS weekday_nights,
        sum(CASE WHEN k.weekday = d.weekday THEN k.ran ELSE 0 END) AS weekday_runs,
        sum(CASE WHEN k.is_weekend = d.is_weekend THEN 1 ELSE 0 END) AS kind_nights,
        sum(CASE WHEN k.is_weekend = d.is_weekend THEN k.ran ELSE 0 END) AS kind_runs
    FROM known AS k
    JOIN days AS d ON k.night >= d.night - 56
    GROUP BY k.vm, d.night, d.weekday, d.is_weekend
),
due AS (
    SELECT c.vm, min(c.night) AS night
    FROM counted AS c
    LEFT JOIN machine_schedules AS s ON s.vm = c.vm
    WHERE c.night <= coalesce(s.protected_until, c.night)
        AND coalesce(
            is_planned_on(s.schedule, c.weekday, c.is_weekend),
            is_usual(c.weekday_nights, c.weekday_runs, c.kind_nights, c.kind_runs)
        )
    GROUP BY c.vm
),
rules AS (
    SELECT
        vm, max(CASE WHEN rule = 'backup_window' THEN window_start_s END) AS window_start_s,
        max(CASE WHEN rule = 'backup_window' THEN window_end_s END) AS window_end_s,
        max(CASE WHEN rule = 'max_duration' THEN threshold_s END) AS max_duration_s
    FROM sla_rules
    WHERE night = (SELECT max(night) FROM nights)
    GROUP BY vm
)
SELECT
    d.vm, d.night,
    opening_of(s.time_zone, d.night, r.window_start_s) AS opens_at,
    closing_of(s.time_zone, d.night, r.window_start_s, r.window_end_s) AS closes_at,
    r.max_duration_s
FROM due AS d
JOIN rules AS r ON r.vm = d.vm
CROSS JOIN site AS s
