-- title: Phase markers of all jobs
-- question: Which record, of an errlog or an event log, marks which boundary of which job?
SELECT job_id, marker, "at", host, volume, detail, source_id, line_no, record_no
FROM log_markers
UNION ALL
SELECT
    c.job_id,
    c.marker,
    h."at",
    h.host,
    h.volume_guid,
    coalesce(h.vhd_path, h.process, h.message),
    h.source_id,
    CAST(NULL AS BIGINT),
    h.record_no
FROM event_claims AS c
JOIN event_hits AS h ON h.marker = c.marker AND h.source_id = c.source_id AND h.record_no = c.record_no
