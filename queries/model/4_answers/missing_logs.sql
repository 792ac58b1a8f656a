-- title: Event logs that would show more
-- question: Which event logs do we not have of which computer, and what would they show?
WITH present AS (
    SELECT DISTINCT lower(split_part(host, '.', 1)) AS host_key, lower(replace(channel, '/', '-')) AS channel_key
    FROM events
    WHERE host IS NOT NULL
)
SELECT c.host, c.role, r.channel, r.shows, r.switch_on
FROM computers AS c
JOIN event_channels AS r ON r.role = c.role
LEFT JOIN present AS p ON p.host_key = lower(c.host) AND p.channel_key = lower(replace(r.channel, '/', '-'))
WHERE p.host_key IS NULL
