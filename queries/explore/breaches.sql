-- title: Breaches of the window, with who held them up
-- question: Which backups missed the window on which day, by how much, for which cause, and who held them up?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: vm VARCHAR | name of the VM
-- column: night DATE | local date on which the window opens
-- column: weekday VARCHAR | its day of the week
-- column: overrun_s DOUBLE | time past the deadline
-- column: cause VARCHAR | without what it would have been met, as in sla
-- column: held_by VARCHAR | VM that held the queue or the volume longest meanwhile, NULL where the cause is no wait
-- column: cause_s DOUBLE | time of the cause, NULL where no backup was finished
-- column: cause_usual_s DOUBLE | its usual time: median of the jobs that this one is compared with (usual), at least two
-- column: held_s DOUBLE | for how long that VM ran meanwhile
-- column: job_id VARCHAR | the job that decided
WITH holders AS (
    SELECT job_id, 'queue' AS cause, holder_vm, sum(to_us(overlap_s)) / 1000000.0 AS held_s FROM queue_holders GROUP BY ALL
    UNION ALL
    SELECT job_id, 'claim_wait', holder_vm, sum(to_us(overlap_s)) / 1000000.0 FROM claim_holders GROUP BY ALL
),
longest AS (
    SELECT
        job_id, cause, holder_vm, held_s,
        row_number() OVER (PARTITION BY job_id, cause ORDER BY held_s DESC, holder_vm) AS place
    FROM holders
)
SELECT
    s.vm, s.night, dayname(s.night) AS weekday, s.overrun_s, s.cause,
    h.holder_vm AS held_by, s.cause_s, p.usual_s AS cause_usual_s, h.held_s, s.job_id
FROM sla AS s
LEFT JOIN sla_parts AS p ON p.vm = s.vm AND p.night = s.night AND p.rule = s.rule AND p.cause = s.cause
LEFT JOIN longest AS h ON h.job_id = s.job_id AND h.cause = s.cause AND h.place = 1
WHERE s.rule = 'backup_window' AND NOT s.met
  AND (CAST($since AS DATE) IS NULL OR s.night >= CAST($since AS DATE))
  AND (CAST($until AS DATE) IS NULL OR s.night <= CAST($until AS DATE))
ORDER BY s.night DESC, s.overrun_s DESC NULLS LAST, s.vm
