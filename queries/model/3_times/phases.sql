-- question: Where did the time of each job go?
-- grain: one phase of one job; the rows of a job leave no gap and add up to its duration
-- key: job_id, phase, started_at
-- reads: boundaries, job_base, phase_places
-- column: job_id VARCHAR | The job.
-- column: vm VARCHAR | Name of the VM.
-- column: phase VARCHAR | The phase.
-- column: started_at TIMESTAMP WITH TIME ZONE | Begin of the phase, NULL at grade D.
-- column: ended_at TIMESTAMP WITH TIME ZONE | End of the phase, NULL at grade D and where it still lasts.
-- column: duration_s DOUBLE | Length, NULL at grade D and where it still lasts.
-- column: duration_min_s DOUBLE | Shortest length that the evidence allows; of a phase that still lasts, until that
--   evidence ends.
-- column: duration_max_s DOUBLE | Longest length that the evidence allows, NULL where it still lasts.
-- column: grade VARCHAR | How well it is known: A, B, C, D.
-- From each boundary of a job to its next known one. It is a phase where no boundary between them is missing, else
-- unaccounted; the phases that must have been and of which a boundary is missing are listed without a duration (grade
-- D). A claim that was granted at once is no wait. The phases of a job leave no gap and add up to its duration
-- (contract, section 6). What a running job began last still lasts: grade C, no end, and at least as long as it is seen
-- to run; unaccounted where no log shows what it does.
WITH stretches AS (
    SELECT
        b.job_id, b.vm, b.place, b.us, n.us AS to_us,
        least(b.evidence, n.evidence) AS evidence,
        n.high_us IS NULL AS is_open,
        CASE WHEN (b.next_place = b.place + 1 OR n.high_us IS NULL) AND b.evidence > 0 AND n.evidence > 0 THEN p.phase
            END AS phase,
        greatest(least(n.low_us - b.high_us, n.us - b.us), 0) AS least_us,
        greatest(n.high_us - b.low_us, n.us - b.us) AS most_us
    FROM boundaries AS b
    JOIN boundaries AS n ON n.job_id = b.job_id AND n.place = b.next_place
    JOIN phase_places AS p ON p.place = b.place
),
gapped AS (
    -- Jobs of a host that lack a phase; moved_place is the last boundary of the data move that they show.
    SELECT job_id, max(CASE WHEN place IN (4, 5) THEN place END) AS moved_place
    FROM stretches
    GROUP BY job_id
    HAVING min(place) = 0 AND count(CASE WHEN phase <> 'claim_wait' AND phase <> 'finalize' THEN 1 END) < 5
),
hidden AS (
    SELECT j.job_id, j.vm, p.phase
    FROM gapped AS g
    JOIN job_base AS j ON j.job_id = g.job_id AND j.level = 'host' AND j.ended_at IS NOT NULL
    JOIN phase_places AS p
        ON p.place < 10 AND p.phase IN ('prepare', 'snapshot', 'post_snapshot', 'transfer', 'release')
        AND (j.is_good OR p.place < g.moved_place)
    LEFT JOIN stretches AS s ON s.job_id = g.job_id AND s.phase = p.phase
    WHERE s.job_id IS NULL
)
SELECT
    job_id,
    vm,
    coalesce(phase, 'unaccounted') AS phase,
    moment_of(us) AS started_at,
    CASE WHEN NOT is_open THEN moment_of(to_us) END AS ended_at,
    CASE WHEN NOT is_open THEN (to_us - us) / 1000000.0 END AS duration_s,
    CASE WHEN phase IS NULL THEN to_us - us ELSE least_us END / 1000000.0 AS duration_min_s,
    CASE WHEN NOT is_open THEN CASE WHEN phase IS NULL THEN to_us - us ELSE most_us END / 1000000.0 END
        AS duration_max_s,
    CASE WHEN is_open THEN 'C' WHEN phase IS NULL OR evidence = 3 THEN 'A' WHEN evidence = 2 THEN 'B' ELSE 'C' END
        AS grade
FROM stretches
WHERE is_open OR to_us > us OR phase <> 'claim_wait' OR phase = 'claim_wait' AND evidence < 3
UNION ALL
SELECT job_id, vm, phase, NULL, NULL, NULL, NULL, NULL, 'D'
FROM hidden
