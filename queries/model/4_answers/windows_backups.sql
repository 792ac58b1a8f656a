-- question: When did Windows Server Backup back up a computer, take its snapshot, prepare and write?
-- grain: one run of Windows Server Backup on one computer
-- key: host, started_at
-- reads: backup_records, site
-- column: host VARCHAR | Computer that backed itself up.
-- column: night DATE | Local date on which the backup window opens.
-- column: volumes VARCHAR | Volumes of the run.
-- column: outcome VARCHAR | How it ended: succeeded, warning, failed, cancelled, running, unknown.
-- column: hresult VARCHAR | Error of the run.
-- column: error_text VARCHAR | Error text as Windows gave it.
-- column: started_at TIMESTAMP WITH TIME ZONE | Begin of the run.
-- column: ended_at TIMESTAMP WITH TIME ZONE | End of the run.
-- column: snapshot_started_at TIMESTAMP WITH TIME ZONE | Begin of its snapshot.
-- column: snapshot_ended_at TIMESTAMP WITH TIME ZONE | End of its snapshot.
-- column: prepare_started_at TIMESTAMP WITH TIME ZONE | Begin of its preparation, first volume.
-- column: prepare_ended_at TIMESTAMP WITH TIME ZONE | End of its preparation, last volume.
-- column: write_started_at TIMESTAMP WITH TIME ZONE | When it began to write, first volume.
-- column: write_ended_at TIMESTAMP WITH TIME ZONE | When it had written, last volume.
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
