-- question: Of which computer and night do we have which log?
-- grain: one computer, one night, one kind of log that has records
-- key: host, night, log_kind
-- reads: events, job_records, site, sources, trace
-- column: host VARCHAR | Computer, without its domain.
-- column: night DATE | Local date on which the backup window opens.
-- column: log_kind VARCHAR | Kind of log, with its service or channel: errlog:*, job_records, events:*.
-- column: records BIGINT | Records of that night.
-- column: first_at TIMESTAMP WITH TIME ZONE | Earliest of them.
-- column: last_at TIMESTAMP WITH TIME ZONE | Latest of them.
-- column: first_record_id BIGINT | Least record id of that night, NULL for other logs than events.
-- column: gaps BIGINT | Record ids that are missing between the first and the last.
-- A kind of log is the service that wrote an errlog (errlog:DPMRA), the records of jobs, or a channel of events
-- (events:System). gaps counts the record ids of an event log that lack between its first and its last record of the
-- night.
WITH found AS (
    SELECT
        t.host, 'errlog:' || coalesce(upper(service_of(s.service, s.kind, s.path)), 'other') AS log_kind, t."at",
        CAST(NULL AS BIGINT) AS record_id
    FROM trace AS t
    JOIN sources AS s ON s.source_id = t.source_id
    UNION ALL
    SELECT coalesce(computer_of(r.dpm_server), s.host), 'job_records', coalesce(r.started_at, r.created_at), NULL
    FROM job_records AS r
    JOIN sources AS s ON s.source_id = r.source_id
    UNION ALL
    SELECT computer_of(host), 'events:' || coalesce(channel, 'unknown'), "at", record_id FROM events
),
dated AS (
    SELECT f.host, f.log_kind, f."at", f.record_id, night_of(s.time_zone, s.night_shift_s, f."at") AS night
    FROM found AS f
    CROSS JOIN site AS s
    WHERE f."at" IS NOT NULL AND f.host IS NOT NULL
)
SELECT
    host, night, log_kind, count(*) AS records, min("at") AS first_at, max("at") AS last_at,
    min(record_id) AS first_record_id,
    max(record_id) - min(record_id) + 1 - count(DISTINCT record_id) AS gaps
FROM dated
GROUP BY host, night, log_kind
