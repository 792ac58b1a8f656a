-- question: How long did the guest go on writing between its own snapshot (t1) and the host's (t2)?
-- grain: one job whose guest's events show its snapshot
-- key: job_id
-- reads: job_windows, sightings
-- column: job_id VARCHAR | The job.
-- column: vm VARCHAR | Name of the VM.
-- column: delta_t_min_s DOUBLE | Shortest gap that the evidence allows; NULL where no offset fits.
-- column: delta_t_max_s DOUBLE | Longest gap that the evidence allows, clock offset included.
-- column: delta_t_s DOUBLE | Middle of the two.
-- column: t1_low_us BIGINT | Earliest in-guest snapshot, host's clock, microseconds since 1970, UTC.
-- column: t1_high_us BIGINT | Latest in-guest snapshot, the same clock.
-- column: shows_clock BOOLEAN | Whether its events bound the offset of the guest's clock.
-- column: offset_low_us BIGINT | Least offset (host time less guest time) that fits all its jobs, microseconds.
-- column: offset_high_us BIGINT | Greatest offset that fits, microseconds.
-- column: is_constant BOOLEAN | Whether one offset fits all jobs of the guest.
-- One row per job with events of its guest. All that VSS does in a guest lies within its host's DoSnapshotSet: each job
-- bounds the offset of the guest's clock (host time - guest time), and all jobs of a guest together bound it more
-- tightly, as long as one offset fits them all (is_constant). t1 is bracketed in the guest's clock (observed, or
-- between freeze and thaw) and carried to the host's clock with these bounds. The gap is not negative: the host's
-- snapshot follows the guest's (domain.md, steps 2 and 3).
WITH bracketed AS (
    SELECT
        s.job_id, w.vm, w.from_us, w.to_us, s.t2_us, s.t2_latest_us, s.t2_before_us, s.mount_us,
        s.t1_first_us IS NOT NULL AS shows_clock,
        coalesce(s.t1_us, s.t1_after_us) AS low_us,
        coalesce(s.t1_latest_us,
            CASE WHEN s.t1_before_us >= s.t1_after_us OR s.t1_after_us IS NULL THEN s.t1_before_us END) AS high_us,
        max(w.from_us - s.t1_first_us) OVER guest AS offset_low_us,
        min(coalesce(s.t2_latest_us, w.to_us) - s.t1_last_us) OVER guest AS offset_high_us
    FROM sightings AS s
    JOIN job_windows AS w ON w.job_id = s.job_id
    WHERE s.has_guest
    WINDOW guest AS (PARTITION BY w.vm)
),
carried AS (
    SELECT
        *,
        coalesce(offset_low_us <= offset_high_us, false) AS is_constant,
        coalesce(t2_us, from_us) AS t2_low_us,
        coalesce(t2_latest_us, least(t2_before_us + 1000000, mount_us, to_us)) AS t2_high_us,
        greatest(from_us, low_us + offset_low_us) AS t1_low_us,
        least(coalesce(t2_latest_us, to_us), high_us + offset_high_us) AS t1_high_us
    FROM bracketed
),
bounded AS (
    SELECT
        *,
        is_constant AND low_us IS NOT NULL AND high_us IS NOT NULL AS is_known,
        greatest(t2_low_us - t1_high_us, 0) / 1000000.0 AS least_s,
        greatest(t2_high_us - t1_low_us, 0) / 1000000.0 AS most_s
    FROM carried
)
SELECT
    job_id,
    vm,
    CASE WHEN is_known THEN least_s END AS delta_t_min_s,
    CASE WHEN is_known THEN most_s END AS delta_t_max_s,
    CASE WHEN is_known THEN (least_s + most_s) / 2 END AS delta_t_s,
    CASE WHEN is_known THEN t1_low_us END AS t1_low_us,
    CASE WHEN is_known THEN t1_high_us END AS t1_high_us,
    shows_clock,
    offset_low_us,
    offset_high_us,
    is_constant
FROM bounded
