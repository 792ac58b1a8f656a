-- title: What the logs cover
-- question: For which hosts and nights do we have which logs, and what is missing?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: host VARCHAR | computer
-- column: log_kind VARCHAR | kind of log; events:<channel> for Windows event logs
-- column: log VARCHAR | both, as the row of the figure is labelled
-- column: night DATE | local date on which the window opens
-- column: status VARCHAR | present, partial (record ids are missing, or a job had ended before the errlog begins), missing, silent or quiet
-- column: records BIGINT | records of that night
-- column: jobs BIGINT | jobs of that host that started on that night
-- column: gaps BIGINT | record ids that are missing, NULL for logs without ids
-- column: note VARCHAR | what is wrong with it
-- chart: coverage_map
-- An event log without a record is quiet between its first and its last one. Outside of them it is silent (nothing happened, or it does not
-- reach that far), and missing only where no event log of that computer reaches that night. Record ids that were left out on request
-- (ingest --events relevant) are no gaps.
WITH first_ends AS (
    SELECT lower(split_part(host, '.', 1)) AS computer, night, min(ended_at) AS first_end_at
    FROM (
        SELECT host, job_id, ended_at FROM jobs
        UNION ALL
        SELECT dpm_server, job_id, ended_at FROM jobs
    ) AS ends
    JOIN job_nights USING (job_id)
    GROUP BY ALL
),
relevant_only AS (
    SELECT DISTINCT lower(split_part(host, '.', 1)) AS computer
    FROM sources
    WHERE format <> 'dpm-errlog' AND records_filtered > 0
),
chosen AS (
    SELECT
        c.host, c.log_kind, c.night, c.status, c.records, c.jobs, c.note,
        CASE WHEN r.computer IS NULL THEN c.gaps END AS gaps,
        starts_with(c.log_kind, 'events:') AS is_event_log,
        c.night BETWEEN min(CASE WHEN c.records > 0 THEN c.night END) OVER by_log AND max(CASE WHEN c.records > 0 THEN c.night END) OVER by_log
            AS is_within,
        max(CASE WHEN starts_with(c.log_kind, 'events:') THEN c.records ELSE 0 END) OVER (PARTITION BY c.host, c.night) > 0 AS has_events,
        (r.computer IS NULL AND c.gaps > 0) OR (c.note IS NOT NULL AND starts_with(c.log_kind, 'errlog:') AND c.first_at > f.first_end_at) AS is_partial
    FROM coverage AS c
    LEFT JOIN first_ends AS f ON f.computer = lower(c.host) AND f.night = c.night
    LEFT JOIN relevant_only AS r ON r.computer = lower(c.host)
    WHERE (CAST($since AS DATE) IS NULL OR c.night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR c.night <= CAST($until AS DATE))
    WINDOW by_log AS (PARTITION BY c.host, c.log_kind)
)
SELECT
    host,
    log_kind,
    coalesce(host, 'unknown host') || ' · ' || regexp_replace(log_kind, '^events:(Microsoft-Windows-)?', '') AS log,
    night,
    CASE
        WHEN status = 'present' AND is_partial THEN 'partial'
        WHEN status = 'missing' AND is_event_log AND is_within THEN 'quiet'
        WHEN status = 'missing' AND is_event_log AND has_events THEN 'silent'
        ELSE status
    END AS status,
    records,
    jobs,
    gaps,
    CASE WHEN is_partial THEN note END AS note
FROM chosen
ORDER BY
    max(CASE WHEN starts_with(log_kind, 'events:') THEN 0 ELSE 1 END) OVER (PARTITION BY host) DESC,
    host, starts_with(log_kind, 'events:'), log_kind, night
