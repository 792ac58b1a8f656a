-- title: Phases of late jobs against their normal
-- question: Of each late job, how long did each phase take, and how long does it usually take?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: vm VARCHAR | name of the VM
-- column: night DATE | local date on which the window opens
-- column: part VARCHAR | the phase, unaccounted, queue, or job for the whole
-- column: now_s DOUBLE | its length
-- column: usual_s DOUBLE | median of its length in the earlier jobs
-- column: more_s DOUBLE | now_s - usual_s
-- column: grade VARCHAR | how well its length is known
-- column: job_id VARCHAR | the job
SELECT s.vm, s.night, p.part, p.now_s, p.usual_s, p.more_s, p.grade, s.job_id
FROM sla AS s
JOIN usual_parts AS p ON p.job_id = s.job_id
WHERE s.rule = 'backup_window' AND s.reason IN ('late', 'running_late')
  AND (CAST($since AS DATE) IS NULL OR s.night >= CAST($since AS DATE))
  AND (CAST($until AS DATE) IS NULL OR s.night <= CAST($until AS DATE))
ORDER BY
    s.night DESC, max(CASE WHEN p.part <> 'job' THEN p.more_s END) OVER (PARTITION BY s.job_id) DESC NULLS LAST, s.vm,
    s.job_id, p.part = 'job' DESC, p.more_s DESC NULLS LAST, p.part
