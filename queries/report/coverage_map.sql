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
SELECT
    host,
    log_kind,
    coalesce(host || ' · ', '') || regexp_replace(log_kind, '^events:(Microsoft-Windows-)?', '') AS log,
    night,
    status,
    records,
    jobs,
    gaps,
    CASE WHEN status = 'partial' THEN note END AS note
FROM coverage
WHERE (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
  AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
ORDER BY bool_and(starts_with(log_kind, 'events:')) OVER (PARTITION BY host), host, starts_with(log_kind, 'events:'), log_kind, night
