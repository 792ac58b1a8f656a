-- title: Rules that disagree
-- question: Which VMs kept one rule and broke another on the same night, and which is which?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: vm VARCHAR | name of the VM
-- column: apart_nights BIGINT | nights on which it kept one rule and broke another
-- column: rule VARCHAR | one of the rules that it is judged by
-- column: met BIGINT | nights on which the rule was due and kept
-- column: missed BIGINT | nights on which it was due and broken
-- column: unknown BIGINT | nights on which it was due and nothing tells
WITH chosen AS (
    SELECT vm, night, rule, met
    FROM sla
    WHERE expected
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
),
apart AS (
    SELECT vm, night FROM chosen GROUP BY vm, night HAVING bool_or(met) AND bool_or(NOT met)
),
torn AS (
    SELECT vm, count(*) AS apart_nights FROM apart GROUP BY vm
)
SELECT
    c.vm,
    t.apart_nights,
    c.rule,
    count(*) FILTER (WHERE c.met) AS met,
    count(*) FILTER (WHERE NOT c.met) AS missed,
    count(*) FILTER (WHERE c.met IS NULL) AS unknown
FROM chosen AS c
JOIN torn AS t ON t.vm = c.vm
GROUP BY c.vm, t.apart_nights, c.rule
ORDER BY t.apart_nights DESC, c.vm, missed DESC, c.rule
