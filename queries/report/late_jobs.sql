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
-- column: part VARCHAR | the phase, or the queue before the job, that took most more than usual; NULL where none did
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
-- column: kind VARCHAR | kind of job
-- column: job_id VARCHAR | the job
WITH late AS (
    SELECT vm, night, overrun_s, job_id
    FROM sla
    WHERE rule = 'backup_window' AND reason IN ('late', 'running_late') AND job_id IS NOT NULL
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
),
grown AS (
    SELECT
        p.*, row_number() OVER (PARTITION BY p.job_id ORDER BY p.more_s DESC, p.part) AS place
    FROM usual_parts AS p
    JOIN late AS l ON l.job_id = p.job_id
    WHERE p.part <> 'job' AND p.more_s > 0
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
    j.kind,
    l.job_id
FROM late AS l
JOIN jobs AS j ON j.job_id = l.job_id
LEFT JOIN usual_work AS u ON u.job_id = l.job_id
LEFT JOIN usual_parts AS w ON w.job_id = l.job_id AND w.part = 'job'
LEFT JOIN grown AS g ON g.job_id = l.job_id AND g.place = 1
LEFT JOIN job_company AS c ON c.job_id = l.job_id
ORDER BY l.night DESC, g.more_s DESC NULLS LAST, l.overrun_s DESC NULLS LAST, l.vm
