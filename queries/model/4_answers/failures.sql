-- question: Which jobs failed, in which phase, and what explains it?
-- grain: one failed or cancelled job
-- key: job_id
-- reads: boundaries, explanations, failure_events, job_base, job_marks, job_nights, outcomes, phase_places
-- column: job_id VARCHAR | The job.
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | Night the job belongs to.
-- column: host VARCHAR | Computer whose agent did the work.
-- column: outcome VARCHAR | How it ended: succeeded, warning, failed, cancelled, running, unknown.
-- column: phase VARCHAR | Phase in which it ended, NULL where no log shows it.
-- column: error_code BIGINT | DPM error id.
-- column: hresult VARCHAR | Detailed error, 0x and eight digits.
-- column: error_text VARCHAR | Error text as DPM gave it.
-- column: explained_by VARCHAR | Kind and key of the rule that explains it, such as error/32612.
-- column: explanation VARCHAR | What explains it, in one sentence.
-- column: explanation_source VARCHAR | Where the explanation comes from.
-- column: events BIGINT | Failure events on host, guest and DPM server while it ran.
-- column: event_list VARCHAR | These events: time, computer, provider/id, VSS operation.
-- The phase is the one that begins at the last boundary that the errlog or the host's events show; a claim that was
-- refused counts as granted only where the snapshot was taken, a released snapshot only after the transfer. The
-- explanation is that of the event that names the VM, else of another failure event on host or guest while the job ran,
-- else of the DPM error id, else of the HRESULT (rules/explanations.csv; explained_by is its kind and key).
WITH failed AS (
    SELECT j.job_id, j.marks_id, j.vm, j.host, j.outcome, j.claim_refusals, j.error_code, j.hresult, j.error_text
    FROM job_base AS j
    JOIN outcomes AS o ON o.outcome = j.outcome AND o.is_final AND NOT o.is_good
),
reached AS (
    SELECT
        f.job_id,
        max(CASE WHEN b.place = 2 AND f.claim_refusals > 0 THEN 1 WHEN b.place < 6 THEN b.place END)
            + CASE WHEN bool_or(b.place = 5) AND bool_or(b.place = 6) THEN 1 ELSE 0 END AS place
    FROM failed AS f
    LEFT JOIN job_marks AS m ON m.job_id = f.marks_id
    JOIN boundaries AS b ON b.job_id = f.job_id AND (b.place > 0 OR m.init_us IS NOT NULL)
    GROUP BY f.job_id
),
leads AS (
    SELECT job_id, 'event' AS kind, lower(event) AS key, distance AS rank, "at" FROM failure_events
    UNION ALL
    SELECT job_id, 'error', CAST(error_code AS VARCHAR), 3, NULL FROM failed
    UNION ALL
    SELECT job_id, 'hresult', lower(hresult), 4, NULL FROM failed
),
explained AS (
    SELECT
        l.job_id, e.kind || '/' || e.key AS explained_by, e.explanation, e.source,
        row_number() OVER (PARTITION BY l.job_id ORDER BY l.rank, l."at", e.key) AS place
    FROM leads AS l
    JOIN explanations AS e ON e.kind = l.kind AND lower(e.key) = l.key
),
listed AS (
    SELECT
        job_id,
        count(*) AS events,
        string_agg(
            CAST("at" AS VARCHAR) || ' ' || host || ' ' || event || coalesce(' ' || operation, ''),
            '; ' ORDER BY "at", source_id, record_no
        ) AS event_list
    FROM failure_events
    GROUP BY job_id
)
SELECT
    f.job_id,
    f.vm,
    n.night,
    f.host,
    f.outcome,
    p.phase,
    f.error_code,
    f.hresult,
    f.error_text,
    x.explained_by,
    x.explanation,
    x.source AS explanation_source,
    coalesce(l.events, 0) AS events,
    l.event_list
FROM failed AS f
LEFT JOIN job_nights AS n ON n.job_id = f.job_id
LEFT JOIN reached AS r ON r.job_id = f.job_id
LEFT JOIN phase_places AS p ON p.place = r.place
LEFT JOIN explained AS x ON x.job_id = f.job_id AND x.place = 1
LEFT JOIN listed AS l ON l.job_id = f.job_id
