-- title: Compliance by protection group
-- question: How many VMs of each protection group kept which rule on the nights of this period?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: protection_group VARCHAR | protection group of the VMs' last jobs, NULL where no record says it
-- column: rule VARCHAR | the rule
-- column: vms BIGINT | its VMs of which a night counts
-- column: meets BIGINT | of these, VMs that keep the rule
-- column: at_risk BIGINT | of these, VMs whose misses or unknown nights decide neither way
-- column: breaks BIGINT | of these, VMs that break it
-- column: not_established BIGINT | of these, VMs of which no night is known
-- column: slots BIGINT | nights of these VMs on which it was due, or not known whether it was kept
-- column: met BIGINT | of these, kept
-- column: missed BIGINT | of these, broken
-- column: unknown BIGINT | of these, not known
-- column: met_low DOUBLE | share kept if all unknown nights were missed, 0 to 1
-- column: met_high DOUBLE | share kept if all unknown nights were kept
-- No interval: VMs of one group are late together, so that their nights are no independent tries.
WITH counted AS (
    SELECT
        vm, rule, count(*) AS slots,
        count(*) FILTER (WHERE met) AS met,
        count(*) FILTER (WHERE NOT met) AS missed,
        count(*) FILTER (WHERE met IS NULL) AS unknown
    FROM sla
    WHERE is_slot(expected, reason)
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
    GROUP BY vm, rule
),
told AS (
    SELECT c.*, g.protection_group, compliance_of(c.met, c.missed, c.unknown) AS compliance
    FROM counted AS c
    LEFT JOIN vm_homes AS g ON g.vm = c.vm
)
SELECT
    protection_group,
    rule,
    count(*) AS vms,
    count(*) FILTER (WHERE compliance = 'meets') AS meets,
    count(*) FILTER (WHERE compliance = 'at_risk') AS at_risk,
    count(*) FILTER (WHERE compliance = 'breaks') AS breaks,
    count(*) FILTER (WHERE compliance = 'not_established') AS not_established,
    CAST(sum(slots) AS BIGINT) AS slots,
    CAST(sum(met) AS BIGINT) AS met,
    CAST(sum(missed) AS BIGINT) AS missed,
    CAST(sum(unknown) AS BIGINT) AS unknown,
    sum(met) / sum(slots) AS met_low,
    (sum(met) + sum(unknown)) / sum(slots) AS met_high
FROM told
GROUP BY protection_group, rule
ORDER BY missed DESC, unknown DESC, protection_group NULLS LAST, rule
