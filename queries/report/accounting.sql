-- title: What was read
-- question: How many records of each format and computer were read, stored, doubled and rejected?
-- column: format VARCHAR | log format, or unknown
-- column: host VARCHAR | computer the logs belong to
-- column: sources BIGINT | files, archive members or streams
-- column: size_bytes BIGINT | size of their content
-- column: records_read BIGINT | records found: stored + duplicate + rejected
-- column: records_stored BIGINT | records in the store
-- column: records_duplicate BIGINT | records that the store held already
-- column: records_rejected BIGINT | records that could not be read
-- column: records_filtered BIGINT | records left out on request
-- column: first_at TIMESTAMP WITH TIME ZONE | earliest record
-- column: last_at TIMESTAMP WITH TIME ZONE | latest record
SELECT
    format,
    host,
    count(*) AS sources,
    CAST(sum(size_bytes) AS BIGINT) AS size_bytes,
    CAST(coalesce(sum(records_read), 0) AS BIGINT) AS records_read,
    CAST(coalesce(sum(records_stored), 0) AS BIGINT) AS records_stored,
    CAST(coalesce(sum(records_duplicate), 0) AS BIGINT) AS records_duplicate,
    CAST(coalesce(sum(records_rejected), 0) AS BIGINT) AS records_rejected,
    CAST(coalesce(sum(records_filtered), 0) AS BIGINT) AS records_filtered,
    min(first_at) AS first_at,
    max(last_at) AS last_at
FROM sources
GROUP BY format, host
ORDER BY records_rejected DESC, records_read DESC, format, host
