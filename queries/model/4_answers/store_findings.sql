-- question: Was everything read, stored and dated that was given?
-- grain: one check of what was read and stored
-- key: detail
-- reads: nights, site, sources, store_state
-- column: detail VARCHAR | What was found.
-- column: found BIGINT | How many are wrong, as the detail says; NULL where nothing is counted.
-- column: total BIGINT | Of how many.
-- column: low_s DOUBLE | Least difference of two clocks, or age of the evidence.
-- column: high_s DOUBLE | Greatest difference of two clocks.
-- column: names VARCHAR | Up to three computers, VMs or files it is about, NULL for none.
-- column: others BIGINT | How many more of them there are.
-- A file that was damaged counts no more once it was read whole. What is in no known format is most often no log: it
-- is said, and makes the answers no less sure. Freshness goes by the nights at the end of which no log or record is
-- left, and by the clock (two days) only where a moment was given to judge by.
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
),
bare AS (
    SELECT count(CASE WHEN night > last_night THEN 1 END) AS bare_nights, count(*) AS nights
    FROM (SELECT night, max(CASE WHEN has_evidence THEN night END) OVER () AS last_night FROM nights) AS dated
)
SELECT
    CASE zone_from
        WHEN 'assumed' THEN 'zone_assumed'
        WHEN 'collections_differ' THEN 'zones_differ'
        ELSE 'zone_known'
    END AS detail,
    CAST(NULL AS BIGINT) AS found, CAST(NULL AS BIGINT) AS total, CAST(NULL AS DOUBLE) AS low_s,
    CAST(NULL AS DOUBLE) AS high_s, time_zone AS names, CAST(NULL AS BIGINT) AS others
FROM site
UNION ALL
SELECT last_ingest, NULL, NULL, NULL, NULL, NULL, NULL
FROM store_state
UNION ALL
SELECT
    CASE
        WHEN lost_records > 0 THEN 'records_lost'
        WHEN lost_sources > 0 THEN 'records_doubtful'
        ELSE 'all_there'
    END,
    CASE WHEN lost_records > 0 THEN lost_records ELSE lost_sources END, NULL, NULL, NULL, lost_paths,
    greatest(lost_sources - 3, 0)
FROM store_state
UNION ALL
SELECT
    CASE
        WHEN u.damaged > 0 THEN 'files_damaged'
        WHEN r.worst_share >= 0.01 THEN 'many_rejected'
        WHEN r.rejected > 0 THEN 'few_rejected'
        WHEN u.strange > 0 THEN 'files_unknown'
        ELSE 'all_read'
    END,
    CAST(CASE WHEN u.damaged > 0 THEN u.damaged WHEN r.rejected > 0 THEN r.rejected ELSE u.strange END AS BIGINT),
    CAST(CASE WHEN u.damaged = 0 AND r.rejected > 0 THEN r.records ELSE u.files END AS BIGINT), NULL, NULL, NULL, NULL
FROM readings AS r
CROSS JOIN unread AS u
UNION ALL
SELECT
    CASE
        WHEN b.bare_nights > 0 THEN 'nights_without_evidence'
        WHEN us_of(t.now_at) - l.last_us > 172800000000 THEN 'evidence_old'
        ELSE 'evidence_new'
    END,
    b.bare_nights, b.nights, (us_of(t.now_at) - l.last_us) / 1000000.0, NULL, NULL, NULL
FROM bare AS b
CROSS JOIN latest AS l
CROSS JOIN store_state AS t
