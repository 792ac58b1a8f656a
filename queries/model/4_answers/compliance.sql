-- question: Which VM keeps which rule, how sure is that, and for how long did it not?
-- grain: one VM and one rule
-- key: vm, rule
-- reads: sla_judged
-- column: vm VARCHAR | Name of the VM.
-- column: rule VARCHAR | The rule: backup_window, max_duration, rpo_disk, rpo_cloud, dpm_sla.
-- column: slots BIGINT | Nights on which it was due, or on which it is not known whether it was kept.
-- column: met BIGINT | Nights on which it was kept.
-- column: missed BIGINT | Nights on which it was broken.
-- column: unknown BIGINT | Nights on which that is not known.
-- column: running BIGINT | Of these, nights whose backup still runs.
-- column: met_low DOUBLE | Share kept if all unknown nights were missed, 0 to 1.
-- column: met_high DOUBLE | Share kept if all unknown nights were kept, 0 to 1.
-- column: wilson_low DOUBLE | Lower end of Wilson's 95 % interval of the share kept on known nights.
-- column: wilson_high DOUBLE | Upper end of that interval.
-- column: verdict VARCHAR | What follows: meets, at_risk, breaks, not_established.
-- column: longest_streak BIGINT | Most nights missed in a row.
-- A slot is a night on which the rule was due, or on which it is not known whether it was kept. met_low and met_high
-- leave the unknown ones to either side; Wilson's interval (95 %, z = 1.96) is that of the known ones. A VM meets a
-- rule where no known slot was missed and none is open, or where Wilson's lower end is 0.95 or more; it breaks it
-- where the upper end of one of both intervals is below 0.95.
WITH slots AS (
    SELECT
        vm, rule, night, met, reason,
        sum(CASE WHEN met THEN 1 ELSE 0 END) OVER (PARTITION BY vm, rule ORDER BY night ROWS UNBOUNDED PRECEDING)
            AS met_before
    FROM sla_judged
    WHERE is_slot(expected, reason)
),
streaks AS (
    SELECT vm, rule, met_before, sum(CASE WHEN met = false THEN 1 ELSE 0 END) AS missed
    FROM slots
    GROUP BY vm, rule, met_before
),
longest AS (
    SELECT vm, rule, max(missed) AS longest_streak FROM streaks GROUP BY vm, rule
),
counted AS (
    SELECT
        vm, rule, count(*) AS slots,
        count(*) FILTER (WHERE met) AS met, count(*) FILTER (WHERE NOT met) AS missed,
        count(*) FILTER (WHERE met IS NULL) AS unknown,
        count(*) FILTER (WHERE met IS NULL AND reason = 'running') AS running
    FROM slots
    GROUP BY vm, rule
)
SELECT
    v.vm,
    v.rule,
    coalesce(b.slots, 0) AS slots,
    coalesce(b.met, 0) AS met,
    coalesce(b.missed, 0) AS missed,
    coalesce(b.unknown, 0) AS unknown,
    coalesce(b.running, 0) AS running,
    b.met / b.slots AS met_low,
    (b.met + b.unknown) / b.slots AS met_high,
    wilson_low_of(b.met, b.missed) AS wilson_low,
    wilson_high_of(b.met, b.missed) AS wilson_high,
    compliance_of(coalesce(b.met, 0), coalesce(b.missed, 0), coalesce(b.unknown, 0)) AS verdict,
    CAST(coalesce(l.longest_streak, 0) AS BIGINT) AS longest_streak
FROM (SELECT DISTINCT vm, rule FROM sla_judged) AS v
LEFT JOIN counted AS b ON b.vm = v.vm AND b.rule = v.rule
LEFT JOIN longest AS l ON l.vm = v.vm AND l.rule = v.rule
