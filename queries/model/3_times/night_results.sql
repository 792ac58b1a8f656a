-- question: When did a VM's backup of a night end well, which job decides, and how many attempts were there?
-- grain: one VM and one night on which it ran a backup
-- key: vm, night
-- reads: job_base
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | Local date on which the backup window opens.
-- column: attempts BIGINT | Jobs that owed a recovery point.
-- column: finished_at TIMESTAMP WITH TIME ZONE | When the first of them ended well.
-- column: is_running BOOLEAN | Whether one still runs.
-- column: is_unknown BOOLEAN | Whether nothing tells how or when one ended.
-- column: job_id VARCHAR | The job that decides: the first that ended well, else a running one, else the last.
-- column: first_job_id VARCHAR | The first of them by when DPM created it, else when it started.
-- column: first_due_at TIMESTAMP WITH TIME ZONE | When that was.
-- The job that decides is the good one that ended first, else a running one, else the last that began.
WITH ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY vm, night
            ORDER BY CASE WHEN is_good THEN 0 WHEN outcome = 'running' THEN 1 ELSE 2 END,
                CASE WHEN is_good THEN us_of(ended_at) ELSE -us_of(started_at) END, job_id
        ) AS place
    FROM job_base
    WHERE owes_sla AND level IS NOT NULL AND vm IS NOT NULL AND night IS NOT NULL
)
SELECT
    vm,
    night,
    count(*) AS attempts,
    min(CASE WHEN is_good THEN ended_at END) AS finished_at,
    bool_or(outcome = 'running') AS is_running,
    bool_or(outcome = 'unknown' OR is_good AND ended_at IS NULL) AS is_unknown,
    max(CASE WHEN place = 1 THEN job_id END) AS job_id,
    min_by(job_id, (us_of(coalesce(created_at, started_at)), job_id)) AS first_job_id,
    min(coalesce(created_at, started_at)) AS first_due_at
FROM ranked
GROUP BY vm, night
