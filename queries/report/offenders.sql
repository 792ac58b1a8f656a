-- title: Worst offenders
-- question: Which VMs missed the window most, by how much, and which phase is to blame?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: vm VARCHAR | name of the VM
-- column: due BIGINT | nights with a backup due
-- column: breaches BIGINT | nights on which the window was missed
-- column: late BIGINT | of these, finished late or still running at the deadline
-- column: failed BIGINT | of these, failed
-- column: not_run BIGINT | of these, never ran
-- column: unknown BIGINT | nights on which it cannot be known
-- column: worst_overrun_s DOUBLE | longest time past the deadline
-- column: worst_night DATE | night of the longest overrun, else the last night that was missed
-- column: phase VARCHAR | phase with the most time in the jobs that missed the window
-- column: phase_share DOUBLE | its share of their time, 0 to 1
-- column: phase_grade VARCHAR | weakest evidence behind that phase
-- column: claim_wait_s DOUBLE | time those jobs waited for the volume
-- column: recommendation VARCHAR | what to do: as in candidates for late VMs, else see_failures or check_schedule
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
        count(*) FILTER (WHERE met IS NULL) AS unknown,
        max(overrun_s) FILTER (WHERE NOT met) AS worst_overrun_s
    FROM due
    GROUP BY vm
    HAVING count(*) FILTER (WHERE NOT met) > 0
),
worst AS (
    SELECT
        vm, night,
        row_number() OVER (PARTITION BY vm ORDER BY coalesce(overrun_s, 0) DESC, night DESC) AS place
    FROM due
    WHERE NOT met
),
parts AS (
    SELECT due.vm, phases.phase, sum(phases.duration_s) AS phase_s, max(phases.grade) AS grade
    FROM due
    JOIN phases USING (job_id)
    WHERE NOT due.met AND phases.duration_s IS NOT NULL
    GROUP BY due.vm, phases.phase
),
ranked AS (
    SELECT
        vm, phase, phase_s, grade,
        sum(phase_s) OVER (PARTITION BY vm) AS all_s,
        row_number() OVER (PARTITION BY vm ORDER BY phase_s DESC, phase) AS place
    FROM parts
)
SELECT
    tally.*,
    worst.night AS worst_night,
    ranked.phase,
    CASE WHEN ranked.all_s > 0 THEN ranked.phase_s / ranked.all_s END AS phase_share,
    CASE WHEN ranked.phase = 'unaccounted' THEN 'D' ELSE ranked.grade END AS phase_grade,
    waits.phase_s AS claim_wait_s,
    CASE
        WHEN tally.late > 0 THEN coalesce(candidates.recommendation, 'not_enough_data')
        WHEN tally.failed > 0 THEN 'see_failures'
        ELSE 'check_schedule'
    END AS recommendation
FROM tally
LEFT JOIN worst ON worst.vm IS NOT DISTINCT FROM tally.vm AND worst.place = 1
LEFT JOIN ranked ON ranked.vm IS NOT DISTINCT FROM tally.vm AND ranked.place = 1
LEFT JOIN parts AS waits ON waits.vm IS NOT DISTINCT FROM tally.vm AND waits.phase = 'claim_wait'
LEFT JOIN candidates ON candidates.vm = tally.vm
ORDER BY tally.breaches DESC, tally.worst_overrun_s DESC NULLS LAST, tally.vm
