-- title: Runs of Windows Server Backup
-- question: When did Windows Server Backup itself back up a computer, and when did it take its snapshot, prepare and write?
-- One row per run, from the one record that states all its phases (Microsoft-Windows-Backup 4, 5, 7, 8, 14; windows-events 2.9). Prepare and
-- write have one time per volume: the first start and the last end count. Times of 1601 were never set.
WITH runs AS (
    SELECT
        host,
        data ->> 'BackupTime' AS begun,
        max("at") AS ended_at,
        bool_or(event_id IN (5, 8)) AS is_failed,
        min(CASE WHEN data ->> 'HRESULT' NOT IN ('0', '0x0') THEN data ->> 'HRESULT' END) AS hresult,
        min(nullif(data ->> 'ErrorMessage', '')) AS error_text,
        max(data ->> 'SourceSnapStartTime') AS snap_from,
        max(data ->> 'SourceSnapEndTime') AS snap_to,
        max(list_min(regexp_extract_all(data ->> 'PrepareBackupStartTime', '\d{4}-\d\d-\d\dT[\d:.]+Z'))) AS prepare_from,
        max(list_max(regexp_extract_all(data ->> 'PrepareBackupEndTime', '\d{4}-\d\d-\d\dT[\d:.]+Z'))) AS prepare_to,
        max(list_min(regexp_extract_all(data ->> 'BackupWriteStartTime', '\d{4}-\d\d-\d\dT[\d:.]+Z'))) AS write_from,
        max(list_max(regexp_extract_all(data ->> 'BackupWriteEndTime', '\d{4}-\d\d-\d\dT[\d:.]+Z'))) AS write_to,
        max(nullif(array_to_string(regexp_extract_all(data ->> 'VolumesInfo', 'Name="([^"]*)"', 1), ', '), '')) AS volumes
    FROM event_hits
    WHERE marker = 'windows_backup' AND data ->> 'BackupTime' IS NOT NULL
    GROUP BY host, data ->> 'BackupTime'
),
cast_times AS (
    SELECT
        host, ended_at, is_failed, hresult, error_text, volumes,
        TRY_CAST(begun AS TIMESTAMPTZ) AS started_at,
        TRY_CAST(nullif(left(snap_from, 4), '1601') || substr(snap_from, 5) AS TIMESTAMPTZ) AS snapshot_started_at,
        TRY_CAST(nullif(left(snap_to, 4), '1601') || substr(snap_to, 5) AS TIMESTAMPTZ) AS snapshot_ended_at,
        TRY_CAST(prepare_from AS TIMESTAMPTZ) AS prepare_started_at,
        TRY_CAST(prepare_to AS TIMESTAMPTZ) AS prepare_ended_at,
        TRY_CAST(write_from AS TIMESTAMPTZ) AS write_started_at,
        TRY_CAST(write_to AS TIMESTAMPTZ) AS write_ended_at
    FROM runs
)
SELECT
    r.host,
    CAST(timezone(s.time_zone, r.started_at) - s.night_shift_s * INTERVAL 1 SECOND AS DATE) AS night,
    r.volumes,
    CASE WHEN r.is_failed OR r.hresult IS NOT NULL THEN 'failed' ELSE 'succeeded' END AS outcome,
    r.hresult,
    r.error_text,
    r.started_at,
    r.ended_at,
    r.snapshot_started_at,
    r.snapshot_ended_at,
    r.prepare_started_at,
    r.prepare_ended_at,
    r.write_started_at,
    r.write_ended_at
FROM cast_times AS r
CROSS JOIN site AS s
WHERE r.started_at IS NOT NULL
