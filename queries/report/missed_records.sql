-- title: The records of missed backups
-- question: Which lines and events show each step of a backup that missed its window?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: night DATE | local date on which the window opens
-- column: vm VARCHAR | name of the VM
-- column: at TIMESTAMP WITH TIME ZONE | time of the record
-- column: host VARCHAR | computer that wrote it
-- column: step VARCHAR | name of the marker, as in markers
-- column: path VARCHAR | where the record was read
-- column: line_no BIGINT | its line there, or its place among the events
-- column: text VARCHAR | what it says, its first 300 characters
-- column: job_id VARCHAR | the job
-- Of the 3000 backups that missed their window by most: 800 VMs miss fewer in a month; job_log has those of every job.
WITH missed AS (
    SELECT DISTINCT job_id, vm, night, overrun_s
    FROM sla
    WHERE rule = 'backup_window' AND expected AND NOT met AND job_id IS NOT NULL
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
),
worst AS (
    SELECT job_id, vm, night
    FROM missed
    ORDER BY overrun_s DESC NULLS LAST, night DESC, vm, job_id
    LIMIT 3000
)
SELECT
    worst.night, worst.vm, m."at", m.host, m.marker AS step, s.path,
    CAST(coalesce(m.line_no, m.record_no) AS BIGINT) AS line_no,
    left(coalesce(t.message, e.message, e.data), 300) AS text,
    worst.job_id
FROM worst
JOIN markers AS m ON m.job_id = worst.job_id
LEFT JOIN sources AS s ON s.source_id = m.source_id
LEFT JOIN trace AS t ON t.source_id = m.source_id AND t.line_no = m.line_no
LEFT JOIN events AS e ON e.source_id = m.source_id AND e.record_no = m.record_no AND m.line_no IS NULL
ORDER BY worst.night, worst.vm, worst.job_id, m."at", s.path, line_no, step
