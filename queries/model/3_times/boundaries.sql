-- question: When did each phase of a job begin, how sure is that, and what shows it?
-- grain: one job and one boundary of it that is known, in their order
-- key: job_id, place
-- reads: job_base, job_clocks, job_marks, last_signs, online_boundaries, phase_places, sightings, site
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
-- Contract, section 6. Evidence 0 is no boundary: nothing shows the start or the end of such a job. A granted claim
-- is not logged: it is the last refusal plus the usual wait, at most the next marker. Nor is the host's snapshot in
-- the errlog: an event shows it or lies near it, else it is taken as late as possible, at ProviderId. An event that
-- can only follow the snapshot may be cut to whole seconds. A job that still runs has no end, but the time until
-- which it is known to run: the last sign of its DPM server, or of its host where that one's log shows the job.
WITH marks AS (
    SELECT
        j.job_id, j.vm,
        us_of(j.started_at) + coalesce(c.shift_us, 0) AS start_us,
        CASE WHEN j.record_started_at IS NOT NULL OR m.init_us IS NOT NULL THEN coalesce(c.evidence, 3) ELSE 0 END
            AS start_evidence, coalesce(c.shift_us, 0) AS shift_us,
        coalesce(c.offset_low_us - c.shift_us, 0) AS early_us, coalesce(c.offset_high_us - c.shift_us, 0) AS late_us,
        CASE WHEN j.outcome = 'running'
            THEN greatest(m.last_us, greatest(us_of(j.started_at), us_of(d.seen_until)) + coalesce(c.shift_us, 0),
                CASE WHEN m.first_us IS NOT NULL THEN us_of(h.seen_until) END)
            ELSE coalesce(us_of(j.ended_at) + coalesce(c.shift_us, 0), m.last_us, us_of(j.started_at)) END AS end_us,
        CASE WHEN j.record_ended_at IS NOT NULL AND j.ended_at IS NOT NULL THEN coalesce(c.evidence, 3)
            WHEN j.outcome = 'running' AND m.first_us IS NOT NULL THEN 1 ELSE 0 END AS end_evidence,
        j.outcome = 'running' AS is_open,
        m.add_us, m.last_refusal_us, coalesce(m.retry_us, CAST(site.retry_wait_s * 1000000 AS BIGINT)) AS wait_us,
        m.provider_us, m.chain_us, m.begin_us, m.complete_us, m.release_us,
        s.t2_us, least(s.t2_latest_us, m.provider_us) AS t2_latest_us, s.t2_near_us,
        s.t2_before_us + 1000000 AS t2_before_us, s.mount_us,
        coalesce(m.provider_us, s.t2_us, s.mount_us, m.begin_us) IS NOT NULL AS has_snapshot
    FROM job_base AS j
    CROSS JOIN site
    LEFT JOIN job_marks AS m ON m.job_id = j.marks_id
    LEFT JOIN sightings AS s ON s.job_id = j.job_id
    LEFT JOIN job_clocks AS c ON c.job_id = j.job_id
    LEFT JOIN last_signs AS h ON h.computer_key = host_key_of(j.host)
    LEFT JOIN last_signs AS d ON d.computer_key = host_key_of(j.dpm_server)
    WHERE j.started_at IS NOT NULL AND NOT coalesce(m.is_online, false)
),
claimed AS (
    SELECT
        *,
        coalesce(last_refusal_us, add_us) AS granted_low_us,
        least(provider_us, t2_us, mount_us, chain_us, begin_us, complete_us, release_us,
            CASE WHEN NOT is_open THEN end_us END) AS next_us
    FROM marks
),
granted AS (
    SELECT
        *,
        CASE WHEN last_refusal_us IS NULL THEN add_us WHEN is_open AND next_us IS NULL THEN NULL
            ELSE greatest(last_refusal_us, least(last_refusal_us + wait_us, next_us)) END AS granted_us,
        CASE WHEN last_refusal_us IS NULL THEN add_us ELSE greatest(last_refusal_us, next_us) END AS granted_high_us
    FROM claimed
),
snapped AS (
    SELECT
        *,
        CASE WHEN has_snapshot THEN coalesce(
            t2_us, least(t2_near_us, mount_us), greatest(granted_us, least(provider_us, begin_us, t2_before_us))
        ) END AS snapshot_us,
        coalesce(t2_us, granted_low_us, start_us) AS snapshot_low_us,
        CASE WHEN t2_us IS NOT NULL THEN t2_latest_us
            ELSE greatest(granted_us, least(mount_us, provider_us, begin_us, t2_before_us)) END AS snapshot_high_us,
        CASE WHEN t2_us = t2_latest_us THEN 3 WHEN coalesce(t2_us, t2_near_us, mount_us) IS NULL THEN 1 ELSE 2 END
            AS snapshot_evidence
    FROM granted
),
placed AS (
    SELECT
        s.job_id, s.vm, p.boundary, p.place, s.is_open, s.shift_us,
        CASE
            WHEN p.place < 1 AND add_us IS NOT NULL THEN 1 WHEN p.place < 2 AND granted_us IS NOT NULL THEN 2
            WHEN p.place < 3 AND snapshot_us IS NOT NULL THEN 3 WHEN p.place < 4 AND begin_us IS NOT NULL THEN 4
            WHEN p.place < 5 AND complete_us IS NOT NULL THEN 5 WHEN p.place < 6 AND release_us IS NOT NULL THEN 6
            WHEN p.place < 7 THEN 7
        END AS next_place,
        CASE p.place
            WHEN 0 THEN start_us WHEN 1 THEN add_us WHEN 2 THEN granted_us WHEN 3 THEN snapshot_us WHEN 4 THEN begin_us
            WHEN 5 THEN complete_us WHEN 6 THEN release_us WHEN 7 THEN end_us
        END AS seen_us,
        greatest(start_us, CASE WHEN p.place > 1 THEN add_us END, CASE WHEN p.place > 2 THEN granted_us END,
            CASE WHEN p.place > 3 THEN snapshot_us END, CASE WHEN p.place > 4 THEN begin_us END,
            CASE WHEN p.place > 5 THEN complete_us END, CASE WHEN p.place > 6 THEN release_us END) AS above_us,
        CASE WHEN NOT is_open THEN greatest(start_us, end_us) END AS limit_us,
        CASE p.place WHEN 0 THEN start_us + early_us WHEN 2 THEN granted_low_us WHEN 3 THEN snapshot_low_us
            WHEN 7 THEN CASE WHEN is_open THEN end_us ELSE end_us + early_us END END AS low_us,
        CASE p.place WHEN 0 THEN start_us + late_us WHEN 2 THEN granted_high_us WHEN 3 THEN snapshot_high_us
            WHEN 7 THEN end_us + late_us END AS high_us,
        CASE p.place
            WHEN 0 THEN start_evidence WHEN 2 THEN CASE WHEN last_refusal_us IS NULL THEN 3 ELSE 2 END
            WHEN 3 THEN snapshot_evidence WHEN 7 THEN end_evidence ELSE 3
        END AS evidence
    FROM snapped AS s
    JOIN phase_places AS p ON p.place < 10
)
SELECT
    job_id, vm, boundary, place, next_place, least(greatest(seen_us, above_us), limit_us) - shift_us AS us,
    least(low_us, seen_us, limit_us) - shift_us AS low_us,
    CASE WHEN place < 7 OR NOT is_open
        THEN greatest(high_us, least(greatest(seen_us, above_us), limit_us)) - shift_us END AS high_us, evidence
FROM placed
WHERE seen_us IS NOT NULL
UNION ALL
SELECT job_id, vm, boundary, place, next_place, us, low_us, high_us, evidence
FROM online_boundaries
