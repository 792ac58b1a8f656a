-- question: When does a record of Windows Server Backup say that its run began, took its snapshot and wrote?
-- grain: one record in which Windows Server Backup states the times of a run
-- key: host_key, at, started_at
-- reads: event_hits
-- column: host VARCHAR | Computer that backed itself up.
-- column: host_key VARCHAR | The host in small letters without its domain: what hosts are compared and joined by.
-- column: at TIMESTAMP WITH TIME ZONE | Time of the record.
-- column: is_failed BOOLEAN | Whether it says that the run failed.
-- column: hresult VARCHAR | Error of the run.
-- column: error_text VARCHAR | Error text as Windows gave it.
-- column: volumes VARCHAR | Volumes of the run.
-- column: started_at TIMESTAMP WITH TIME ZONE | Begin of the run, the same in all its records.
-- column: snapshot_started_at TIMESTAMP WITH TIME ZONE | Begin of its snapshot.
-- column: snapshot_ended_at TIMESTAMP WITH TIME ZONE | End of its snapshot.
-- column: prepare_started_at TIMESTAMP WITH TIME ZONE | Begin of its preparation, first volume.
-- column: prepare_ended_at TIMESTAMP WITH TIME ZONE | End of its preparation, last volume.
-- column: write_started_at TIMESTAMP WITH TIME ZONE | When it began to write, first volume.
-- column: write_ended_at TIMESTAMP WITH TIME ZONE | When it had written, last volume.
-- Microsoft-Windows-Backup 4, 5, 7, 8, 14 (windows-events 2.9). Prepare and write have one time per volume, in one XML
-- text: the first start and the last end count. Times of 1601 were never set.
WITH stated AS (
    SELECT
        host, host_key, "at", event_id,
        field_of(data, 'BackupTime') AS begun,
        nullif(nullif(field_of(data, 'HRESULT'), '0'), '0x0') AS hresult,
        nullif(field_of(data, 'ErrorMessage'), '') AS error_text,
        field_of(data, 'SourceSnapStartTime') AS snap_from,
        field_of(data, 'SourceSnapEndTime') AS snap_to,
        list_min(regexp_extract_all(field_of(data, 'PrepareBackupStartTime'), '[\dT:.-]{19,}Z')) AS prepare_from,
        list_max(regexp_extract_all(field_of(data, 'PrepareBackupEndTime'), '[\dT:.-]{19,}Z')) AS prepare_to,
        list_min(regexp_extract_all(field_of(data, 'BackupWriteStartTime'), '[\dT:.-]{19,}Z')) AS write_from,
        list_max(regexp_extract_all(field_of(data, 'BackupWriteEndTime'), '[\dT:.-]{19,}Z')) AS write_to,
        regexp_extract_all(field_of(data, 'VolumesInfo'), 'Name="([^"]*)"', 1) AS volumes
    FROM event_hits
    WHERE marker = 'windows_backup'
)
SELECT
    host,
    host_key,
    "at",
    event_id IN (5, 8) OR hresult IS NOT NULL AS is_failed,
    hresult,
    error_text,
    nullif(array_to_string(volumes, ', '), '') AS volumes,
    TRY_CAST(begun AS TIMESTAMPTZ) AS started_at,
    TRY_CAST(CASE WHEN left(snap_from, 4) <> '1601' THEN snap_from END AS TIMESTAMPTZ) AS snapshot_started_at,
    TRY_CAST(CASE WHEN left(snap_to, 4) <> '1601' THEN snap_to END AS TIMESTAMPTZ) AS snapshot_ended_at,
    TRY_CAST(prepare_from AS TIMESTAMPTZ) AS prepare_started_at,
    TRY_CAST(prepare_to AS TIMESTAMPTZ) AS prepare_ended_at,
    TRY_CAST(write_from AS TIMESTAMPTZ) AS write_started_at,
    TRY_CAST(write_to AS TIMESTAMPTZ) AS write_ended_at
FROM stated
