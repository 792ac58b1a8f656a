-- title: Why the window was missed
-- question: How many breaches come from which cause, and which phase took most of the time?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: reason VARCHAR | late, failed, missed, never_run, running_late
-- column: phase VARCHAR | longest phase of the job that decided, NULL where no job ran or no phase is known
-- column: breaches BIGINT | backups due and not met: VM x night
-- column: vms BIGINT | VMs among them
-- column: phase_s DOUBLE | time in that phase
-- column: job_s DOUBLE | time of these jobs
WITH breach AS (
    SELECT vm, night, job_id, reason
    FROM sla
    WHERE rule = 'backup_window' AND expected AND NOT met
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
),
ranked AS (
    SELECT
        job_id, phase, duration_s,
        row_number() OVER (PARTITION BY job_id ORDER BY duration_s DESC, phase) AS place,
        sum(duration_s) OVER (PARTITION BY job_id) AS job_s
    FROM phases
    WHERE duration_s IS NOT NULL
)
SELECT
    breach.reason,
    ranked.phase,
    count(*) AS breaches,
    count(DISTINCT breach.vm) AS vms,
    sum(ranked.duration_s) AS phase_s,
    sum(ranked.job_s) AS job_s
FROM breach
LEFT JOIN ranked ON ranked.job_id = breach.job_id AND ranked.place = 1
GROUP BY breach.reason, ranked.phase
ORDER BY breaches DESC, breach.reason, ranked.phase
