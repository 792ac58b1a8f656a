-- question: Which event logs do we not have of which computer, and what would they show?
-- grain: one computer, one role, one event log that we do not have
-- key: host, role, channel
-- reads: computers, event_channels, events
-- column: host VARCHAR | Computer.
-- column: role VARCHAR | What it is: hyper-v-host, dpm-server, guest.
-- column: channel VARCHAR | Log name.
-- column: shows VARCHAR | What it would show.
-- column: switch_on VARCHAR | How to switch it on.
WITH present AS (
    SELECT DISTINCT host_key, channel_key_of(channel) AS channel_key FROM events WHERE host_key IS NOT NULL
)
SELECT c.host, c.role, r.channel, r.shows, r.switch_on
FROM computers AS c
JOIN event_channels AS r ON r.role = c.role
LEFT JOIN present AS p ON p.host_key = host_key_of(c.host) AND p.channel_key = channel_key_of(r.channel)
WHERE p.host_key IS NULL
