-- question: What is wrong with the evidence, where and on which night?
-- grain: one thing that a check may find, of one computer, VM, file or zone, and one night
-- key: detail, name, night
-- reads: boundaries, deltas, evidence_gaps, job_base, job_clocks, phase_places, site_findings, store_findings
-- column: detail VARCHAR | What is wrong, if found is above 0 or NULL.
-- column: name VARCHAR | Computer, VM, file or zone that it is about, NULL for none.
-- column: night DATE | Night that it is about, NULL for all.
-- column: found DOUBLE | How many are wrong; NULL where nothing is counted.
-- column: total DOUBLE | Of how many.
-- column: low_s DOUBLE | Least difference of two clocks, or age of the evidence.
-- column: high_s DOUBLE | Greatest difference of two clocks.
-- What is wrong (found, of total) stands in one row with the night it is about; what is about all nights has none.
-- Clocks count as different from one second on, whichever is ahead. A clock was set on the night on which a new segment
-- begins, or on one that no offset fits.
WITH hosts_clocks AS (
    SELECT
        computer_of(j.host) AS name, c.night, c.segment, bool_and(c.is_constant) AS is_constant,
        min(c.offset_low_us) / 1000000.0 AS low_s, max(c.offset_high_us) / 1000000.0 AS high_s,
        c.segment > lag(c.segment, 1, c.segment) OVER (
            PARTITION BY c.host_key, c.server_key ORDER BY c.segment, c.night
        ) AS begins
    FROM job_clocks AS c
    JOIN job_base AS j ON j.job_id = c.job_id
    WHERE c.tells
    GROUP BY computer_of(j.host), c.host_key, c.server_key, c.night, c.segment
),
clocks AS (
    SELECT
        CASE
            WHEN low_s > 300 OR high_s < -300 THEN 'clocks_far_apart'
            WHEN begins OR NOT is_constant THEN 'clocks_jumped'
            WHEN low_s > 1 OR high_s < -1 THEN 'clocks_differ'
            ELSE 'clocks_agree'
        END AS detail,
        name, night, low_s, high_s
    FROM hosts_clocks
    UNION ALL
    SELECT
        CASE
            WHEN NOT d.is_constant THEN 'guests_jumped'
            WHEN d.offset_low_us > 1000000 OR d.offset_high_us < -1000000 THEN 'guests_differ'
            ELSE 'guests_agree'
        END,
        d.vm, j.night, min(d.offset_low_us) / 1000000.0, max(d.offset_high_us) / 1000000.0
    FROM deltas AS d
    JOIN job_base AS j ON j.job_id = d.job_id
    WHERE d.shows_clock
    GROUP BY d.vm, j.night, d.is_constant, d.offset_low_us, d.offset_high_us
)
SELECT detail, name, night, found, total, low_s, high_s FROM store_findings
UNION ALL
SELECT detail, name, night, found, total, NULL, NULL FROM evidence_gaps
UNION ALL
SELECT
    detail, name, night, 1, 1, min(CASE WHEN high_s < 0 THEN -high_s ELSE greatest(low_s, 0) END),
    max(greatest(-low_s, high_s))
FROM clocks
GROUP BY detail, name, night
UNION ALL
SELECT
    'time_untold', NULL, j.night,
    sum(CASE WHEN b.next_place > b.place + 1 OR least(b.evidence, n.evidence) = 0 OR p.phase IS NULL
        THEN n.us - b.us ELSE 0 END) / 1000000.0,
    sum(n.us - b.us) / 1000000.0, NULL, NULL
FROM boundaries AS b
JOIN boundaries AS n ON n.job_id = b.job_id AND n.place = b.next_place
JOIN phase_places AS p ON p.place = b.place
JOIN job_base AS j ON j.job_id = b.job_id
WHERE j.level = 'host' AND j.ended_at IS NOT NULL
GROUP BY j.night
UNION ALL
SELECT 'site_doubtful', entry, NULL, 1, 1, NULL, NULL FROM site_findings
