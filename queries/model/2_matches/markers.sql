-- question: Which record, of an errlog or an event log, marks which boundary of which job?
-- grain: one log record that marks a phase boundary of a job
-- key: job_id, marker, source_id, line_no, record_no
-- reads: job_events, log_markers, log_matches
-- column: job_id VARCHAR | The job it belongs to.
-- column: marker VARCHAR | Name of the marker, from queries/model/rules/.
-- column: at TIMESTAMP WITH TIME ZONE | Time of the record.
-- column: host VARCHAR | Computer that wrote it.
-- column: volume VARCHAR | Volume that the record names.
-- column: detail VARCHAR | What else the rule captures: VHD path, provider id, HRESULT.
-- column: source_id VARCHAR | The source it was read from.
-- column: line_no BIGINT | Line in the source, NULL for events.
-- column: record_no BIGINT | Record in the source, NULL for text.
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
