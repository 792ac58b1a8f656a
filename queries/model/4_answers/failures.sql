-- question: Which jobs failed, in which phase, and what explains it?
-- grain: one failed or cancelled job
-- key: job_id
-- reads: event_hits, explanations, job_marks, job_nights, jobs, sightings
-- column: job_id VARCHAR | The job.
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | Night the job belongs to.
-- column: host VARCHAR | Computer whose agent did the work.
-- column: outcome VARCHAR | How it ended: succeeded, warning, failed, cancelled, running, unknown.
-- column: phase VARCHAR | Phase in which it ended, NULL where no log shows it
-- column: error_code BIGINT | DPM error id.
-- column: hresult VARCHAR | Detailed error, 0x and eight digits.
-- column: error_text VARCHAR | Error text as DPM gave it.
-- column: explanation VARCHAR | What explains it, in one sentence.
-- column: explanation_source VARCHAR | Where the explanation comes from.
-- column: events BIGINT | Failure events on host, guest and DPM server while it ran.
-- column: event_list VARCHAR | These events: time, computer, provider/id, VSS operation.
-- The phase is the one that follows the last boundary that the errlog or the host's events show. The explanation is that of the event that names the VM's disk or the VM,
-- else of another failure event on host or guest while the job ran, else of the DPM error id, else of the HRESULT
-- (queries/model/rules/explanations.csv).
WITH failed AS (
    SELECT
        j.job_id, j.vm, j.host, j.dpm_server, j.outcome, j.kind, j.level, j.started_at, j.ended_at, j.error_code, j.hresult,
        j.error_text,
        CASE
            WHEN m.job_id IS NULL THEN NULL
            WHEN m.release_us IS NOT NULL AND m.complete_us IS NOT NULL THEN 'finalize'
            WHEN m.complete_us IS NOT NULL THEN 'release'
            WHEN m.begin_us IS NOT NULL THEN 'transfer'
            WHEN m.provider_us IS NOT NULL THEN 'post_snapshot'
            WHEN s.t2_us IS NOT NULL OR s.t2_before_us IS NOT NULL OR s.mount_us IS NOT NULL THEN 'post_snapshot'
            WHEN m.last_refusal_us IS NOT NULL THEN 'claim_wait'
            WHEN m.add_us IS NOT NULL THEN 'snapshot'
            WHEN m.init_us IS NOT NULL THEN 'prepare'
        END AS phase
    FROM jobs AS j
    LEFT JOIN job_marks AS m ON m.job_id = j.marks_id
    LEFT JOIN sightings AS s ON s.job_id = j.job_id
    WHERE j.outcome IN ('failed', 'cancelled')
),
signs AS (
    SELECT
        f.job_id,
        h.event_provider || '/' || CAST(h.event_id AS VARCHAR) AS key,
        h.host, h.event_provider, h.event_id, h."at", h.source_id, h.record_no,
        h.operation,
        CASE WHEN h.event_vm IS NOT NULL AND lower(h.event_vm) = lower(f.vm) THEN 0 WHEN h.computer_role = 'guest' THEN 1 ELSE 2 END AS distance,
        count(*) OVER (PARTITION BY h.source_id, h.record_no) AS jobs
    FROM failed AS f
    JOIN event_hits AS h
        ON h.gives = 'failure'
        AND h."at" >= f.started_at AND epoch_us(h."at") <= epoch_us(f.ended_at) + 5000000
        AND (h.event_vm IS NULL OR lower(h.event_vm) = lower(f.vm))
        AND (
            (h.computer_role = 'guest' AND lower(h.guest_vm) = lower(f.vm))
            OR (h.computer_role <> 'guest' AND lower(h.host) = lower(split_part(f.host, '.', 1)))
            OR (h.computer_role = 'dpm-server' AND lower(h.host) = lower(split_part(f.dpm_server, '.', 1)))
        )
),
explained AS (
    SELECT
        s.job_id, s.key, e.explanation, e.source,
        row_number() OVER (PARTITION BY s.job_id ORDER BY CASE WHEN e.key IS NULL THEN 1 ELSE 0 END, s.distance, s."at") AS place
    FROM signs AS s
    LEFT JOIN explanations AS e ON e.kind = 'event' AND lower(e.key) = lower(s.key)
    WHERE s.distance < 2 OR s.jobs = 1
),
listed AS (
    SELECT
        job_id,
        count(*) AS events,
        string_agg(CAST("at" AS VARCHAR) || ' ' || host || ' ' || key || CASE WHEN operation IS NULL THEN '' ELSE ' ' || operation END, '; ' ORDER BY "at")
            AS event_list
    FROM signs
    WHERE distance < 2 OR jobs = 1
    GROUP BY job_id
)
SELECT
    f.job_id,
    f.vm,
    n.night,
    f.host,
    f.outcome,
    f.phase,
    f.error_code,
    f.hresult,
    f.error_text,
    coalesce(x.explanation, c.explanation, h.explanation) AS explanation,
    CASE WHEN x.explanation IS NOT NULL THEN x.source WHEN c.explanation IS NOT NULL THEN c.source ELSE h.source END AS explanation_source,
    coalesce(l.events, 0) AS events,
    l.event_list
FROM failed AS f
LEFT JOIN job_nights AS n ON n.job_id = f.job_id
LEFT JOIN explained AS x ON x.job_id = f.job_id AND x.place = 1
LEFT JOIN explanations AS c ON c.kind = 'error' AND c.key = CAST(f.error_code AS VARCHAR)
LEFT JOIN explanations AS h ON h.kind = 'hresult' AND h.key = f.hresult
LEFT JOIN listed AS l ON l.job_id = f.job_id
