-- title: Event logs that would show more
-- question: Which event logs do we not have of which computer, and what would they show?
-- Computers are those that jobs name; where no job is known, those that took snapshots and those whose role collection.json states.
WITH computers AS (
    SELECT split_part(host, '.', 1) AS host, 'hyper-v-host' AS role FROM jobs WHERE level = 'host' AND kind <> 'online' AND host IS NOT NULL
    UNION
    SELECT split_part(dpm_server, '.', 1), 'dpm-server' FROM jobs WHERE dpm_server IS NOT NULL
    UNION
    SELECT vm, 'guest' FROM jobs WHERE level = 'host' AND kind <> 'online' AND vm IS NOT NULL
    UNION
    SELECT host, 'hyper-v-host' FROM host_snapshots WHERE NOT EXISTS (SELECT 1 FROM jobs)
    UNION
    SELECT split_part(host, '.', 1), role FROM collections WHERE NOT EXISTS (SELECT 1 FROM jobs) AND role IN ('dpm-server', 'guest') AND host IS NOT NULL
),
present AS (
    SELECT DISTINCT lower(split_part(host, '.', 1)) AS host_key, lower(replace(channel, '/', '-')) AS channel_key
    FROM events
    WHERE host IS NOT NULL
)
SELECT c.host, c.role, r.channel, r.shows, r.switch_on
FROM computers AS c
JOIN event_channels AS r ON r.role = c.role
LEFT JOIN present AS p ON p.host_key = lower(c.host) AND p.channel_key = lower(replace(r.channel, '/', '-'))
WHERE p.host_key IS NULL
