-- question: Which errlog record marks which boundary of which job?
-- grain: one errlog record that marks a boundary of a job
-- key: job_id, marker, source_id, line_no
-- reads: marker_lines
-- column: job_id VARCHAR | Task GUID, or LOG- and a digest where the log has none.
-- column: marker VARCHAR | Name of the marker.
-- column: at TIMESTAMP WITH TIME ZONE | Time of the record.
-- column: host VARCHAR | Computer that wrote it.
-- column: volume VARCHAR | Volume that the record names.
-- column: detail VARCHAR | What else the rule captures.
-- column: source_id VARCHAR | The source it was read from.
-- column: line_no BIGINT | Line in the source.
-- column: record_no BIGINT | Always NULL, as in markers.
-- The task GUID names the job. Where the log has none (collapsed or edited logs), a job is what one thread of one process
-- does from InitializeSnapshotCreation to ReleaseSnapshot without a gap of 24 hours; parts of a job that moved to another
-- thread are found again by the object pointer of its snapshot requestor (dpm-formats 2.4).
WITH loose AS (
    SELECT
        *,
        coalesce(host, '') || '|' || coalesce(pid, '') || '|' || coalesce(tid, CASE WHEN pid IS NULL THEN object END, '')
            AS thread
    FROM marker_lines
    WHERE task_id IS NULL AND left(marker, 11) <> 'create_pit_' AND left(marker, 14) <> 'mount_storage_'
        AND left(marker, 16) <> 'unmount_storage_'
),
numbered AS (
    SELECT
        *,
        sum(begins) OVER (PARTITION BY thread ORDER BY "at", line_no ROWS UNBOUNDED PRECEDING) AS session
    FROM (
        SELECT
            *,
            CASE
                WHEN marker = 'initialize_snapshot' THEN 1
                WHEN lag(marker) OVER by_thread IS NULL OR lag(marker) OVER by_thread = 'release_snapshot' THEN 1
                WHEN epoch_us("at") - epoch_us(lag("at") OVER by_thread) > 86400000000 THEN 1
                ELSE 0
            END AS begins
        FROM loose
        WINDOW by_thread AS (PARTITION BY thread ORDER BY "at", line_no)
    ) AS marked
),
sessions AS (
    SELECT
        thread,
        session,
        min("at") AS first_at,
        max(host) AS host,
        max(pid) AS pid,
        max(CASE WHEN marker IN ('initialize_snapshot', 'add_volume', 'provider_id', 'start_backup_complete') THEN object END)
            AS requestor,
        max(CASE WHEN marker = 'initialize_snapshot' THEN 1 ELSE 0 END) AS is_whole
    FROM numbered
    GROUP BY thread, session
),
continued AS (
    SELECT p.thread, p.session, max(w.first_at) AS first_at
    FROM sessions AS p
    JOIN sessions AS w
        ON w.requestor = p.requestor
        AND coalesce(w.host, '') = coalesce(p.host, '')
        AND coalesce(w.pid, '') = coalesce(p.pid, '')
        AND w.first_at < p.first_at
    WHERE p.is_whole = 0 AND w.is_whole = 1 AND epoch_us(p.first_at) - epoch_us(w.first_at) < 86400000000
    GROUP BY p.thread, p.session
),
named AS (
    SELECT
        s.thread,
        s.session,
        'LOG-' || left(upper(md5(w.thread || '|' || CAST(epoch_us(w.first_at) AS VARCHAR))), 16) AS job_id
    FROM sessions AS s
    LEFT JOIN continued AS c ON c.thread = s.thread AND c.session = s.session
    JOIN sessions AS w
        ON (c.thread IS NULL AND w.thread = s.thread AND w.session = s.session)
        OR (w.requestor = s.requestor AND w.is_whole = 1 AND w.first_at = c.first_at)
),
attributed AS (
    SELECT task_id AS job_id, marker, "at", host, volume, detail, source_id, line_no FROM marker_lines WHERE task_id IS NOT NULL
    UNION ALL
    SELECT n.job_id, l.marker, l."at", l.host, l.volume, l.detail, l.source_id, l.line_no
    FROM numbered AS l
    JOIN named AS n ON n.thread = l.thread AND n.session = l.session
)
SELECT
    job_id,
    marker,
    "at",
    host,
    volume,
    detail,
    min(source_id) AS source_id,
    min(line_no) AS line_no,
    CAST(NULL AS BIGINT) AS record_no
FROM attributed
GROUP BY job_id, marker, "at", host, volume, detail
