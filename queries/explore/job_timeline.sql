-- title: One job, step by step
-- question: What shows when each step of a job began: its phases, the records that mark them, and failures beside it?
-- param: job_id VARCHAR = '' | the job, from jobs.job_id; its first characters will do, as a narrow screen shows them
-- column: job_id VARCHAR | the job
-- column: vm VARCHAR | name of the VM
-- column: evidence VARCHAR | phase, marker (errlog), event (Windows) or failure (an event of a failing step)
-- column: host VARCHAR | computer that wrote it, NULL for phases
-- column: step VARCHAR | phase, name of the marker, or provider and id of the event
-- column: began_at TIMESTAMP WITH TIME ZONE | begin of the phase, or time of the record
-- column: ended_at TIMESTAMP WITH TIME ZONE | end of the phase, or the same time
-- column: grade VARCHAR | how well the phase is known, NULL for records
-- column: path VARCHAR | where the record was read
-- column: line_no BIGINT | its line there
-- chart: job_timeline
WITH chosen AS (
    SELECT job_id, vm FROM jobs WHERE id_fits(job_id, $job_id)
),
shown AS (
    SELECT
        job_id, 'phase' AS evidence, CAST(NULL AS VARCHAR) AS host, phase AS step, started_at AS began_at, ended_at,
        grade, CAST(NULL AS VARCHAR) AS source_id, CAST(NULL AS BIGINT) AS line_no
    FROM phases
    UNION ALL
    SELECT
        job_id, CASE WHEN line_no IS NULL THEN 'event' ELSE 'marker' END, host, marker, "at", "at",
        NULL, source_id, line_no
    FROM markers
    UNION ALL
    SELECT job_id, 'failure', host, event, "at", "at", NULL, source_id, NULL
    FROM failure_events
)
SELECT c.job_id, c.vm, s.evidence, s.host, s.step, s.began_at, s.ended_at, s.grade, f.path, s.line_no
FROM chosen AS c
JOIN shown AS s ON s.job_id = c.job_id
LEFT JOIN sources AS f ON f.source_id = s.source_id
WHERE s.began_at IS NOT NULL
ORDER BY c.job_id, CASE s.evidence WHEN 'phase' THEN 0 ELSE 1 END, s.began_at, s.host, s.step
