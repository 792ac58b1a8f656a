-- title: Phase markers of all jobs
-- question: Which record, of an errlog or an event log, marks which boundary of which job?
SELECT
    coalesce(k.job_id, l.job_id) AS job_id, l.marker, l."at", l.host, l.volume, l.detail, l.source_id, l.line_no,
    CAST(NULL AS BIGINT) AS record_no
FROM log_markers AS l
LEFT JOIN log_matches AS k ON k.marks_id = l.job_id
UNION ALL
SELECT
    job_id, marker, "at", host, volume_guid, coalesce(vhd_path, process, message), source_id, CAST(NULL AS BIGINT),
    record_no
FROM job_events
