-- question: Which events of a host are traces of one and the same snapshot, and when was it?
-- grain: one snapshot of a host, all its traces in Windows events put together
-- key: host_key, place
-- reads: event_hits, job_events
-- column: host_key VARCHAR | The host in small letters without its domain: what hosts are compared and joined by.
-- column: place BIGINT | Number of the snapshot on that host, from 0.
-- column: host VARCHAR | Hyper-V host.
-- column: first_us BIGINT | First trace of it; microseconds since 1970, UTC.
-- column: last_us BIGINT | Last trace of it.
-- column: seen_us BIGINT | The moment itself where it was logged.
-- column: process VARCHAR | Process that asked for it, lower case.
-- column: volume_guid VARCHAR | GUID of the volume, lower case.
-- column: job_id VARCHAR | Job that its traces belong to, where it is one.
-- VSS takes one snapshot of a computer at a time: sightings less than ten seconds apart are one, unless the snapshot
-- itself was logged twice, two seconds apart. place numbers the snapshots of a host; microseconds since 1970, UTC.
WITH seen AS (
    SELECT
        host, host_key, us, latest_us, how, process, volume_guid, source_id, record_no,
        us - lag(us) OVER (PARTITION BY host_key ORDER BY us, source_id, record_no) > 10000000 AS is_new
    FROM event_hits
    WHERE gives = 't2' AND computer_role <> 'guest'
),
bursts AS (
    SELECT
        *,
        sum(CASE WHEN is_new THEN 1 ELSE 0 END) OVER (
            PARTITION BY host_key ORDER BY us, source_id, record_no ROWS UNBOUNDED PRECEDING
        ) AS burst
    FROM seen
),
repeats AS (
    SELECT *, how = 'observes' AND us - max(CASE WHEN how = 'observes' THEN us END) OVER earlier > 2000000 AS is_next
    FROM bursts
    WINDOW earlier AS (
        PARTITION BY host_key, burst ORDER BY us, source_id, record_no ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
),
numbered AS (
    SELECT
        *,
        count(CASE WHEN is_new OR is_next THEN 1 END) OVER (
            PARTITION BY host_key ORDER BY us, source_id, record_no ROWS UNBOUNDED PRECEDING
        ) AS place
    FROM repeats
),
claimed AS (
    SELECT source_id, record_no, min(job_id) AS job_id FROM job_events GROUP BY source_id, record_no
)
SELECT
    n.host_key,
    n.place,
    min(n.host) AS host,
    min(n.us) AS first_us,
    max(n.latest_us) AS last_us,
    min(CASE WHEN n.how = 'observes' THEN n.us END) AS seen_us,
    max(n.process) AS process,
    min(n.volume_guid) AS volume_guid,
    CASE WHEN count(DISTINCT c.job_id) = 1 THEN min(c.job_id) END AS job_id
FROM numbered AS n
LEFT JOIN claimed AS c ON c.source_id = n.source_id AND c.record_no = n.record_no
GROUP BY n.host_key, n.place
