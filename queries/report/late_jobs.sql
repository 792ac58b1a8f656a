-- title: Late jobs against their own normal
-- question: Which late jobs took longer than they usually do, in which phase, with how much more data, beside how many others?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: vm VARCHAR | name of the VM
-- column: night DATE | local date on which the window opens
-- column: overrun_s DOUBLE | time past the deadline
-- column: job_s DOUBLE | length of the job, NULL while it runs
-- column: usual_s DOUBLE | median of the earlier jobs that it is compared with
-- column: more_s DOUBLE | job_s - usual_s
-- column: part VARCHAR | the phase, the queue before the job, or the attempts that failed before it (failed), that took most more than usual; NULL where none did
-- column: part_s DOUBLE | its length
-- column: part_usual_s DOUBLE | its usual length
-- column: part_more_s DOUBLE | part_s - part_usual_s
-- column: grade VARCHAR | how well its length is known
-- column: compared VARCHAR | with what: weekday (its last four on that day of the week), nights (its last four) or none
-- column: nights BIGINT | how many earlier jobs
-- column: bytes_transferred BIGINT | bytes sent
-- column: usual_bytes DOUBLE | median of the earlier jobs
-- column: vhd_bytes BIGINT | size of the disks
-- column: usual_vhd_bytes DOUBLE | median of the earlier jobs
-- column: on_volume BIGINT | other jobs on its volume while it ran
-- column: usual_on_volume DOUBLE | median of the earlier jobs
-- column: on_host BIGINT | other jobs on its host while it ran
-- column: usual_on_host DOUBLE | median of the earlier jobs
-- column: failed_s DOUBLE | from the start of a first attempt that failed to that of this job, NULL where none failed before it
-- column: failed_at TIMESTAMP WITH TIME ZONE | when the first attempt failed
-- column: failed_error VARCHAR | its HRESULT, else the error id of DPM
-- column: kind VARCHAR | kind of job
-- column: job_id VARCHAR | the job
WITH late AS (
    SELECT
        s.vm, s.night, s.overrun_s, s.job_id, p.part_s AS failed_s, coalesce(p.usual_s, 0) AS failed_usual_s,
        f.ended_at AS failed_at, coalesce(f.hresult, CAST(f.error_code AS VARCHAR)) AS failed_error
    FROM sla AS s
    LEFT JOIN sla_parts AS p ON p.vm = s.vm AND p.night = s.night AND p.rule = s.rule AND p.cause = 'failed'
    LEFT JOIN night_results AS r ON r.vm = p.vm AND r.night = p.night
    LEFT JOIN jobs AS f ON f.job_id = r.first_job_id
    WHERE s.rule = 'backup_window' AND s.reason IN ('late', 'running_late') AND s.job_id IS NOT NULL
      AND (CAST($since AS DATE) IS NULL OR s.night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR s.night <= CAST($until AS DATE))
),
compared AS (
    -- the wait of a later attempt is the cost of the one that failed
    SELECT p.job_id, p.part, p.now_s, p.usual_s, p.more_s, p.grade
    FROM usual_parts AS p
    JOIN late AS l ON l.job_id = p.job_id
    WHERE p.part <> 'job' AND (p.part <> 'queue' OR l.failed_s IS NULL)
    UNION ALL
    SELECT job_id, 'failed', failed_s, failed_usual_s, failed_s - failed_usual_s, 'A' FROM late
),
grown AS (
    SELECT *, row_number() OVER (PARTITION BY job_id ORDER BY more_s DESC, part) AS place
    FROM compared
    WHERE more_s > 0
)
SELECT
    l.vm,
    l.night,
    l.overrun_s,
    j.duration_s AS job_s,
    w.usual_s,
    w.more_s,
    g.part,
    g.now_s AS part_s,
    g.usual_s AS part_usual_s,
    g.more_s AS part_more_s,
    g.grade,
    CASE WHEN u.is_weekday THEN 'weekday' WHEN u.nights > 0 THEN 'nights' ELSE 'none' END AS compared,
    coalesce(u.nights, 0) AS nights,
    j.bytes_transferred,
    u.usual_bytes,
    j.vhd_bytes,
    u.usual_vhd_bytes,
    c.on_volume,
    u.usual_on_volume,
    c.on_host,
    u.usual_on_host,
    l.failed_s,
    l.failed_at,
    l.failed_error,
    j.kind,
    l.job_id
FROM late AS l
JOIN jobs AS j ON j.job_id = l.job_id
LEFT JOIN usual_work AS u ON u.job_id = l.job_id
LEFT JOIN usual_parts AS w ON w.job_id = l.job_id AND w.part = 'job'
LEFT JOIN grown AS g ON g.job_id = l.job_id AND g.place = 1
LEFT JOIN job_company AS c ON c.job_id = l.job_id
ORDER BY l.night DESC, g.more_s DESC NULLS LAST, l.overrun_s DESC NULLS LAST, l.vm
