-- title: Phase markers of all jobs
-- question: Which record, of an errlog or an event log, marks which boundary of which job?
SELECT job_id, marker, "at", host, volume, detail, source_id, line_no, record_no
FROM log_markers
UNION ALL
SELECT
    job_id, marker, "at", host, volume_guid, coalesce(vhd_path, process, message), source_id, CAST(NULL AS BIGINT), record_no
FROM job_events
