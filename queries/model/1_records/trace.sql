-- title: Errlog records
-- question: What did the DPM services write, when, and on which computer?
-- A record whose computer is only guessed from the folder takes it from the job record with the same task GUID
-- (contract, section 3), unless the file belongs to a service of the DPM server itself.
WITH task_hosts AS (
    SELECT task_id, max(production_server) AS host
    FROM job_records
    WHERE task_id IS NOT NULL AND production_server IS NOT NULL
    GROUP BY task_id
),
server_sources AS (
    -- a store of an older version does not say the service
    SELECT source_id FROM sources
    WHERE service IN ('MSDPM', 'CBEngine') OR kind IS NULL AND regexp_matches(lower(path), '(msdpm|cbengine)[^/\\!]*$')
)
SELECT
    t.source_id,
    t.line_no,
    CASE WHEN h.host IS NULL THEN t.host ELSE split_part(h.host, '.', 1) END AS host,
    CASE WHEN h.host IS NULL THEN t.host_from ELSE 'job_record' END AS host_from,
    CASE WHEN h.host IS NULL THEN coalesce(t.host_key, host_key_of(t.host)) ELSE host_key_of(h.host) END AS host_key,
    t."at",
    t.pid,
    t.tid,
    t.component,
    t.file,
    t.file_line,
    t.object,
    t.task_id,
    t.level,
    t.message
FROM trace_stored AS t
LEFT JOIN server_sources AS s ON s.source_id = t.source_id
LEFT JOIN task_hosts AS h
    ON h.task_id = t.task_id AND coalesce(t.host_from, 'folder') = 'folder' AND s.source_id IS NULL
