-- title: Key figures
-- question: How did the estate do, in one row?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: first_night DATE | first night with a backup due
-- column: last_night DATE | last night with a backup due
-- column: nights BIGINT | nights with a backup due
-- column: vms BIGINT | VMs with a backup due
-- column: due BIGINT | backups due: VM x night
-- column: met BIGINT | of these, in time
-- column: missed BIGINT | of these, not in time
-- column: running BIGINT | of these, still running in their window
-- column: unknown BIGINT | of these, not known
-- column: nights_breached BIGINT | nights on which at least one VM missed the window
-- column: vms_breached BIGINT | VMs that missed it at least once
-- column: worst_overrun_s DOUBLE | longest time past the deadline
-- column: not_run BIGINT | backups due that never ran
-- column: unjudged BIGINT | nights of VMs of which it is not established whether a backup was due
-- column: unjudged_ran BIGINT | of these, on which a good backup ended
-- column: unjudged_in_time BIGINT | of these again, in the window
-- column: dark_nights BIGINT | nights of which no log or record is left
-- column: jobs BIGINT | jobs (attempts) in the logs
-- column: jobs_ok BIGINT | of these, succeeded, also with a warning
-- column: jobs_failed BIGINT | of these, failed or cancelled
-- column: jobs_running BIGINT | of these, still running
-- column: jobs_open BIGINT | of these, of unknown outcome
-- column: jobs_unnamed BIGINT | of these, without the name of a VM
-- column: unnamed_failed BIGINT | of these without a name, failed or cancelled
-- column: other_jobs BIGINT | jobs of other nights, or of none
-- column: bytes_transferred BIGINT | bytes sent to DPM, NULL where no job states them
-- column: job_s DOUBLE | time of all finished jobs together
-- column: worst_vm VARCHAR | VM of the longest time past the deadline, NULL where none ended past it
-- column: worst_night DATE | its night
WITH due AS (
    SELECT
        min(night) AS first_night,
        max(night) AS last_night,
        count(DISTINCT night) AS nights,
        count(DISTINCT vm) AS vms,
        count(*) AS due,
        count(*) FILTER (WHERE met) AS met,
        count(*) FILTER (WHERE NOT met) AS missed,
        count(*) FILTER (WHERE met IS NULL AND reason = 'running') AS running,
        count(*) FILTER (WHERE met IS NULL AND reason <> 'running') AS unknown,
        count(DISTINCT night) FILTER (WHERE NOT met) AS nights_breached,
        count(DISTINCT vm) FILTER (WHERE NOT met) AS vms_breached,
        max(overrun_s) FILTER (WHERE NOT met) AS worst_overrun_s,
        count(*) FILTER (WHERE reason IN ('missed', 'never_run')) AS not_run
    FROM sla
    WHERE rule = 'backup_window' AND expected
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
),
unjudged AS (
    SELECT
        count(*) FILTER (WHERE reason = 'not_established') AS unjudged,
        count(finished_at) FILTER (WHERE reason = 'not_established') AS unjudged_ran,
        count(*) FILTER (WHERE reason = 'not_established' AND finished_at <= deadline) AS unjudged_in_time,
        count(DISTINCT night) FILTER (WHERE reason = 'no_evidence') AS dark_nights
    FROM sla
    WHERE rule = 'backup_window'
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
),
work AS (
    SELECT
        count(*) AS jobs,
        count(*) FILTER (WHERE outcome IN ('succeeded', 'warning')) AS jobs_ok,
        count(*) FILTER (WHERE outcome IN ('failed', 'cancelled')) AS jobs_failed,
        count(*) FILTER (WHERE outcome = 'running') AS jobs_running,
        count(*) FILTER (WHERE outcome = 'unknown') AS jobs_open,
        count(*) FILTER (WHERE vm IS NULL) AS jobs_unnamed,
        count(*) FILTER (WHERE vm IS NULL AND outcome IN ('failed', 'cancelled')) AS unnamed_failed,
        (SELECT count(*) FROM jobs) - count(*) AS other_jobs,
        CAST(sum(bytes_transferred) AS BIGINT) AS bytes_transferred,
        sum(to_us(duration_s)) / 1000000.0 AS job_s
    FROM jobs
    JOIN job_nights USING (job_id)
    WHERE (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
),
worst AS (
    SELECT vm AS worst_vm, night AS worst_night
    FROM sla
    WHERE rule = 'backup_window' AND expected AND NOT met AND overrun_s > 0
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
    ORDER BY overrun_s DESC, night DESC, vm
    LIMIT 1
)
SELECT * FROM due CROSS JOIN unjudged CROSS JOIN work LEFT JOIN worst ON true
