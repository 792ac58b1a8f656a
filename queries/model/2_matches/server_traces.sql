-- question: Does the log of the DPM server show a recovery point of a job, or would it show one?
-- grain: one job of a host's agent whose recovery point the log of its DPM server shows, or would show
-- key: job_id
-- reads: log_markers, log_nights, site
-- column: job_id VARCHAR | Task GUID.
-- column: server VARCHAR | DPM server that wrote of it, else that of the host.
-- column: kind_from VARCHAR | What tells the kind of the job.
-- CreatePIT of a DPM server makes a recovery point, and no line is published that a consistency check writes
-- (dpm-formats 2.2, 8.9): that a job whose data has moved and that has no CreatePIT was a check is an inference. It
-- stands where the server's log would show one: where it says that the storage of the very task was let go
-- (server_lines), or where it holds recovery points of other tasks of that host and goes on for an hour after the
-- host's last line (server_log); of several such servers all must. DPM before 2016 writes no CreatePIT, and lines
-- without a task GUID find no job: nothing is told of these.
WITH served AS (
    SELECT
        job_id, host AS server,
        max(CASE WHEN marker = 'create_pit_begin' THEN us END) AS pit_us,
        max(CASE WHEN marker = 'unmount_storage_end' THEN us END) AS let_go_us
    FROM log_markers
    WHERE scope IN ('recovery_point', 'storage') AND host IS NOT NULL
    GROUP BY job_id, host
),
worked AS (
    SELECT job_id, max(host_key_of(host)) AS host_key, max(us) AS last_us
    FROM log_markers
    WHERE scope = 'host' AND left(job_id, 4) <> 'LOG-' AND EXISTS (SELECT 1 FROM served)
    GROUP BY job_id
),
own AS (
    SELECT w.job_id, max(s.server) AS server, bool_or(s.pit_us IS NOT NULL) AS has_point,
        bool_or(s.let_go_us IS NOT NULL) AS is_let_go
    FROM worked AS w
    JOIN served AS s ON s.job_id = w.job_id
    GROUP BY w.job_id
),
makers AS (
    SELECT DISTINCT w.host_key, s.server
    FROM worked AS w
    JOIN served AS s ON s.job_id = w.job_id
    WHERE s.pit_us IS NOT NULL
),
silent AS (
    -- the night of a time is dear: only where nothing else tells
    SELECT w.job_id, w.host_key, w.last_us, night_of(s.time_zone, s.night_shift_s, moment_of(w.last_us)) AS night
    FROM worked AS w
    CROSS JOIN site AS s
    LEFT JOIN own AS o ON o.job_id = w.job_id AND (o.has_point OR o.is_let_go)
    WHERE o.job_id IS NULL
),
reached AS (
    SELECT
        w.job_id, max(m.server) AS server,
        min(CASE WHEN us_of(n.first_at) <= w.last_us
            AND us_of(greatest(n.last_at, f.last_at)) >= w.last_us + 3600000000 THEN 1 ELSE 0 END) = 1 AS is_reached
    FROM silent AS w
    JOIN makers AS m ON m.host_key = w.host_key
    LEFT JOIN log_nights AS n ON n.host = m.server AND n.log_kind = 'errlog:MSDPM' AND n.night = w.night
    LEFT JOIN log_nights AS f ON f.host = m.server AND f.log_kind = 'errlog:MSDPM' AND f.night = w.night + 1
    GROUP BY w.job_id
)
SELECT
    w.job_id,
    coalesce(o.server, r.server) AS server,
    CASE
        WHEN o.has_point THEN 'create_pit'
        WHEN o.is_let_go THEN 'server_lines'
        WHEN r.is_reached THEN 'server_log'
    END AS kind_from
FROM worked AS w
LEFT JOIN own AS o ON o.job_id = w.job_id
LEFT JOIN reached AS r ON r.job_id = w.job_id
WHERE o.has_point OR o.is_let_go OR r.is_reached
