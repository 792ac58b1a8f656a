-- title: The night's timeline
-- question: Which job ran when, in which phase, and what lay outside the window?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: night DATE | local date on which the window opens
-- column: job_id VARCHAR | the job
-- column: vm VARCHAR | name of the VM, NULL where nothing names it
-- column: host VARCHAR | computer whose agent did the work
-- column: volume VARCHAR | volume that was snapshot
-- column: kind VARCHAR | kind of job
-- column: level VARCHAR | host or guest
-- column: outcome VARCHAR | how it ended
-- column: job_s DOUBLE | length of the job, NULL while it runs
-- column: phase VARCHAR | phase, unaccounted, open for a job without an end, or queue: what it waited in DPM before it began
-- column: grade VARCHAR | evidence of the phase
-- column: from_ms BIGINT | begin, local milliseconds after the night's midnight
-- column: to_ms BIGINT | end: begin plus the true length, also when the clocks change
-- column: row_from_ms BIGINT | begin of the first job of this VM on that night
-- column: row_to_ms BIGINT | end of the last job of this VM on that night
-- column: phase_s DOUBLE | length of the phase; of one that still lasts as far as it is seen
-- column: least_s DOUBLE | shortest length that the evidence allows, NULL where it was observed
-- column: most_s DOUBLE | longest length that the evidence allows, NULL where it was observed
-- column: waited_for VARCHAR | of a claim_wait: VM of the job that held the volume longest meanwhile; of a queue: VM of the job after whose end this one began
-- chart: night_timeline
WITH chosen AS (
    SELECT
        jobs.*,
        job_nights.night,
        CAST(epoch_ms(CAST(jobs.started_at AS TIMESTAMP)) - epoch_ms(CAST(night AS TIMESTAMP)) AS BIGINT) AS job_from_ms
    FROM jobs
    JOIN job_nights USING (job_id)
    JOIN nights USING (night)
    WHERE jobs.started_at IS NOT NULL
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
),
parts AS (
    SELECT
        job_id,
        phase,
        CASE WHEN phase = 'unaccounted' THEN 'D' ELSE grade END AS grade,
        epoch_ms(started_at) AS started_ms,
        coalesce(duration_s, duration_min_s) AS duration_s,
        CASE WHEN grade IN ('B', 'C') THEN duration_min_s END AS least_s,
        CASE WHEN grade IN ('B', 'C') THEN duration_max_s END AS most_s
    FROM phases
    WHERE coalesce(duration_s, duration_min_s) > 0 AND started_at IS NOT NULL
),
placed AS (
    SELECT
        chosen.*,
        coalesce(parts.phase, CASE WHEN chosen.duration_s IS NULL THEN 'open' ELSE 'unaccounted' END) AS phase,
        coalesce(parts.grade, 'D') AS grade,
        job_from_ms + coalesce(started_ms - epoch_ms(chosen.started_at), 0) AS from_ms,
        coalesce(parts.duration_s, chosen.duration_s) AS phase_s,
        parts.least_s,
        parts.most_s
    FROM chosen
    LEFT JOIN parts ON parts.job_id = chosen.job_id
    UNION ALL
    SELECT chosen.*, 'queue', 'A', job_from_ms - queued_s * 1000, queued_s, NULL, NULL
    FROM chosen
    WHERE queued_s >= 1
),
held AS (
    SELECT job_id, max_by(holder_vm, (overlap_s, holder_vm)) AS waited_for
    FROM claim_holders
    WHERE holder_vm IS NOT NULL
    GROUP BY job_id
),
moments AS (
    SELECT job_id, dpm_server, started_at AS "at", TRUE AS is_start, CAST(NULL AS VARCHAR) AS vm, queued_s
    FROM chosen
    WHERE queued_s >= 1
    UNION ALL
    SELECT job_id, dpm_server, ended_at, FALSE, vm, NULL
    FROM chosen
    WHERE ended_at IS NOT NULL AND vm IS NOT NULL
),
freed AS (
    SELECT
        job_id, is_start, queued_s, epoch("at") AS start_s,
        last_value(vm IGNORE NULLS) OVER up_to AS freed_by,
        epoch(max(CASE WHEN NOT is_start THEN "at" END) OVER up_to) AS freed_s
    FROM moments
    WINDOW up_to AS (PARTITION BY dpm_server ORDER BY "at", is_start, job_id ROWS UNBOUNDED PRECEDING)
)
SELECT
    placed.night, placed.job_id, vm, host, volume, kind, level, outcome, duration_s AS job_s, phase, grade,
    CAST(from_ms AS BIGINT) AS from_ms,
    CAST(from_ms + coalesce(phase_s, 0) * 1000 AS BIGINT) AS to_ms,
    CAST(min(from_ms) FILTER (WHERE phase <> 'queue') OVER one_row AS BIGINT) AS row_from_ms,
    CAST(max(from_ms + coalesce(phase_s, 0) * 1000) OVER one_row AS BIGINT) AS row_to_ms,
    phase_s, least_s, most_s,
    CASE WHEN phase = 'claim_wait' THEN held.waited_for WHEN phase = 'queue' THEN freed.freed_by END AS waited_for
FROM placed
LEFT JOIN held ON held.job_id = placed.job_id
LEFT JOIN freed ON freed.job_id = placed.job_id AND is_start AND start_s - freed_s <= least(60, freed.queued_s)
WINDOW one_row AS (PARTITION BY placed.night, coalesce(vm, placed.job_id))
ORDER BY placed.night, host, started_at, placed.job_id, from_ms
