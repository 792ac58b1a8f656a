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
agent_sources AS (
    SELECT source_id, lower(path) LIKE '%msdpm%' OR lower(path) LIKE '%cbengine%' AS is_server_log
    FROM sources
)
SELECT
    t.source_id,
    t.line_no,
    CASE WHEN h.host IS NULL THEN t.host ELSE split_part(h.host, '.', 1) END AS host,
    CASE WHEN h.host IS NULL THEN t.host_from ELSE 'job_record' END AS host_from,
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
LEFT JOIN agent_sources AS s ON s.source_id = t.source_id
LEFT JOIN task_hosts AS h
    ON h.task_id = t.task_id AND coalesce(t.host_from, 'folder') = 'folder' AND NOT coalesce(s.is_server_log, false)
