-- question: Where does a VM belong, by its newest job that says so?
-- grain: one VM that has jobs
-- key: vm
-- reads: jobs
-- column: vm VARCHAR | Name of the VM.
-- column: protection_group VARCHAR | Its protection group.
-- column: host VARCHAR | Computer whose agent did the work.
-- A job that names no group, or no host, does not count for it.
SELECT
    vm,
    max_by(protection_group, (started_at, protection_group))
        FILTER (WHERE protection_group IS NOT NULL AND started_at IS NOT NULL) AS protection_group,
    max_by(host, (started_at, host)) FILTER (WHERE host IS NOT NULL AND started_at IS NOT NULL) AS host
FROM jobs
WHERE vm IS NOT NULL
GROUP BY vm
