-- title: Why the window was missed
-- question: How many breaches come from which cause, and which phase took most of the time?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: reason VARCHAR | late, failed, missed, never_run, running_late
-- column: cause VARCHAR | for late jobs began_late (waited longer in DPM's queue than it was late) or ran_long, else as reason
-- column: phase VARCHAR | longest phase of the job that decided, NULL where no job ran or no phase is known
-- column: breaches BIGINT | backups due and not met: VM x night
-- column: vms BIGINT | VMs among them
-- column: phase_s DOUBLE | time in that phase
-- column: job_s DOUBLE | time of these jobs
-- column: queued_s DOUBLE | time these jobs waited in DPM's queue before they began, NULL where no record states it
WITH breach AS (
    SELECT vm, night, job_id, reason, overrun_s
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
    CASE
        WHEN breach.reason <> 'late' THEN breach.reason
        WHEN jobs.queued_s >= breach.overrun_s THEN 'began_late'
        ELSE 'ran_long'
    END AS cause,
    ranked.phase,
    count(*) AS breaches,
    count(DISTINCT breach.vm) AS vms,
    sum(ranked.duration_s) AS phase_s,
    sum(ranked.job_s) AS job_s,
    sum(jobs.queued_s) AS queued_s
FROM breach
LEFT JOIN jobs ON jobs.job_id = breach.job_id
LEFT JOIN ranked ON ranked.job_id = breach.job_id AND ranked.place = 1
GROUP BY ALL
ORDER BY breaches DESC, breach.reason, cause, ranked.phase
