-- question: Which record of an errlog marks which boundary of which job?
-- grain: one errlog record that marks a boundary of a job
-- key: job_id, marker, source_id, line_no
-- reads: marker_rules, trace
-- column: job_id VARCHAR | Task GUID, or LOG- and a digest where the log has none.
-- column: marker VARCHAR | Name of the marker.
-- column: scope VARCHAR | Whose work it belongs to: host, online, recovery_point, storage.
-- column: at TIMESTAMP WITH TIME ZONE | Time of the record.
-- column: us BIGINT | The same in microseconds since 1970, UTC.
-- column: host VARCHAR | Computer that wrote it.
-- column: volume VARCHAR | Volume that the record names.
-- column: detail VARCHAR | What else the rule captures.
-- column: source_id VARCHAR | The source it was read from.
-- column: line_no BIGINT | Line in the source.
-- Which text is which marker is data: queries/model/rules/errlog.csv. Rules with a source file join on it, the others
-- on the first letters of the message, so that no record is compared with every rule. The task GUID names the job.
-- Where the log has none (collapsed or edited logs), a job is what one thread of one process does from
-- InitializeSnapshotCreation to ReleaseSnapshot without a gap of 24 hours; a part of it that moved to another thread is
-- found again by the object pointer of its snapshot requestor (dpm-formats 2.4).
WITH captured AS (
    SELECT
        marker, scope, "at", us_of("at") AS us, host, pid, tid, object, source_id, line_no,
        coalesce(task_id, CASE WHEN task_in_message THEN upper(guid_of(message)) END) AS task_id,
        CASE WHEN contains(message, volume_after) THEN nullif(split_part(
            substr(message, strpos(message, volume_after) + length(volume_after)), volume_before, 1
        ), '') END AS volume,
        CASE
            WHEN NOT contains(message, detail_after) THEN NULL
            WHEN detail_before IS NULL THEN substr(message, strpos(message, detail_after) + length(detail_after))
            ELSE split_part(substr(message, strpos(message, detail_after) + length(detail_after)), detail_before, 1)
        END AS detail
    FROM (
        SELECT t.*, r.marker, r.scope, r.task_in_message, r.volume_after, r.volume_before, r.detail_after,
            r.detail_before
        FROM trace AS t
        JOIN marker_rules AS r ON lower(t.file) = r.file
        WHERE starts_with(t.message, r.text)
            OR r.match = 'contains' AND contains(split_part(t.message, chr(10), 1), r.text)
        UNION ALL
        SELECT t.*, r.marker, r.scope, r.task_in_message, r.volume_after, r.volume_before, r.detail_after,
            r.detail_before
        FROM trace AS t
        JOIN marker_rules AS r ON r.file IS NULL AND left(t.message, 8) = left(r.text, 8)
        WHERE starts_with(t.message, r.text)
    ) AS matched
),
loose AS (
    SELECT
        *,
        coalesce(host, '') || '|' || coalesce(pid, '') || '|'
            || coalesce(tid, CASE WHEN pid IS NULL THEN object END, '') AS thread,
        CASE WHEN marker = 'initialize_snapshot' OR us - lag(us) OVER by_thread > 86400000000
            OR coalesce(lag(marker) OVER by_thread, 'release_snapshot') = 'release_snapshot' THEN 1 ELSE 0 END AS begins
    FROM captured
    WHERE task_id IS NULL AND scope IN ('host', 'online')
    WINDOW by_thread AS (PARTITION BY thread ORDER BY us, line_no)
),
numbered AS (
    SELECT *, sum(begins) OVER (PARTITION BY thread ORDER BY us, line_no ROWS UNBOUNDED PRECEDING) AS session
    FROM loose
),
sessions AS (
    SELECT
        thread, session, min(us) AS first_us, max(host) AS host, max(pid) AS pid,
        max(CASE WHEN marker IN ('initialize_snapshot', 'add_volume', 'provider_id', 'start_backup_complete')
            THEN object END) AS requestor,
        max(CASE WHEN marker = 'initialize_snapshot' THEN 1 ELSE 0 END) = 1 AS is_whole,
        'LOG-' || left(upper(md5(thread || '|' || CAST(min(us) AS VARCHAR))), 16) AS job_id
    FROM numbered
    GROUP BY thread, session
),
continued AS (
    -- A part without its beginning may belong to the latest whole session of the same requestor that began before it.
    SELECT
        thread, session, first_us, job_id,
        CASE WHEN NOT is_whole AND requestor IS NOT NULL
            THEN max(CASE WHEN is_whole THEN first_us END) OVER before END AS whole_us,
        last_value(CASE WHEN is_whole THEN job_id END IGNORE NULLS) OVER before AS whole_id
    FROM sessions
    WINDOW before AS (
        PARTITION BY requestor, host, pid ORDER BY first_us RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
),
attributed AS (
    SELECT task_id AS job_id, marker, scope, "at", us, host, volume, detail, source_id, line_no
    FROM captured
    WHERE task_id IS NOT NULL
    UNION ALL
    SELECT
        CASE WHEN c.first_us - c.whole_us < 86400000000 THEN c.whole_id ELSE c.job_id END,
        l.marker, l.scope, l."at", l.us, l.host, l.volume, l.detail, l.source_id, l.line_no
    FROM numbered AS l
    JOIN continued AS c ON c.thread = l.thread AND c.session = l.session
)
SELECT
    job_id, marker, scope, "at", us, host, volume, detail, min(source_id) AS source_id,
    min_by(line_no, (source_id, line_no)) AS line_no
FROM attributed
GROUP BY job_id, marker, scope, "at", us, host, volume, detail
