-- question: Which VM kept which rule on which night, and if not, what was the one cause?
-- grain: one VM, one night, one rule
-- key: vm, night, rule
-- reads: job_base, sla_judged, sla_parts
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | Local date on which the backup window opens.
-- column: rule VARCHAR | What is asked for: backup_window, max_duration, rpo_disk, rpo_cloud, dpm_sla.
-- column: expected BOOLEAN | Whether a backup was due; NULL for a night of which there is no evidence.
-- column: met BOOLEAN | Whether the rule was met, NULL where it cannot be known.
-- column: deadline TIMESTAMP WITH TIME ZONE | When the window closes.
-- column: finished_at TIMESTAMP WITH TIME ZONE | When the good backup of the night ended.
-- column: overrun_s DOUBLE | Seconds past the deadline, 0 when in time; NULL without a finished job.
-- column: reason VARCHAR | Why it is met or not.
-- column: cause VARCHAR | Of a breach: without it the deadline would have been met.
-- column: cause_s DOUBLE | Length of the cause, NULL where no backup was finished.
-- column: cause_grade VARCHAR | How sure the cause is; D where it alone would not have sufficed: A, B, C, D.
-- column: job_id VARCHAR | The job that decided.
-- One row per VM, night and rule; each rule is judged in a view of its own. A breach without a finished backup has the
-- cause that its reason names. Of the parts of a late one (sla_parts) each that is as long as the overrun would have
-- sufficed, and the largest of these is the cause (contract, section 7); what differed from the VM's usual job is told
-- beside it (breaches). Where none suffices it is the largest of all, and the grade is D; where only the longest
-- possible length of a part suffices the grade is C at best. Where the newest recovery point in the cloud is too old,
-- the last job to the cloud since tells why. Where that on disk is, the cause is that of the last night on which a
-- backup was due, if its window was missed; where it was kept nothing tells why.
WITH ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY vm, night, rule
            ORDER BY CASE WHEN part_s >= overrun_s AND cause <> 'unknown' THEN 0 ELSE 1 END, part_s DESC, cause
        ) AS place
    FROM sla_parts
),
online AS (
    SELECT a.vm, a.night, a.rule, max_by(j.outcome, us_of(j.started_at)) AS outcome
    FROM sla_judged AS a
    JOIN job_base AS p ON p.job_id = a.job_id
    LEFT JOIN job_base AS j
        ON j.vm = a.vm AND j.kind = 'online' AND j.started_at > p.started_at AND j.started_at <= a.deadline
    WHERE a.rule = 'rpo_cloud' AND a.reason = 'late'
    GROUP BY a.vm, a.night, a.rule
),
causes AS (
    SELECT
        vm, night, rule, cause, part_s AS cause_s,
        CASE
            WHEN cause = 'unknown' OR part_s < overrun_s THEN 'D'
            WHEN part_min_s < overrun_s AND grade < 'C' AND cause <> 'failed' THEN 'C'
            ELSE grade
        END AS cause_grade
    FROM ranked
    WHERE place = 1
    UNION ALL
    SELECT
        vm, night, rule,
        CASE WHEN outcome IS NULL THEN 'not_started' WHEN outcome IN ('failed', 'cancelled') THEN 'failed'
            WHEN outcome = 'running' THEN 'running' ELSE 'unknown' END,
        CAST(NULL AS DOUBLE),
        CASE WHEN outcome IS NULL OR outcome IN ('failed', 'cancelled', 'running') THEN 'A' ELSE 'D' END
    FROM online
),
judged AS (
    SELECT
        j.*,
        CASE
            WHEN j.met IS NULL OR j.met THEN NULL
            WHEN j.reason = 'late' THEN coalesce(c.cause, 'unknown')
            WHEN j.reason = 'missed' THEN 'not_started'
            WHEN j.reason = 'running_late' THEN 'running'
            ELSE j.reason
        END AS own_cause,
        c.cause_s,
        CASE WHEN j.met IS NULL OR j.met THEN NULL WHEN j.reason = 'late' THEN coalesce(c.cause_grade, 'D') ELSE 'A' END
            AS own_grade
    FROM sla_judged AS j
    LEFT JOIN causes AS c ON c.vm = j.vm AND c.night = j.night AND c.rule = j.rule AND j.met = false
),
told AS (
    SELECT
        *,
        last_value(
            CASE WHEN rule = 'backup_window' AND met IS NOT NULL THEN coalesce(own_cause, 'met') END IGNORE NULLS
        ) OVER (PARTITION BY vm ORDER BY night RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS window_cause
    FROM judged
),
aged AS (
    SELECT *, rule = 'rpo_disk' AND met = false AND window_cause <> 'met' AS is_by_window FROM told
)
SELECT
    vm, night, rule, expected, met, deadline, finished_at, overrun_s, reason,
    CASE WHEN is_by_window THEN window_cause ELSE own_cause END AS cause,
    cause_s,
    CASE WHEN is_by_window AND window_cause <> 'unknown' THEN 'B' ELSE own_grade END AS cause_grade,
    job_id
FROM aged
