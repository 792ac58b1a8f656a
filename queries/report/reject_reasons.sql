-- title: What could not be read
-- question: Which records were rejected, why, and where does one of them stand?
-- column: reason VARCHAR | what is wrong, and what would be right
-- column: records BIGINT | rejected records
-- column: sources BIGINT | files among them
-- column: path VARCHAR | one of the files
-- column: line_no BIGINT | first line in it, NULL for binary records and whole files
-- column: excerpt VARCHAR | what was found there
WITH ranked AS (
    SELECT
        reason, path, line_no, excerpt,
        count(*) OVER (PARTITION BY reason) AS records,
        row_number() OVER (PARTITION BY reason ORDER BY path, line_no, record_no, byte_offset) AS place
    FROM rejects
),
files AS (
    SELECT reason, count(DISTINCT path) AS sources FROM rejects GROUP BY reason
)
SELECT ranked.reason, ranked.records, files.sources, ranked.path, ranked.line_no, ranked.excerpt
FROM ranked
JOIN files ON files.reason IS NOT DISTINCT FROM ranked.reason
WHERE ranked.place = 1
ORDER BY ranked.records DESC, ranked.reason
