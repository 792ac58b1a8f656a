-- question: What did the DPM services write, when, and on which computer?
-- grain: one record of a DPM errlog
-- key: source_id, line_no
-- reads: job_records, services, sources, trace_stored
-- column: source_id VARCHAR | The source it was read from.
-- column: line_no BIGINT | Line in the source, from 1.
-- column: host VARCHAR | Computer that wrote it, NULL where unknown.
-- column: host_from VARCHAR | How the host was found: option, findstr, collection, job_record, folder.
-- column: host_key VARCHAR | The host in small letters without its domain: what hosts are compared and joined by.
-- column: at TIMESTAMP WITH TIME ZONE | Time of the record; errlogs carry UTC without a year (dpm-formats 1.4).
-- column: pid VARCHAR | Process id, hexadecimal as written.
-- column: tid VARCHAR | Thread id, hexadecimal as written.
-- column: component VARCHAR | Component code, opaque.
-- column: file VARCHAR | Source file of the product that wrote the record, as written.
-- column: file_line INTEGER | Line in that source file; differs between builds.
-- column: object VARCHAR | Object pointer, 16 hexadecimal digits without brackets.
-- column: task_id VARCHAR | DPM's task GUID, upper case without braces.
-- column: level VARCHAR | NORMAL, WARNING, FATAL, CRITICAL, ...
-- column: message VARCHAR | Rest of the record; continuation lines joined with line feeds.
-- A record whose computer is only guessed from the folder takes it from the job record with the same task GUID
-- (contract, section 3), unless the file belongs to a service of the DPM server itself.
WITH task_hosts AS (
    SELECT task_id, max(production_server) AS host
    FROM job_records
    WHERE task_id IS NOT NULL AND production_server IS NOT NULL
    GROUP BY task_id
),
server_sources AS (
    SELECT s.source_id
    FROM sources AS s
    JOIN services AS v ON upper(v.service) = upper(service_of(s.service, s.kind, s.path))
    WHERE v.is_server
)
SELECT t.* REPLACE (
    CASE WHEN h.host IS NULL THEN t.host ELSE computer_of(h.host) END AS host,
    CASE WHEN h.host IS NULL THEN t.host_from ELSE 'job_record' END AS host_from,
    CASE WHEN h.host IS NULL THEN coalesce(t.host_key, host_key_of(t.host)) ELSE host_key_of(h.host) END AS host_key
)
FROM trace_stored AS t
LEFT JOIN server_sources AS s ON s.source_id = t.source_id
LEFT JOIN task_hosts AS h
    ON h.task_id = t.task_id AND coalesce(t.host_from, 'folder') = 'folder' AND s.source_id IS NULL
