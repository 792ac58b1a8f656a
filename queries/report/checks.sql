-- title: Can it be believed?
-- question: What was checked of the evidence, what came of it, and what would mend it?
-- param: since DATE = NULL | first night, NULL for all: what other nights lack is no matter
-- param: until DATE = NULL | last night, NULL for all
-- column: check VARCHAR | what is checked
-- column: trust VARCHAR | what came of it: ok, warn (what was kept and missed stands), fail (it may be wrong)
-- column: detail VARCHAR | what was found
-- column: remedy VARCHAR | what would mend it, NULL for nothing
-- column: found BIGINT | how many are wrong, as the detail says
-- column: total BIGINT | of how many
-- column: low_s DOUBLE | least difference of two clocks, or age of the evidence
-- column: high_s DOUBLE | greatest difference of two clocks
-- column: names VARCHAR | up to three computers, VMs or files that it is about
-- column: others BIGINT | how many more of them there are
WITH named AS (
    SELECT
        detail, name, sum(found) AS found, sum(total) AS total, min(low_s) AS low_s, max(high_s) AS high_s
    FROM trust_facts
    WHERE night IS NULL
        OR (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
        AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
    GROUP BY detail, name
),
told AS (
    SELECT
        detail, CAST(round(sum(found)) AS BIGINT) AS found, CAST(round(sum(total)) AS BIGINT) AS total,
        sum(found) / nullif(sum(total), 0) AS share, min(low_s) AS low_s, max(high_s) AS high_s,
        list(name ORDER BY found DESC, name)
            FILTER (WHERE name IS NOT NULL AND coalesce(found > 0, true)) AS names
    FROM named
    GROUP BY detail
),
ranked AS (
    SELECT
        r.*, t.* EXCLUDE (detail),
        row_number() OVER (
            PARTITION BY r."check"
            ORDER BY CASE r.status WHEN 'fail' THEN 0 WHEN 'warn' THEN 1 ELSE 2 END, NOT r.is_empty, t.detail IS NULL,
                r.rank, r.detail
        ) AS said_place
    FROM trust_findings AS r
    LEFT JOIN told AS t ON t.detail = r.detail
    WHERE t.detail IS NOT NULL AND coalesce(t.share > r.least_share, t.found > 0, true)
        OR r.status = 'ok' AND (NOT r.is_empty OR r."check" NOT IN (
            SELECT f."check" FROM told AS any_told JOIN trust_findings AS f ON f.detail = any_told.detail
        ))
)
SELECT
    ranked."check", status AS trust, detail, remedy, found, total, low_s, high_s, first_names(names) AS names,
    other_names(names) AS others
FROM ranked
JOIN trust_checks USING ("check")
WHERE said_place = 1
ORDER BY trust_checks.place
