-- question: Was everything read, stored and dated that was given?
-- grain: one thing that was found of what was read and stored
-- key: detail, name, night
-- reads: lost_sources, nights, site, sources, store_state
-- column: detail VARCHAR | What is wrong, if found is above 0 or NULL.
-- column: name VARCHAR | Computer, VM, file or zone that it is about, NULL for none.
-- column: night DATE | Night that it is about, NULL for all.
-- column: found DOUBLE | How many are wrong; NULL where nothing is counted.
-- column: total DOUBLE | Of how many.
-- column: low_s DOUBLE | Least difference of two clocks, or age of the evidence.
-- column: high_s DOUBLE | Greatest difference of two clocks.
-- A file that was damaged counts no more once it was read whole. What is in no known format is most often no log: it
-- is said, and makes the answers no less sure. Freshness goes by the nights at the end of which no log or record is
-- left, and by the clock (two days) only where a moment was given to judge by: that is said of the night of the moment.
WITH readings AS (
    SELECT
        coalesce(sum(records_read), 0) AS records, coalesce(sum(records_rejected), 0) AS rejected,
        coalesce(max(records_rejected * 1.0 / nullif(records_read, 0)), 0) AS worst_share
    FROM (
        SELECT kind, sum(records_read) AS records_read, sum(records_rejected) AS records_rejected
        FROM sources
        WHERE kind IS NOT NULL
        GROUP BY kind
    ) AS kinds_read
),
unread AS (
    SELECT
        count(CASE WHEN s.format = 'unreadable' AND l.path IS NULL THEN 1 END) AS damaged,
        count(CASE WHEN s.format = 'unknown' THEN 1 END) AS strange,
        count(*) AS files
    FROM sources AS s
    LEFT JOIN (SELECT path, max(read_at) AS read_at FROM sources WHERE kind IS NOT NULL GROUP BY path) AS l
        ON l.path = s.path AND l.read_at > s.read_at
),
latest AS (
    SELECT max(us_of(last_at)) AS last_us FROM sources
)
SELECT
    CASE zone_from
        WHEN 'assumed' THEN 'zone_assumed'
        WHEN 'collections_differ' THEN 'zones_differ'
        ELSE 'zone_known'
    END AS detail,
    time_zone AS name, CAST(NULL AS DATE) AS night, CAST(NULL AS DOUBLE) AS found, CAST(NULL AS DOUBLE) AS total,
    CAST(NULL AS DOUBLE) AS low_s, CAST(NULL AS DOUBLE) AS high_s
FROM site
UNION ALL
SELECT last_ingest, NULL, NULL, NULL, NULL, NULL, NULL
FROM store_state
UNION ALL
SELECT
    CASE WHEN records > 0 THEN 'records_lost' ELSE 'records_doubtful' END, path, NULL,
    CASE WHEN records > 0 THEN records ELSE 1 END, NULL, NULL, NULL
FROM lost_sources
UNION ALL
SELECT
    CASE
        WHEN u.damaged > 0 THEN 'files_damaged'
        WHEN r.worst_share >= 0.01 THEN 'many_rejected'
        WHEN r.rejected > 0 THEN 'few_rejected'
        WHEN u.strange > 0 THEN 'files_unknown'
        ELSE 'all_read'
    END,
    NULL, NULL, CASE WHEN u.damaged > 0 THEN u.damaged WHEN r.rejected > 0 THEN r.rejected ELSE u.strange END,
    CASE WHEN u.damaged = 0 AND r.rejected > 0 THEN r.records ELSE u.files END, NULL, NULL
FROM readings AS r
CROSS JOIN unread AS u
UNION ALL
SELECT
    'nights_without_evidence', NULL, night,
    CASE WHEN night > max(CASE WHEN has_evidence THEN night END) OVER () THEN 1 ELSE 0 END, 1, NULL, NULL
FROM nights
UNION ALL
SELECT
    CASE WHEN us_of(t.now_at) - l.last_us > 172800000000 THEN 'evidence_old' ELSE 'evidence_new' END,
    NULL, night_of(s.time_zone, s.night_shift_s, t.now_at), NULL, NULL, (us_of(t.now_at) - l.last_us) / 1000000.0, NULL
FROM latest AS l
CROSS JOIN store_state AS t
CROSS JOIN site AS s
WHERE t.now_at IS NOT NULL
