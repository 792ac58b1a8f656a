-- title: Windows Server Backup on the same computers
-- question: When did Windows Server Backup run on a host, how long did it take, and how many jobs of DPM ran beside it?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: night DATE | local date on which the window opens
-- column: host VARCHAR | computer that it backed up
-- column: volumes VARCHAR | volumes
-- column: outcome VARCHAR | succeeded or failed
-- column: hresult VARCHAR | error of a failed run
-- column: started_at TIMESTAMP WITH TIME ZONE | begin
-- column: ended_at TIMESTAMP WITH TIME ZONE | end
-- column: snapshot_s DOUBLE | length of its snapshot, seconds
-- column: write_s DOUBLE | time from the first to the last block written, seconds
-- column: jobs_beside BIGINT | DPM's jobs on that host that overlap with it; NULL where no job of that host is known
WITH beside AS (
    SELECT
        w.host, w.started_at,
        count(*) FILTER (WHERE j.started_at < w.ended_at AND coalesce(j.ended_at, j.started_at) > w.started_at)
            AS jobs_beside
    FROM windows_backups AS w
    JOIN jobs AS j ON host_key_of(j.host) = host_key_of(w.host)
    GROUP BY w.host, w.started_at
)
SELECT
    w.night,
    w.host,
    w.volumes,
    w.outcome,
    w.hresult,
    w.started_at,
    w.ended_at,
    (us_of(w.snapshot_ended_at) - us_of(w.snapshot_started_at)) / 1000000.0 AS snapshot_s,
    (us_of(w.write_ended_at) - us_of(w.write_started_at)) / 1000000.0 AS write_s,
    b.jobs_beside
FROM windows_backups AS w
LEFT JOIN beside AS b ON b.host = w.host AND b.started_at = w.started_at
WHERE (CAST($since AS DATE) IS NULL OR w.night >= CAST($since AS DATE))
  AND (CAST($until AS DATE) IS NULL OR w.night <= CAST($until AS DATE))
ORDER BY w.night DESC, w.host, w.started_at
