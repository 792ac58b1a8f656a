-- question: Can the answers be believed, and what would mend it where not?
-- grain: one check of the evidence
-- key: check
-- reads: trust_facts, trust_findings
-- column: check VARCHAR | What is checked.
-- column: status VARCHAR | What came of it: ok, warn, fail.
-- column: detail VARCHAR | What was found.
-- column: remedy VARCHAR | What would mend it, NULL where nothing is to be mended.
-- column: found BIGINT | How many are wrong, as the detail says; NULL where nothing is counted.
-- column: total BIGINT | Of how many.
-- column: low_s DOUBLE | Least difference of two clocks, or age of the evidence.
-- column: high_s DOUBLE | Greatest difference of two clocks.
-- column: names VARCHAR | Up to three computers, VMs or files it is about, NULL for none.
-- column: others BIGINT | How many more of them there are.
-- What a check finds says by itself what follows (trust_findings): fail where what was kept and what was missed may
-- be wrong, warn where causes and phases may be, or VMs without any backup unseen. The worst that is found is said, and
-- that a check holds where nothing is wrong. The query checks gives the same of some nights alone.
WITH named AS (
    SELECT
        detail, name, sum(found) AS found, sum(total) AS total, min(low_s) AS low_s, max(high_s) AS high_s
    FROM trust_facts
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
    "check", status, detail, remedy, found, total, low_s, high_s, first_names(names) AS names,
    other_names(names) AS others
FROM ranked
WHERE said_place = 1
