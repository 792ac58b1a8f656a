-- title: Boundaries of jobs to the cloud
-- question: When did each step of the online agent begin and end?
-- As boundaries, for jobs of the online agent (CBEngine), whose steps are not those of a host-level backup: each has a
-- beginning and an end of its own, and counts only where the log shows both.
WITH marks AS (
    SELECT
        j.job_id, j.vm, us_of(j.started_at) AS start_us,
        coalesce(us_of(j.ended_at), greatest(m.last_us, us_of(j.started_at))) AS end_us,
        m.prebackup_begin_us, m.prebackup_end_us, m.initialize_begin_us, m.initialize_end_us,
        m.transfer_begin_us, m.transfer_end_us, m.integrity_begin_us, m.uninitialize_end_us
    FROM job_base AS j
    JOIN job_marks AS m ON m.job_id = j.marks_id
    WHERE m.is_online AND j.started_at IS NOT NULL
),
steps AS (
    SELECT job_id, vm, 10 AS place, start_us AS begin_us, start_us AS end_us FROM marks
    UNION ALL
    SELECT job_id, vm, 11, prebackup_begin_us, prebackup_end_us FROM marks
    UNION ALL
    SELECT job_id, vm, 13, initialize_begin_us, initialize_end_us FROM marks
    UNION ALL
    SELECT job_id, vm, 15, transfer_begin_us, transfer_end_us FROM marks
    UNION ALL
    SELECT job_id, vm, 17, integrity_begin_us, uninitialize_end_us FROM marks
    UNION ALL
    SELECT job_id, vm, 19, end_us, end_us FROM marks
),
ends AS (
    SELECT job_id, vm, place, begin_us AS us FROM steps WHERE begin_us <= end_us
    UNION ALL
    SELECT job_id, vm, place + 1, end_us FROM steps WHERE begin_us <= end_us AND place NOT IN (10, 19)
),
ordered AS (
    SELECT
        job_id, vm, place,
        max(us) OVER (PARTITION BY job_id ORDER BY place ROWS UNBOUNDED PRECEDING) AS us,
        lead(place) OVER (PARTITION BY job_id ORDER BY place) AS next_place
    FROM ends
)
SELECT job_id, vm, place, next_place, us, us AS low_us, us AS high_us, 3 AS evidence
FROM ordered
