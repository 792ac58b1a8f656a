-- question: Where did the time of each job go?
-- grain: one phase of one job; the rows of a job leave no gap and add up to its duration
-- key: job_id, phase, started_at
-- reads: job_base, job_marks, sightings, site
-- column: job_id VARCHAR | The job.
-- column: vm VARCHAR | Name of the VM.
-- column: phase VARCHAR | The phase
-- column: started_at TIMESTAMP WITH TIME ZONE | Begin of the phase, NULL at grade D.
-- column: ended_at TIMESTAMP WITH TIME ZONE | End of the phase, NULL at grade D.
-- column: duration_s DOUBLE | Length, NULL at grade D.
-- column: duration_min_s DOUBLE | Shortest length that the evidence allows.
-- column: duration_max_s DOUBLE | Longest length that the evidence allows.
-- column: grade VARCHAR | How well it is known: A, B, C, D.
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
        m.add_us, m.first_refusal_us, m.last_refusal_us, m.provider_us, e.t2_us, least(e.t2_latest_us, m.provider_us) AS t2_latest_us, e.t2_near_us,
        e.t2_before_us + 1000000 AS t2_before_us, e.mount_us, m.begin_us, m.complete_us, m.release_us,
        m.chain_us,
        coalesce(m.retry_us, CAST(site.retry_wait_s * 1000000 AS BIGINT)) AS retry_us,
        coalesce(m.is_online, false) AS is_online,
        m.prebackup_begin_us, m.prebackup_end_us, m.initialize_begin_us, m.initialize_end_us, m.transfer_begin_us,
        m.transfer_end_us, m.integrity_begin_us, m.uninitialize_end_us
    FROM job_base AS j
    CROSS JOIN site
    LEFT JOIN job_marks AS m ON m.job_id = j.marks_id
    LEFT JOIN sightings AS e ON e.job_id = j.job_id
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
            WHEN t2_us IS NOT NULL THEN t2_latest_us
            ELSE greatest(least(mount_us, provider_us, begin_us, t2_before_us), granted_us)
        END AS snapshot_high_us,
        CASE WHEN t2_us = t2_latest_us THEN 3 WHEN t2_us IS NOT NULL OR t2_near_us IS NOT NULL OR mount_us IS NOT NULL THEN 2 ELSE 1 END
            AS snapshot_evidence
    FROM granted
),
edges AS (
    -- One row per job: when each boundary was (never before the ones above it), and its earliest and latest time.
    SELECT
        job_id, vm, has_start, has_end AND is_ended AS has_end,
        level = 'host' AND is_ended AS is_expected, outcome IN ('succeeded', 'warning') AS is_good,
        begin_us IS NOT NULL OR complete_us IS NOT NULL AS has_moved, complete_us IS NOT NULL AS has_completed,
        start_us AS from_0,
        CASE WHEN add_us IS NOT NULL THEN greatest(start_us, add_us) END AS from_1,
        CASE WHEN granted_us IS NOT NULL THEN greatest(start_us, add_us, granted_us) END AS from_2,
        CASE WHEN snapshot_us IS NOT NULL THEN greatest(start_us, add_us, granted_us, snapshot_us) END AS from_3,
        CASE WHEN begin_us IS NOT NULL THEN greatest(start_us, add_us, granted_us, snapshot_us, begin_us) END AS from_4,
        CASE WHEN complete_us IS NOT NULL THEN greatest(start_us, add_us, granted_us, snapshot_us, begin_us, complete_us) END AS from_5,
        CASE WHEN release_us IS NOT NULL THEN greatest(start_us, add_us, granted_us, snapshot_us, begin_us, complete_us, release_us) END AS from_6,
        CASE WHEN end_us IS NOT NULL THEN greatest(start_us, add_us, granted_us, snapshot_us, begin_us, complete_us, release_us, end_us) END AS from_7,
        start_us AS low_0, start_us AS high_0,
        add_us AS low_1, add_us AS high_1,
        granted_low_us AS low_2, granted_high_us AS high_2,
        least(snapshot_low_us, snapshot_us) AS low_3, greatest(snapshot_high_us, snapshot_us) AS high_3,
        begin_us AS low_4, begin_us AS high_4,
        complete_us AS low_5, complete_us AS high_5,
        release_us AS low_6, release_us AS high_6,
        end_us AS low_7, end_us AS high_7,
        CASE WHEN add_us IS NOT NULL THEN 3 END AS evidence_1,
        CASE WHEN granted_us IS NULL THEN NULL WHEN last_refusal_us IS NULL THEN 3 ELSE 2 END AS evidence_2,
        CASE WHEN snapshot_us IS NOT NULL THEN snapshot_evidence END AS evidence_3
    FROM snapped
    WHERE NOT is_online
),
stretches AS (
    -- From each boundary to the next one that is known; it is a phase where no boundary between them is missing.
    SELECT job_id, vm, CASE WHEN has_start AND from_1 IS NOT NULL THEN 'prepare' ELSE 'unaccounted' END AS phase,
        from_0 AS from_us, coalesce(from_1, from_2, from_3, from_4, from_5, from_6, from_7) AS to_us, low_0 AS low_us, high_0 AS high_us,
        coalesce(low_1, low_2, low_3, low_4, low_5, low_6, low_7) AS to_low_us,
        coalesce(high_1, high_2, high_3, high_4, high_5, high_6, high_7) AS to_high_us, coalesce(evidence_1, evidence_2, evidence_3, 3) AS evidence
    FROM edges
    UNION ALL
    SELECT job_id, vm, CASE WHEN from_2 IS NOT NULL THEN 'claim_wait' ELSE 'unaccounted' END,
        from_1, coalesce(from_2, from_3, from_4, from_5, from_6, from_7), low_1, high_1,
        coalesce(low_2, low_3, low_4, low_5, low_6, low_7),
        coalesce(high_2, high_3, high_4, high_5, high_6, high_7), coalesce(evidence_2, evidence_3, 3)
    FROM edges WHERE from_1 IS NOT NULL
    UNION ALL
    SELECT job_id, vm, CASE WHEN from_3 IS NOT NULL THEN 'snapshot' ELSE 'unaccounted' END,
        from_2, coalesce(from_3, from_4, from_5, from_6, from_7), low_2, high_2,
        coalesce(low_3, low_4, low_5, low_6, low_7),
        coalesce(high_3, high_4, high_5, high_6, high_7), least(evidence_2, coalesce(evidence_3, 3))
    FROM edges WHERE from_2 IS NOT NULL
    UNION ALL
    SELECT job_id, vm, CASE WHEN from_4 IS NOT NULL THEN 'post_snapshot' ELSE 'unaccounted' END,
        from_3, coalesce(from_4, from_5, from_6, from_7), low_3, high_3,
        coalesce(low_4, low_5, low_6, low_7),
        coalesce(high_4, high_5, high_6, high_7), evidence_3
    FROM edges WHERE from_3 IS NOT NULL
    UNION ALL
    SELECT job_id, vm, CASE WHEN from_5 IS NOT NULL THEN 'transfer' ELSE 'unaccounted' END,
        from_4, coalesce(from_5, from_6, from_7), low_4, high_4,
        coalesce(low_5, low_6, low_7),
        coalesce(high_5, high_6, high_7), 3
    FROM edges WHERE from_4 IS NOT NULL
    UNION ALL
    SELECT job_id, vm, CASE WHEN from_6 IS NOT NULL THEN 'release' ELSE 'unaccounted' END,
        from_5, coalesce(from_6, from_7), low_5, high_5,
        coalesce(low_6, low_7),
        coalesce(high_6, high_7), 3
    FROM edges WHERE from_5 IS NOT NULL
    UNION ALL
    SELECT job_id, vm, CASE WHEN has_end AND from_7 IS NOT NULL THEN 'finalize' ELSE 'unaccounted' END,
        from_6, from_7, low_6, high_6,
        low_7,
        high_7, 3
    FROM edges WHERE from_6 IS NOT NULL
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
    FROM stretches
    WHERE (phase <> 'claim_wait' OR to_us > from_us OR evidence < 3) AND NOT (phase = 'unaccounted' AND to_us <= from_us)
    UNION ALL
    SELECT job_id, vm, phase, from_us, to_us, from_us, from_us, to_us, to_us, 3 FROM online_known WHERE phase <> 'end'
    UNION ALL
    SELECT job_id, vm, 'unaccounted', previous_us, from_us, previous_us, previous_us, from_us, from_us, 3
    FROM online_known
    WHERE from_us > previous_us
),
hidden AS (
    -- Phases that must have been, and of which a boundary is missing.
    SELECT job_id, vm, 'prepare' AS phase FROM edges WHERE is_expected AND (is_good OR has_moved) AND NOT (has_start AND from_1 IS NOT NULL)
    UNION ALL
    SELECT job_id, vm, 'snapshot' FROM edges WHERE is_expected AND (is_good OR has_moved) AND (from_2 IS NULL OR from_3 IS NULL)
    UNION ALL
    SELECT job_id, vm, 'post_snapshot' FROM edges WHERE is_expected AND (is_good OR has_moved) AND (from_3 IS NULL OR from_4 IS NULL)
    UNION ALL
    SELECT job_id, vm, 'transfer' FROM edges WHERE is_expected AND (is_good OR has_completed) AND (from_4 IS NULL OR from_5 IS NULL)
    UNION ALL
    SELECT job_id, vm, 'release' FROM edges WHERE is_expected AND is_good AND (from_5 IS NULL OR from_6 IS NULL)
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
SELECT job_id, vm, phase, NULL, NULL, NULL, NULL, NULL, 'D'
FROM hidden
