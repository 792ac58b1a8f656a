-- question: Can the answers be believed, and what would mend it where not?
-- grain: one check of the evidence
-- key: check
-- reads: clock_offsets, evidence_gaps, guest_clocks, job_base, phases, site_findings, store_findings, trust_checks,
--   trust_findings
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
WITH clocks AS (
    SELECT
        'clocks_host' AS "check", a AS name, count(DISTINCT segment) > 1 OR NOT bool_and(is_constant) AS has_jumped,
        min(CASE WHEN offset_low_s > 1 OR offset_high_s < -1 THEN offset_low_s END) AS low_s,
        max(CASE WHEN offset_low_s > 1 OR offset_high_s < -1 THEN offset_high_s END) AS high_s,
        bool_or(offset_low_s > 300 OR offset_high_s < -300) AS is_far
    FROM clock_offsets
    WHERE told_by = 'job_records'
    GROUP BY a, b
    UNION ALL
    SELECT
        'clocks_guest', vm, NOT is_constant,
        CASE WHEN offset_low_us > 1000000 OR offset_high_us < -1000000 THEN offset_low_us / 1000000.0 END,
        CASE WHEN offset_low_us > 1000000 OR offset_high_us < -1000000 THEN offset_high_us / 1000000.0 END,
        false
    FROM guest_clocks
),
parts AS (
    SELECT "check", name, total, found FROM evidence_gaps
    UNION ALL
    SELECT "check", name, 1, CASE WHEN has_jumped OR low_s IS NOT NULL THEN 1 ELSE 0 END FROM clocks
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
off AS (
    SELECT
        "check", bool_or(is_far) AS is_far, bool_or(has_jumped) AS has_jumped,
        min(low_s) AS low_s, max(high_s) AS high_s
    FROM clocks
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
                WHEN c.found > 0 THEN 'nights_without_records'
                WHEN d.undated > 0 THEN 'records_undated' ELSE 'records_cover' END
            WHEN 'host_logs' THEN CASE WHEN c.found > 0 THEN 'logs_missing' ELSE 'hosts_logged' END
            WHEN 'inventory' THEN CASE WHEN c.found > 0 THEN 'hosts_not_listed' ELSE 'hosts_listed' END
            WHEN 'clocks_host' THEN CASE WHEN c."check" IS NULL THEN 'clocks_not_compared'
                WHEN k.is_far THEN 'clocks_far_apart' WHEN k.has_jumped THEN 'clocks_jumped'
                WHEN c.found > 0 THEN 'clocks_differ' ELSE 'clocks_agree' END
            WHEN 'clocks_guest' THEN CASE WHEN c."check" IS NULL THEN 'guests_not_compared'
                WHEN k.has_jumped THEN 'guests_jumped' WHEN c.found > 0 THEN 'guests_differ' ELSE 'guests_agree' END
        END,
        coalesce(nullif(c.nameless, 0), nullif(c.found, 0), d.undated, 0), c.total, k.low_s, k.high_s, t.names, t.others
    FROM trust_checks AS f
    LEFT JOIN counted AS c ON c."check" = f."check"
    LEFT JOIN told AS t ON t."check" = f."check"
    LEFT JOIN (
        SELECT 'job_records' AS "check", count(CASE WHEN created_at IS NULL THEN 1 END) AS undated
        FROM job_base
        WHERE owes_sla AND record_started_at IS NOT NULL
    ) AS d ON d."check" = f."check"
    LEFT JOIN off AS k ON k."check" = f."check"
    WHERE f."check" IN ('job_records', 'host_logs', 'inventory', 'clocks_host', 'clocks_guest')
    UNION ALL
    SELECT
        CASE WHEN untold_s > all_s * 0.05 THEN 'time_untold' ELSE 'time_told' END,
        CAST(untold_s AS BIGINT), CAST(all_s AS BIGINT), NULL, NULL, NULL, NULL
    FROM spent
    UNION ALL
    SELECT
        CASE WHEN count(*) > 0 THEN 'site_doubtful' ELSE 'site_fits' END, count(*), NULL, NULL, NULL,
        string_agg(CASE WHEN place <= 3 THEN entry END, ', ' ORDER BY place), greatest(count(*) - 3, 0)
    FROM (SELECT entry, row_number() OVER (ORDER BY entry_key, entry) AS place FROM site_findings) AS doubtful
)
SELECT r."check", r.status, f.detail, r.remedy, f.found, f.total, f.low_s, f.high_s, f.names, f.others
FROM found AS f
JOIN trust_findings AS r ON r.detail = f.detail
