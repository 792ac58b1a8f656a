-- question: When did a VM's backup of a night end well, which job decides, and how many attempts were there?
-- grain: one VM and one night on which it ran a backup
-- key: vm, night
-- reads: job_base, job_nights
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | Local date on which the backup window opens.
-- column: attempts BIGINT | Jobs that owed a recovery point.
-- column: finished_at TIMESTAMP WITH TIME ZONE | When the first of them ended well.
-- column: is_running BOOLEAN | Whether one still runs.
-- column: is_unknown BOOLEAN | Whether nothing tells how or when one ended.
-- column: job_id VARCHAR | The job that decides: the first that ended well, else a running one, else the last.
-- Jobs that owe the SLA a recovery point. The deciding job is the first that ended well, else one that still runs, else
-- the last attempt.
WITH attempts AS (
    SELECT
        j.vm, n.night, j.job_id, j.outcome, j.is_good, j.ended_at,
        row_number() OVER (
            PARTITION BY j.vm, n.night
            ORDER BY
                CASE WHEN j.is_good THEN 0 WHEN j.outcome = 'running' THEN 1 ELSE 2 END,
                CASE WHEN j.is_good THEN us_of(j.ended_at) ELSE -us_of(j.started_at) END,
                j.job_id
        ) AS place
    FROM job_base AS j
    JOIN job_nights AS n ON n.job_id = j.job_id
    WHERE j.vm IS NOT NULL AND j.owes_sla AND j.level IS NOT NULL
)
SELECT
    vm,
    night,
    count(*) AS attempts,
    min(CASE WHEN is_good THEN ended_at END) AS finished_at,
    bool_or(outcome = 'running') AS is_running,
    bool_or(outcome = 'unknown' OR is_good AND ended_at IS NULL) AS is_unknown,
    max(CASE WHEN place = 1 THEN job_id END) AS job_id
FROM attempts
GROUP BY vm, night
