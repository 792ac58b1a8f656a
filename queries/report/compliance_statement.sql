-- title: Statement of compliance
-- question: Which VM kept which rule on the nights of this period, how sure is that, and how long did it not?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: vm VARCHAR | name of the VM
-- column: protection_group VARCHAR | protection group of its last job, NULL where no record says it
-- column: rule VARCHAR | the rule
-- column: slots BIGINT | nights on which it was due, or on which it is not known whether it was kept
-- column: met BIGINT | nights on which it was kept
-- column: missed BIGINT | nights on which it was broken
-- column: unknown BIGINT | nights on which that is not known
-- column: met_low DOUBLE | share kept if all unknown nights were missed, 0 to 1
-- column: met_high DOUBLE | share kept if all unknown nights were kept
-- column: wilson_low DOUBLE | lower end of Wilson's 95 % interval of the share kept on known nights
-- column: wilson_high DOUBLE | upper end of that interval
-- column: compliance VARCHAR | what follows: meets, at_risk, breaks, not_established
-- column: longest_streak BIGINT | most nights missed in a row
-- column: last_missed DATE | last night on which it was broken
-- As the view compliance, for some nights.
WITH counted AS (
    SELECT
        vm, rule, count(*) AS slots,
        count(*) FILTER (WHERE met) AS met,
        count(*) FILTER (WHERE NOT met) AS missed,
        count(*) FILTER (WHERE met IS NULL) AS unknown,
        longest_streak_of(met, night) AS longest_streak,
        max(night) FILTER (WHERE NOT met) AS last_missed
    FROM sla
    WHERE is_slot(expected, reason)
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
    GROUP BY vm, rule
)
SELECT
    c.vm,
    g.protection_group,
    c.rule,
    c.slots,
    c.met,
    c.missed,
    c.unknown,
    c.met / c.slots AS met_low,
    (c.met + c.unknown) / c.slots AS met_high,
    wilson_low_of(c.met, c.missed) AS wilson_low,
    wilson_high_of(c.met, c.missed) AS wilson_high,
    compliance_of(c.met, c.missed, c.unknown) AS compliance,
    c.longest_streak,
    c.last_missed
FROM counted AS c
LEFT JOIN vm_homes AS g ON g.vm = c.vm
ORDER BY c.missed DESC, c.unknown DESC, c.vm, c.rule
