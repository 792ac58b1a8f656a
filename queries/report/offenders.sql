-- title: Worst offenders
-- question: Which VMs missed the window most, by how much, and what is the main cause?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: vm VARCHAR | name of the VM
-- column: breaches BIGINT | nights on which the window was missed
-- column: due BIGINT | nights with a backup due
-- column: main_cause VARCHAR | the cause of most of them, as in sla; of equals the one that took longest
-- column: worst_overrun_s DOUBLE | longest time past the deadline
-- column: worst_night DATE | night of the longest overrun, else the last night that was missed
-- column: recommendation VARCHAR | what follows from the cause: as in candidates, see_failures or check_schedule, or see_both where the last miss calls for the other
-- column: late BIGINT | of these, finished late or still running at the deadline
-- column: failed BIGINT | of these, failed
-- column: not_run BIGINT | of these, never ran
-- column: running BIGINT | nights whose backup still runs in its window
-- column: unknown BIGINT | nights on which it cannot be known
-- column: cause_nights BIGINT | nights with that cause
-- column: cause_s DOUBLE | its time on the worst of them, NULL where no backup was finished
-- column: cause_grade VARCHAR | weakest evidence behind it
-- column: never_ran BOOLEAN | whether no backup of it ever ran, on no night of the period
-- column: main_phase VARCHAR | phase that took most of the job of the worst night, NULL where none is known
-- column: news VARCHAR | on the last night of the period: new, still or resolved; NULL where it was missed neither then nor before
-- column: missed_14 BIGINT | nights missed of the last fourteen, NULL where none was due on the last night of the period
WITH due AS (
    SELECT *
    FROM sla
    WHERE rule = 'backup_window' AND expected
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
),
tally AS (
    SELECT
        vm,
        count(*) AS due,
        count(*) FILTER (WHERE NOT met) AS breaches,
        count(*) FILTER (WHERE NOT met AND reason IN ('late', 'running_late')) AS late,
        count(*) FILTER (WHERE NOT met AND reason = 'failed') AS failed,
        count(*) FILTER (WHERE NOT met AND reason IN ('missed', 'never_run')) AS not_run,
        count(*) FILTER (WHERE met IS NULL AND reason = 'running') AS running,
        count(*) FILTER (WHERE met IS NULL AND reason <> 'running') AS unknown,
        max(overrun_s) FILTER (WHERE NOT met) AS worst_overrun_s,
        bool_and(reason = 'never_run') AS never_ran
    FROM due
    GROUP BY vm
    HAVING count(*) FILTER (WHERE NOT met) > 0
),
worst AS (
    SELECT
        vm, night, job_id,
        row_number() OVER (PARTITION BY vm ORDER BY coalesce(overrun_s, 0) DESC, night DESC) AS place
    FROM due
    WHERE NOT met
),
longest AS (
    SELECT p.job_id, max_by(p.phase, (p.duration_s, p.phase)) AS main_phase
    FROM phases AS p
    JOIN worst AS w ON w.job_id = p.job_id AND w.place = 1
    WHERE p.duration_s > 0
    GROUP BY p.job_id
),
of_late AS (
    SELECT vm, change, missed_14 FROM missed_nights WHERE night = (SELECT max(night) FROM due)
),
last_miss AS (
    SELECT d.vm, max_by(a.recommendation, d.night) AS recommendation
    FROM due AS d
    JOIN cause_advice AS a ON a.cause = d.cause
    WHERE NOT d.met
    GROUP BY d.vm
),
causes AS (
    SELECT
        vm, cause, count(*) AS cause_nights, max(cause_s) AS cause_s, max(cause_grade) AS cause_grade,
        row_number() OVER (PARTITION BY vm ORDER BY count(*) DESC, sum(to_us(cause_s)) DESC NULLS LAST, cause) AS place
    FROM due
    WHERE NOT met
    GROUP BY vm, cause
)
SELECT
    tally.vm,
    tally.breaches,
    tally.due,
    causes.cause AS main_cause,
    tally.worst_overrun_s,
    worst.night AS worst_night,
    coalesce(
        CASE WHEN last_miss.recommendation <> cause_advice.recommendation THEN 'see_both' END,
        cause_advice.recommendation, candidates.recommendation, 'not_enough_data'
    ) AS recommendation,
    tally.* EXCLUDE (vm, breaches, due, worst_overrun_s, never_ran),
    causes.cause_nights,
    causes.cause_s,
    causes.cause_grade,
    tally.never_ran,
    longest.main_phase,
    of_late.change AS news,
    of_late.missed_14
FROM tally
LEFT JOIN worst ON worst.vm IS NOT DISTINCT FROM tally.vm AND worst.place = 1
LEFT JOIN causes ON causes.vm IS NOT DISTINCT FROM tally.vm AND causes.place = 1
LEFT JOIN longest ON longest.job_id = worst.job_id
LEFT JOIN of_late ON of_late.vm IS NOT DISTINCT FROM tally.vm
LEFT JOIN cause_advice ON cause_advice.cause = causes.cause
LEFT JOIN last_miss ON last_miss.vm IS NOT DISTINCT FROM tally.vm
LEFT JOIN candidates ON candidates.vm = tally.vm
ORDER BY tally.breaches DESC, tally.worst_overrun_s DESC NULLS LAST, tally.vm
