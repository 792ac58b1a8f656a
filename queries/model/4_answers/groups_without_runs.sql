-- question: Of which protection group or DPM server did no VM run on a night on which others ran?
-- grain: one protection group, or one DPM server as a whole, and one night on which none of its VMs ran
-- key: dpm_server, protection_group, night
-- reads: job_base, sla_windows
-- column: dpm_server VARCHAR | DPM server.
-- column: protection_group VARCHAR | Protection group, NULL for the whole server.
-- column: night DATE | Local date on which the backup window opens.
-- column: vms BIGINT | VMs of it that were due, or of which no record of that night is left.
-- column: jobs BIGINT | Backups that others ran: other groups of the server, or other servers.
-- A VM belongs to the group and the DPM server of its last backup. Said of a group while its server ran jobs of others,
-- and of a whole server while other servers ran jobs; a server may have run nothing, or nothing of that night is left.
WITH ran AS (
    SELECT
        vm, night, dpm_server, protection_group, host_key_of(dpm_server) AS dpm_server_key,
        row_number() OVER (PARTITION BY vm, night ORDER BY us_of(started_at) DESC, job_id) AS place
    FROM job_base
    WHERE vm IS NOT NULL AND night IS NOT NULL AND owes_sla AND dpm_server IS NOT NULL
),
members AS (
    SELECT
        d.vm, d.night, d.reason, r.vm IS NOT NULL AS has_run,
        last_value(r.dpm_server IGNORE NULLS) OVER so_far AS dpm_server,
        last_value(r.protection_group IGNORE NULLS) OVER so_far AS protection_group
    FROM sla_windows AS d
    LEFT JOIN ran AS r ON r.vm = d.vm AND r.night = d.night AND r.place = 1
    WINDOW so_far AS (PARTITION BY d.vm ORDER BY d.night ROWS UNBOUNDED PRECEDING)
),
grouped AS (
    SELECT *, host_key_of(dpm_server) AS dpm_server_key FROM members WHERE protection_group IS NOT NULL
    UNION ALL
    SELECT vm, night, reason, has_run, dpm_server, NULL, host_key_of(dpm_server)
    FROM members
    WHERE dpm_server IS NOT NULL
),
idle AS (
    SELECT max(dpm_server) AS dpm_server, dpm_server_key, protection_group, night,
        count(CASE WHEN reason IN ('missed', 'no_evidence') THEN 1 END) AS vms
    FROM grouped
    GROUP BY dpm_server_key, protection_group, night
    HAVING count(CASE WHEN reason IN ('missed', 'no_evidence') THEN 1 END) > 0
        AND count(CASE WHEN has_run OR reason NOT IN ('missed', 'no_evidence', 'not_due', 'not_established') THEN 1
            END) = 0
)
SELECT i.dpm_server, i.protection_group, i.night, i.vms, count(*) AS jobs
FROM idle AS i
JOIN ran AS r
    ON r.night = i.night AND CASE
        WHEN i.protection_group IS NULL THEN r.dpm_server_key <> i.dpm_server_key
        ELSE r.dpm_server_key = i.dpm_server_key AND r.protection_group IS DISTINCT FROM i.protection_group
    END
GROUP BY i.dpm_server, i.dpm_server_key, i.protection_group, i.night, i.vms
