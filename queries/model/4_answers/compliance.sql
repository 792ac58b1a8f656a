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
WITH judged AS (
    SELECT
        vm, rule, night, reason, is_slot(expected, reason) AS counts,
        CASE WHEN is_slot(expected, reason) THEN met END AS met
    FROM sla_judged
),
counted AS (
    SELECT
        vm, rule, count(*) FILTER (WHERE counts) AS slots,
        count(*) FILTER (WHERE met) AS met, count(*) FILTER (WHERE NOT met) AS missed,
        count(*) FILTER (WHERE counts AND met IS NULL) AS unknown,
        count(*) FILTER (WHERE counts AND met IS NULL AND reason = 'running') AS running,
        longest_streak_of(met, night) AS longest_streak
    FROM judged
    GROUP BY vm, rule
)
SELECT
    vm, rule, slots, met, missed, unknown, running,
    met / nullif(slots, 0) AS met_low,
    (met + unknown) / nullif(slots, 0) AS met_high,
    wilson_low_of(met, missed) AS wilson_low,
    wilson_high_of(met, missed) AS wilson_high,
    compliance_of(met, missed, unknown) AS verdict,
    longest_streak
FROM counted
