-- title: Runs of Windows Server Backup
-- question: When did Windows Server Backup back up a computer, take its snapshot, prepare and write?
-- One row per run: all records that state the same begin, put together (backup_records).
WITH runs AS (
    SELECT
        host,
        started_at,
        max("at") AS ended_at,
        bool_or(is_failed) AS is_failed,
        min(hresult) AS hresult,
        min(error_text) AS error_text,
        max(volumes) AS volumes,
        max(snapshot_started_at) AS snapshot_started_at,
        max(snapshot_ended_at) AS snapshot_ended_at,
        max(prepare_started_at) AS prepare_started_at,
        max(prepare_ended_at) AS prepare_ended_at,
        max(write_started_at) AS write_started_at,
        max(write_ended_at) AS write_ended_at
    FROM backup_records
    WHERE started_at IS NOT NULL
    GROUP BY host, started_at
)
SELECT
    r.host,
    night_of(s.time_zone, s.night_shift_s, r.started_at) AS night,
    r.volumes,
    CASE WHEN r.is_failed THEN 'failed' ELSE 'succeeded' END AS outcome,
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
FROM runs AS r
CROSS JOIN site AS s
