-- title: Phases
-- question: Where did the time of each job go?
-- The boundaries of a job in their canonical order (contract, section 6), each with the time it was seen or inferred at, its
-- earliest and latest possible time, and the evidence: 3 observed, 2 inferred within bounds, 1 bounds only.
-- A stretch between neighbouring boundaries is a phase; a stretch that skips a boundary is unaccounted, and the phases it hides
-- are listed without a duration (grade D).
WITH marks AS (
    SELECT
        j.job_id, j.vm, j.outcome, j.kind, j.level,
        epoch_us(j.started_at) AS start_us,
        coalesce(epoch_us(j.ended_at), greatest(m.last_us, epoch_us(j.started_at))) AS end_us,
        j.ended_at IS NOT NULL AS is_ended,
        j.record_started_at IS NOT NULL OR m.init_us IS NOT NULL AS has_start,
        j.record_ended_at IS NOT NULL AS has_end,
        m.add_us, m.first_refusal_us, m.last_refusal_us, m.provider_us, e.t2_us, e.t2_near_us,
        e.t2_before_us + 1000000 AS t2_before_us, e.mount_us, m.begin_us, m.complete_us, m.release_us,
        m.chain_us,
        coalesce(m.retry_us, CAST(site.retry_wait_s * 1000000 AS BIGINT)) AS retry_us,
        coalesce(m.is_online, false) AS is_online,
        m.prebackup_begin_us, m.prebackup_end_us, m.initialize_begin_us, m.initialize_end_us, m.transfer_begin_us,
        m.transfer_end_us, m.integrity_begin_us, m.uninitialize_end_us
    FROM job_base AS j
    CROSS JOIN site
    LEFT JOIN job_marks AS m ON m.job_id = j.marks_id
    LEFT JOIN host_sightings AS e ON e.job_id = j.job_id
    WHERE j.started_at IS NOT NULL
),
claims AS (
    SELECT
        *,
        CASE WHEN last_refusal_us IS NULL THEN NULL
            ELSE least(provider_us, t2_us, mount_us, chain_us, begin_us, complete_us, release_us, end_us) END AS next_us
    FROM marks
),
granted AS (
    SELECT
        *,
        CASE
            WHEN last_refusal_us IS NULL THEN add_us
            ELSE greatest(last_refusal_us, least(last_refusal_us + retry_us, next_us))
        END AS granted_us,
        CASE WHEN last_refusal_us IS NULL THEN add_us ELSE last_refusal_us END AS granted_low_us,
        CASE WHEN last_refusal_us IS NULL THEN add_us ELSE greatest(next_us, last_refusal_us) END AS granted_high_us,
        provider_us IS NOT NULL OR t2_us IS NOT NULL OR mount_us IS NOT NULL OR begin_us IS NOT NULL AS has_snapshot
    FROM claims
),
snapped AS (
    SELECT
        *,
        CASE
            WHEN NOT has_snapshot THEN NULL
            ELSE coalesce(t2_us, least(t2_near_us, mount_us), greatest(granted_us, least(provider_us, begin_us, t2_before_us)),
                least(provider_us, begin_us))
        END AS snapshot_us,
        CASE
            WHEN NOT has_snapshot THEN NULL
            WHEN t2_us IS NOT NULL THEN t2_us
            ELSE coalesce(granted_low_us, add_us, start_us)
        END AS snapshot_low_us,
        CASE
            WHEN NOT has_snapshot THEN NULL
            WHEN t2_us IS NOT NULL THEN t2_us
            ELSE greatest(least(mount_us, provider_us, begin_us, t2_before_us), granted_us)
        END AS snapshot_high_us,
        CASE WHEN t2_us IS NOT NULL THEN 3 WHEN t2_near_us IS NOT NULL OR mount_us IS NOT NULL THEN 2 ELSE 1 END
            AS snapshot_evidence
    FROM granted
),
boundaries AS (
    SELECT job_id, vm, 0 AS place, start_us AS us, start_us AS low_us, start_us AS high_us, 3 AS evidence, has_start AS is_known
    FROM snapped WHERE NOT is_online
    UNION ALL
    SELECT job_id, vm, 1, add_us, add_us, add_us, 3, true FROM snapped WHERE add_us IS NOT NULL AND NOT is_online
    UNION ALL
    SELECT job_id, vm, 2, granted_us, granted_low_us, granted_high_us, CASE WHEN last_refusal_us IS NULL THEN 3 ELSE 2 END, true
    FROM snapped WHERE granted_us IS NOT NULL AND (last_refusal_us IS NOT NULL OR add_us IS NOT NULL) AND NOT is_online
    UNION ALL
    SELECT job_id, vm, 3, snapshot_us, least(snapshot_low_us, snapshot_us), greatest(snapshot_high_us, snapshot_us), snapshot_evidence, true
    FROM snapped WHERE snapshot_us IS NOT NULL AND NOT is_online
    UNION ALL
    SELECT job_id, vm, 4, begin_us, begin_us, begin_us, 3, true FROM snapped WHERE begin_us IS NOT NULL AND NOT is_online
    UNION ALL
    SELECT job_id, vm, 5, complete_us, complete_us, complete_us, 3, true FROM snapped WHERE complete_us IS NOT NULL AND NOT is_online
    UNION ALL
    SELECT job_id, vm, 6, release_us, release_us, release_us, 3, true FROM snapped WHERE release_us IS NOT NULL AND NOT is_online
    UNION ALL
    SELECT job_id, vm, 7, end_us, end_us, end_us, 3, has_end AND is_ended FROM snapped WHERE NOT is_online
),
ordered AS (
    SELECT
        *,
        greatest(us, coalesce(max(us) OVER (PARTITION BY job_id ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), us))
            AS from_us
    FROM boundaries
),
stretches AS (
    SELECT
        job_id, vm, place, from_us, low_us, high_us, evidence, is_known,
        lead(place) OVER by_job AS next_place,
        lead(from_us) OVER by_job AS to_us,
        lead(low_us) OVER by_job AS to_low_us,
        lead(high_us) OVER by_job AS to_high_us,
        lead(evidence) OVER by_job AS to_evidence,
        lead(is_known) OVER by_job AS to_known
    FROM ordered
    WINDOW by_job AS (PARTITION BY job_id ORDER BY place)
),
host_phases AS (
    SELECT
        job_id, vm, place, from_us, to_us, low_us, high_us, to_low_us, to_high_us, least(evidence, to_evidence) AS evidence,
        CASE
            WHEN next_place = place + 1 AND is_known AND to_known THEN CASE place
                WHEN 0 THEN 'prepare' WHEN 1 THEN 'claim_wait' WHEN 2 THEN 'snapshot' WHEN 3 THEN 'post_snapshot'
                WHEN 4 THEN 'transfer' WHEN 5 THEN 'release' WHEN 6 THEN 'finalize' END
            ELSE 'unaccounted'
        END AS phase
    FROM stretches
    WHERE next_place IS NOT NULL
),
online_stretches AS (
    SELECT job_id, vm, 0 AS place, 'snapshot' AS phase, prebackup_begin_us AS from_us, prebackup_end_us AS to_us FROM snapped WHERE is_online
    UNION ALL
    SELECT job_id, vm, 1, 'prepare', initialize_begin_us, initialize_end_us FROM snapped WHERE is_online
    UNION ALL
    SELECT job_id, vm, 2, 'transfer', transfer_begin_us, transfer_end_us FROM snapped WHERE is_online
    UNION ALL
    SELECT job_id, vm, 3, 'finalize', integrity_begin_us, uninitialize_end_us FROM snapped WHERE is_online
    UNION ALL
    SELECT job_id, vm, 4, 'end', end_us, end_us FROM snapped WHERE is_online
),
online_known AS (
    SELECT
        o.job_id, o.vm, o.place, o.phase, o.from_us, o.to_us,
        coalesce(lag(o.to_us) OVER (PARTITION BY o.job_id ORDER BY o.from_us, o.place), s.start_us) AS previous_us
    FROM online_stretches AS o
    JOIN snapped AS s ON s.job_id = o.job_id
    WHERE o.from_us IS NOT NULL AND o.to_us >= o.from_us
),
assigned AS (
    SELECT job_id, vm, phase, from_us, to_us, low_us, high_us, to_low_us, to_high_us, evidence
    FROM host_phases
    WHERE (phase <> 'claim_wait' OR to_us > from_us OR evidence < 3) AND NOT (phase = 'unaccounted' AND to_us <= from_us)
    UNION ALL
    SELECT job_id, vm, phase, from_us, to_us, from_us, from_us, to_us, to_us, 3 FROM online_known WHERE phase <> 'end'
    UNION ALL
    SELECT job_id, vm, 'unaccounted', previous_us, from_us, previous_us, previous_us, from_us, from_us, 3
    FROM online_known
    WHERE from_us > previous_us
),
expected AS (
    SELECT s.job_id, s.vm, p.phase
    FROM snapped AS s
    CROSS JOIN (VALUES ('prepare'), ('snapshot'), ('post_snapshot'), ('transfer'), ('release')) AS p (phase)
    WHERE s.level = 'host' AND NOT s.is_online AND s.is_ended
        AND (
            s.outcome IN ('succeeded', 'warning')
            OR (p.phase IN ('prepare', 'snapshot', 'post_snapshot') AND (s.begin_us IS NOT NULL OR s.complete_us IS NOT NULL))
            OR (p.phase = 'transfer' AND s.complete_us IS NOT NULL)
        )
)
SELECT
    job_id,
    vm,
    phase,
    make_timestamptz(from_us) AS started_at,
    make_timestamptz(to_us) AS ended_at,
    (to_us - from_us) / 1000000.0 AS duration_s,
    CASE WHEN phase = 'unaccounted' THEN (to_us - from_us) / 1000000.0
        ELSE greatest(least(to_low_us - high_us, to_us - from_us), 0) / 1000000.0 END AS duration_min_s,
    CASE WHEN phase = 'unaccounted' THEN (to_us - from_us) / 1000000.0
        ELSE greatest(to_high_us - low_us, to_us - from_us) / 1000000.0 END AS duration_max_s,
    CASE WHEN phase = 'unaccounted' THEN 'A' WHEN evidence = 3 THEN 'A' WHEN evidence = 2 THEN 'B' ELSE 'C' END AS grade
FROM assigned
UNION ALL
SELECT e.job_id, e.vm, e.phase, NULL, NULL, NULL, NULL, NULL, 'D'
FROM expected AS e
LEFT JOIN assigned AS a ON a.job_id = e.job_id AND a.phase = e.phase
WHERE a.job_id IS NULL
