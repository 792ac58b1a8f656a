-- title: What the logs cover
-- question: For which hosts and nights do we have which logs, and what is missing?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: host VARCHAR | computer
-- column: log_kind VARCHAR | kind of log
-- column: night DATE | local date on which the window opens
-- column: status VARCHAR | present, missing or quiet
-- column: records BIGINT | records of that night
-- column: jobs BIGINT | jobs of that host that started on that night
-- chart: coverage_map
SELECT host, log_kind, night, status, records, jobs
FROM coverage
WHERE (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
  AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
ORDER BY host, log_kind, night
