-- question: Can the answers be believed, and what would mend it where not?
-- grain: one check of the evidence
-- key: check
-- reads: evidence_gaps, guest_clocks, job_base, phases, store_findings, trust_checks, trust_findings
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
-- be wrong, warn where causes and phases may be, or VMs without any backup unseen. Clocks count as different from one
-- second on.
WITH guests AS (
    SELECT
        vm AS name, NOT is_constant AS has_jumped,
        is_constant AND (offset_low_us > 1000000 OR offset_high_us < -1000000) AS differs,
        offset_low_us / 1000000.0 AS low_s, offset_high_us / 1000000.0 AS high_s
    FROM guest_clocks
),
parts AS (
    SELECT "check", name, total, found FROM evidence_gaps
    UNION ALL
    SELECT 'clocks_guest', name, 1, CASE WHEN has_jumped OR differs THEN 1 ELSE 0 END FROM guests
),
named AS (
    SELECT "check", name, row_number() OVER (PARTITION BY "check" ORDER BY found DESC, name) AS place
    FROM parts
    WHERE found > 0 AND name IS NOT NULL
),
told AS (
    SELECT
        "check", string_agg(CASE WHEN place <= 3 THEN name END, ', ' ORDER BY place) AS names,
        greatest(count(*) - 3, 0) AS others
    FROM named
    GROUP BY "check"
),
counted AS (
    SELECT "check", CAST(sum(total) AS BIGINT) AS total, CAST(sum(found) AS BIGINT) AS found,
        CAST(sum(CASE WHEN name IS NULL THEN found END) AS BIGINT) AS nameless
    FROM parts
    GROUP BY "check"
),
spent AS (
    SELECT
        coalesce(sum(CASE WHEN p.phase = 'unaccounted' THEN p.duration_s END), 0) AS untold_s,
        coalesce(sum(p.duration_s), 0) AS all_s
    FROM phases AS p
    JOIN job_base AS j ON j.job_id = p.job_id
    WHERE j.level = 'host' AND j.ended_at IS NOT NULL
),
found AS (
    SELECT * FROM store_findings
    UNION ALL
    SELECT
        CASE f."check"
            WHEN 'job_records' THEN CASE WHEN c."check" IS NULL THEN 'no_job'
                WHEN c.nameless > 0 THEN 'jobs_without_record'
                WHEN c.found > 0 THEN 'nights_without_records' ELSE 'records_cover' END
            WHEN 'host_logs' THEN CASE WHEN c.found > 0 THEN 'logs_missing' ELSE 'hosts_logged' END
            WHEN 'inventory' THEN CASE WHEN c.found > 0 THEN 'hosts_not_listed' ELSE 'hosts_listed' END
            WHEN 'clocks_guest' THEN CASE WHEN c."check" IS NULL THEN 'guests_not_compared'
                WHEN EXISTS (SELECT 1 FROM guests WHERE has_jumped) THEN 'guests_jumped'
                WHEN c.found > 0 THEN 'guests_differ' ELSE 'guests_agree' END
        END,
        coalesce(nullif(c.nameless, 0), c.found), c.total, g.low_s, g.high_s, t.names, t.others
    FROM trust_checks AS f
    LEFT JOIN counted AS c ON c."check" = f."check"
    LEFT JOIN told AS t ON t."check" = f."check"
    LEFT JOIN (SELECT min(low_s) AS low_s, max(high_s) AS high_s FROM guests WHERE differs) AS g
        ON f."check" = 'clocks_guest'
    WHERE f."check" IN ('job_records', 'host_logs', 'inventory', 'clocks_guest')
    UNION ALL
    SELECT
        CASE WHEN untold_s > all_s * 0.05 THEN 'time_untold' ELSE 'time_told' END,
        CAST(untold_s AS BIGINT), CAST(all_s AS BIGINT), NULL, NULL, NULL, NULL
    FROM spent
)
SELECT r."check", r.status, f.detail, r.remedy, f.found, f.total, f.low_s, f.high_s, f.names, f.others
FROM found AS f
JOIN trust_findings AS r ON r.detail = f.detail
