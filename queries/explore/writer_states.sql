-- title: Failed VSS writers
-- question: Which VSS writers had failed when vssadmin listed them?
-- param: host VARCHAR = '' | the computer, all where empty
-- column: host VARCHAR | computer
-- column: writer VARCHAR | name of the writer
-- column: state INTEGER | 6 to 15: failed (7 preparing the backup, 8 preparing the snapshot, 9 freeze, 10 thaw, 11 after the snapshot)
-- column: state_text VARCHAR | the state as written
-- column: last_error VARCHAR | the last error as written
-- column: listed_at TIMESTAMP WITH TIME ZONE | when it was listed, else when the file was written
-- column: source_id VARCHAR | the source
-- column: record_no BIGINT | its line
WITH errors AS (
    -- "No error" is written in the language of the machine: it is what stable writers say.
    SELECT source_id, mode(last_error) AS no_error
    FROM vss_writers
    WHERE state = 1
    GROUP BY source_id
)
SELECT
    w.host, w.writer_name AS writer, w.state, w.state_text, w.last_error,
    coalesce(w.collected_at, s.modified_at) AS listed_at, w.source_id, w.record_no
FROM vss_writers AS w
JOIN sources AS s ON s.source_id = w.source_id
LEFT JOIN errors AS e ON e.source_id = w.source_id
WHERE (w.state BETWEEN 6 AND 15 OR (w.state <> 1 AND w.last_error <> e.no_error))
    AND ($host = '' OR lower(w.host) = lower($host))
ORDER BY listed_at DESC, w.host, w.writer_name
