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
-- column: held_night DATE | night of its longest job meanwhile; that of an earlier night still ran, which may be the VM's own
-- column: cause_s DOUBLE | time of the cause, NULL where no backup was finished
-- column: cause_usual_s DOUBLE | its usual time: median of the jobs that this one is compared with (usual), at least two
-- column: differs VARCHAR | the part of the night that exceeds its usual time most, NULL where the usual job is as late or none does
-- column: differs_by_s DOUBLE | by how much
-- column: held_s DOUBLE | for how long that VM ran meanwhile
-- column: failed_at TIMESTAMP WITH TIME ZONE | when the first attempt of the night failed, NULL where it did not or nothing ended well
-- column: failed_error VARCHAR | its HRESULT, else the error id of DPM
-- column: job_id VARCHAR | the job that decided
WITH holders AS (
    SELECT job_id, 'queue' AS cause, holder_vm, holder_job_id, overlap_s FROM queue_holders
    UNION ALL
    SELECT job_id, 'claim_wait', holder_vm, holder_job_id, overlap_s FROM claim_holders
),
held AS (
    SELECT
        job_id, cause, holder_vm, sum(to_us(overlap_s)) / 1000000.0 AS held_s,
        max_by(holder_job_id, (overlap_s, holder_job_id)) AS holder_job_id
    FROM holders
    GROUP BY job_id, cause, holder_vm
),
differing AS (
    SELECT vm, night, rule, max_by(cause, (more_s, cause)) AS differs, max(more_s) AS differs_by_s
    FROM sla_parts
    WHERE more_s > 0
    GROUP BY vm, night, rule
),
longest AS (
    SELECT
        *, row_number() OVER (PARTITION BY job_id, cause ORDER BY held_s DESC, holder_vm) AS place
    FROM held
)
SELECT
    s.vm, s.night, dayname(s.night) AS weekday, s.overrun_s, s.cause,
    h.holder_vm AS held_by, n.night AS held_night, s.cause_s, p.usual_s AS cause_usual_s, d.differs,
    d.differs_by_s, h.held_s,
    f.ended_at AS failed_at, coalesce(f.hresult, CAST(f.error_code AS VARCHAR)) AS failed_error, s.job_id
FROM sla AS s
LEFT JOIN sla_parts AS p ON p.vm = s.vm AND p.night = s.night AND p.rule = s.rule AND p.cause = s.cause
LEFT JOIN differing AS d ON d.vm = s.vm AND d.night = s.night AND d.rule = s.rule
LEFT JOIN night_results AS r ON r.vm = s.vm AND r.night = s.night
LEFT JOIN jobs AS f ON f.job_id = r.first_job_id AND f.job_id <> s.job_id AND s.reason = 'late'
LEFT JOIN longest AS h
    ON h.job_id = CASE WHEN s.cause = 'queue' THEN r.first_job_id ELSE s.job_id END AND h.cause = s.cause AND h.place = 1
LEFT JOIN job_nights AS n ON n.job_id = h.holder_job_id
WHERE s.rule = 'backup_window' AND NOT s.met
  AND (CAST($since AS DATE) IS NULL OR s.night >= CAST($since AS DATE))
  AND (CAST($until AS DATE) IS NULL OR s.night <= CAST($until AS DATE))
ORDER BY s.night DESC, s.overrun_s DESC NULLS LAST, s.vm
