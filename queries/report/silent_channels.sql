-- title: What further event logs would show
-- question: Which Windows event logs were not given, and what would each of them add?
-- column: channel VARCHAR | event log
-- column: role VARCHAR | hyper-v-host, guest or dpm-server
-- column: shows VARCHAR | what it shows of a backup: host_snapshot_time, vhd_mounts, writer_failures, ...
-- column: computers BIGINT | computers of that role
-- column: absent BIGINT | of these, those of which no record of this log was read
-- column: telling BIGINT | computers of that role of which it said something about a backup
-- column: how VARCHAR | how to come by it: default (it is on), audit, analytic or console
-- column: switch_on VARCHAR | the command that switches it on, NULL where none is needed
-- column: source VARCHAR | where that is described
-- Only logs that at least one computer lacks, and logs that are there but say nothing of any snapshot (auditing is off).
WITH involved AS (SELECT DISTINCT role, host_key_of(host) AS host_key FROM computers),
given AS (
    SELECT DISTINCT host_key_of(host) AS host_key, channel_key_of(substr(log_kind, 8)) AS channel_key
    FROM coverage
    WHERE starts_with(log_kind, 'events:') AND records > 0
),
told AS (
    SELECT DISTINCT host_key_of(host) AS host_key, channel_key_of(channel) AS channel_key FROM event_hits
),
tally AS (
    SELECT
        c.role,
        c.channel,
        any_value(c.shows) AS shows,
        any_value(c.how) AS how,
        any_value(c.switch_on) AS switch_on,
        any_value(c.source) AS source,
        count(*) AS computers,
        count(*) FILTER (WHERE g.host_key IS NULL) AS absent,
        count(*) FILTER (WHERE t.host_key IS NOT NULL) AS telling
    FROM event_channels AS c
    JOIN involved AS p ON p.role = c.role
    LEFT JOIN given AS g ON g.host_key = p.host_key AND g.channel_key = channel_key_of(c.channel)
    LEFT JOIN told AS t ON t.host_key = p.host_key AND t.channel_key = channel_key_of(c.channel)
    GROUP BY c.role, c.channel
)
SELECT channel, role, shows, computers, absent, telling, how, switch_on, source
FROM tally
WHERE absent > 0 OR (telling = 0 AND shows IN ('host_snapshot_time', 'guest_snapshot_time'))
ORDER BY CASE role WHEN 'hyper-v-host' THEN 1 WHEN 'guest' THEN 2 ELSE 3 END, absent DESC, channel
