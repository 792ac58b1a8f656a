-- question: Which VM had a recovery point before the window closed, on which night, and if not, why?
-- grain: one VM, one night, one rule
-- key: vm, night, rule
-- reads: excluded_vms, job_nights, job_records, jobs, nights, vms
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | Local date on which the backup window opens.
-- column: rule VARCHAR | What is asked for: backup_window.
-- column: expected BOOLEAN | Whether a backup was due; NULL for a night of which there is no evidence.
-- column: met BOOLEAN | Whether the rule was met, NULL where it cannot be known.
-- column: deadline TIMESTAMP WITH TIME ZONE | When the window closes.
-- column: finished_at TIMESTAMP WITH TIME ZONE | When the good backup of the night ended.
-- column: overrun_s DOUBLE | Seconds past the deadline, 0 when in time; NULL without a finished job.
-- column: reason VARCHAR | Why it is met or not
-- column: job_id VARCHAR | The job that decided.
-- Expected is every night from a VM's first job on; a VM that runs on fewer than half of them is expected only where it ran.
-- A VM of the inventory without any job was never backed up. Running and unknown jobs are neither met nor missed (met is NULL)
-- until the window has closed on a running one. A VM without a job is not called missed on a night on which its host ran jobs whose
-- VM no log names. A night without any job or log is no evidence:
-- whether a backup was due on it is not known (expected is NULL), and it does not count.
WITH counted AS (
    SELECT j.vm, n.night, j.job_id, j.outcome, j.started_at, j.ended_at
    FROM jobs AS j
    JOIN job_nights AS n ON n.job_id = j.job_id
    WHERE j.vm IS NOT NULL AND j.kind IN ('express_full', 'recovery_point', 'initial_replica') AND j.level IS NOT NULL
),
ran AS (
    SELECT vm, min(night) AS first_night, count(DISTINCT night) AS nights_run FROM counted GROUP BY vm
),
inventory AS (
    SELECT DISTINCT v.vm FROM vms AS v WHERE v.vm IS NOT NULL AND NOT coalesce(v.pass_through, false)
),
members AS (
    SELECT vm, first_night, nights_run, false AS is_never_run FROM ran
    UNION ALL
    SELECT i.vm, CAST(NULL AS DATE), 0, true
    FROM inventory AS i
    LEFT JOIN ran AS r ON lower(r.vm) = lower(i.vm)
    WHERE r.vm IS NULL AND EXISTS (SELECT 1 FROM job_records)
),
slots AS (
    SELECT
        m.vm, n.night, n.opens_at, n.closes_at, n.has_evidence, n.seen_until, m.is_never_run, m.nights_run,
        sum(CASE WHEN n.has_evidence THEN 1 ELSE 0 END) OVER (PARTITION BY m.vm) AS nights_known
    FROM members AS m
    JOIN nights AS n ON m.first_night IS NULL OR n.night >= m.first_night
    LEFT JOIN excluded_vms AS x ON x.vm = m.vm
    WHERE x.vm IS NULL
),
judged AS (
    SELECT
        vm,
        night,
        min(CASE WHEN outcome IN ('succeeded', 'warning') THEN ended_at END) AS finished_at,
        min(CASE WHEN outcome IN ('succeeded', 'warning') THEN epoch_us(ended_at) END) AS finished_us,
        max(CASE WHEN outcome = 'running' THEN 1 ELSE 0 END) AS is_running,
        max(CASE WHEN outcome = 'unknown' OR (outcome IN ('succeeded', 'warning') AND ended_at IS NULL) THEN 1 ELSE 0 END) AS is_unknown,
        count(*) AS attempts
    FROM counted
    GROUP BY vm, night
),
deciding AS (
    SELECT
        c.vm, c.night, c.job_id,
        row_number() OVER (
            PARTITION BY c.vm, c.night
            ORDER BY CASE WHEN c.outcome IN ('succeeded', 'warning') THEN 0 WHEN c.outcome = 'running' THEN 1 ELSE 2 END,
                CASE WHEN c.outcome IN ('succeeded', 'warning') THEN epoch_us(c.ended_at) ELSE -epoch_us(c.started_at) END,
                c.job_id
        ) AS place
    FROM counted AS c
),
unnamed AS (
    SELECT DISTINCT lower(j.host) AS host_key, n.night
    FROM jobs AS j
    JOIN job_nights AS n ON n.job_id = j.job_id
    WHERE j.vm IS NULL AND j.level = 'host' AND j.kind IN ('express_full', 'recovery_point', 'initial_replica')
),
perhaps_run AS (
    SELECT DISTINCT j.vm, u.night
    FROM unnamed AS u
    JOIN (SELECT DISTINCT vm, lower(host) AS host_key FROM jobs WHERE vm IS NOT NULL) AS j ON j.host_key = u.host_key
),
reasoned AS (
    SELECT
        s.*, j.finished_at, j.finished_us, d.job_id,
        CASE
            WHEN NOT s.has_evidence THEN 'no_evidence'
            WHEN j.finished_us <= epoch_us(s.closes_at) THEN 'met'
            WHEN j.finished_us IS NOT NULL THEN 'late'
            WHEN j.is_running = 1 AND s.seen_until > s.closes_at THEN 'running_late'
            WHEN j.is_running = 1 THEN 'running'
            WHEN j.is_unknown = 1 THEN 'unknown'
            WHEN j.attempts > 0 THEN 'failed'
            WHEN s.is_never_run THEN 'never_run'
            WHEN s.seen_until < s.closes_at OR p.night IS NOT NULL THEN 'unknown'
            ELSE 'missed'
        END AS reason
    FROM slots AS s
    LEFT JOIN judged AS j ON j.vm = s.vm AND j.night = s.night
    LEFT JOIN deciding AS d ON d.vm = s.vm AND d.night = s.night AND d.place = 1
    LEFT JOIN perhaps_run AS p ON p.vm = s.vm AND p.night = s.night
)
SELECT
    vm,
    night,
    'backup_window' AS rule,
    CASE
        WHEN reason = 'no_evidence' THEN NULL
        ELSE reason NOT IN ('missed', 'unknown') OR job_id IS NOT NULL OR nights_run * 2 >= nights_known
    END AS expected,
    CASE
        WHEN reason = 'met' THEN true
        WHEN reason IN ('no_evidence', 'running', 'unknown') THEN NULL
        WHEN reason = 'missed' AND nights_run * 2 < nights_known THEN NULL
        ELSE false
    END AS met,
    closes_at AS deadline,
    finished_at,
    CASE WHEN finished_us IS NULL THEN NULL ELSE greatest(finished_us - epoch_us(closes_at), 0) / 1000000.0 END AS overrun_s,
    reason,
    job_id
FROM reasoned
