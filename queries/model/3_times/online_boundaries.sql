-- question: When did each step of the online agent begin and end?
-- grain: one job of the online agent and one boundary of it that is known
-- key: job_id, place
-- reads: job_base, job_marks, last_signs, online_marks, phase_places
-- column: job_id VARCHAR | The job.
-- column: vm VARCHAR | Name of the VM.
-- column: boundary VARCHAR | Which boundary it is.
-- column: place INTEGER | Its place among the boundaries of a job, as in phase_places.
-- column: next_place INTEGER | The next boundary of the job that is known, NULL for the last.
-- column: us BIGINT | When it was seen or inferred, microseconds since 1970, UTC; never before those above it.
-- column: low_us BIGINT | Earliest time it can have been.
-- column: high_us BIGINT | Latest time it can have been; NULL for the end of a job that still runs.
-- column: evidence INTEGER | 3 observed, 2 inferred within bounds, 1 bounds only, 0 merely the first or last trace of
--   the job.
-- As boundaries, for jobs of the online agent (CBEngine), whose steps are not those of a host-level backup: each has a
-- beginning and an end of its own, and counts only where the log shows both, or where the job still runs.
WITH marks AS (
    SELECT
        j.job_id, j.vm, us_of(j.started_at) AS start_us,
        CASE WHEN j.outcome = 'running' THEN greatest(m.last_us, us_of(j.started_at), us_of(h.seen_until))
            ELSE coalesce(us_of(j.ended_at), greatest(m.last_us, us_of(j.started_at))) END AS end_us,
        j.outcome = 'running' AS is_open,
        o.prebackup_begin_us, o.prebackup_end_us, o.initialize_begin_us, o.initialize_end_us,
        o.transfer_begin_us, o.transfer_end_us, o.integrity_begin_us, o.uninitialize_end_us
    FROM job_base AS j
    JOIN job_marks AS m ON m.job_id = j.marks_id
    JOIN online_marks AS o ON o.job_id = j.marks_id
    LEFT JOIN last_signs AS h ON h.computer_key = host_key_of(j.host)
    WHERE j.started_at IS NOT NULL
),
steps AS (
    SELECT job_id, vm, is_open, 10 AS place, start_us AS begin_us, start_us AS end_us FROM marks
    UNION ALL
    SELECT job_id, vm, is_open, 11, prebackup_begin_us, prebackup_end_us FROM marks
    UNION ALL
    SELECT job_id, vm, is_open, 13, initialize_begin_us, initialize_end_us FROM marks
    UNION ALL
    SELECT job_id, vm, is_open, 15, transfer_begin_us, transfer_end_us FROM marks
    UNION ALL
    SELECT job_id, vm, is_open, 17, integrity_begin_us, uninitialize_end_us FROM marks
    UNION ALL
    SELECT job_id, vm, is_open, 19, end_us, end_us FROM marks
),
ends AS (
    SELECT job_id, vm, is_open, place, begin_us AS us
    FROM steps
    WHERE begin_us <= end_us OR is_open AND begin_us IS NOT NULL AND end_us IS NULL
    UNION ALL
    SELECT job_id, vm, is_open, place + 1, end_us FROM steps WHERE begin_us <= end_us AND place NOT IN (10, 19)
),
ordered AS (
    SELECT
        job_id, vm, is_open, place,
        max(us) OVER (PARTITION BY job_id ORDER BY place ROWS UNBOUNDED PRECEDING) AS us,
        lead(place) OVER (PARTITION BY job_id ORDER BY place) AS next_place
    FROM ends
)
SELECT
    o.job_id, o.vm, p.boundary, o.place, o.next_place, o.us, o.us AS low_us,
    CASE WHEN o.place < 19 OR NOT o.is_open THEN o.us END AS high_us,
    CASE WHEN o.place < 19 OR NOT o.is_open THEN 3 ELSE 1 END AS evidence
FROM ordered AS o
JOIN phase_places AS p ON p.place = o.place
