-- question: What do the job records say of each task?
-- grain: one task of DPM, its job records merged
-- key: job_id
-- reads: format_ranks, job_categories, job_records, job_statuses, outcomes, sources
-- column: job_id VARCHAR | DPM's task GUID, or REC- and a digest of what the record says.
-- column: dpm_job_id VARCHAR | DPM's job GUID.
-- column: category VARCHAR | Category as read.
-- column: kind VARCHAR | What the job does.
-- column: outcome VARCHAR | How it ended: succeeded, warning, failed, cancelled, running, unknown.
-- column: is_good BOOLEAN | Whether a recovery point came of it.
-- column: data_source VARCHAR | Data source as read.
-- column: data_source_type VARCHAR | Data source type as read.
-- column: production_server VARCHAR | Protected computer as read.
-- column: protection_group VARCHAR | Protection group.
-- column: dpm_server VARCHAR | DPM server as read.
-- column: created_at TIMESTAMP WITH TIME ZONE | When DPM created the task.
-- column: started_at TIMESTAMP WITH TIME ZONE | When the task started.
-- column: ended_at TIMESTAMP WITH TIME ZONE | When the task ended, NULL while it runs.
-- column: bytes_transferred BIGINT | Bytes sent to the DPM server.
-- column: error_code BIGINT | DPM error id.
-- column: hresult VARCHAR | Detailed error, 0x and eight digits.
-- column: error_text VARCHAR | Error text as DPM gave it.
-- Several exports may hold the same task: a finished state wins over a running one, then the export with the finer
-- times.
WITH ranked AS (
    SELECT
        coalesce(r.task_id, 'REC-' || left(upper(md5(
            coalesce(r.dpm_job_id, '') || '|' || coalesce(r.data_source, '') || '|' || coalesce(r.category, '') || '|'
            || coalesce(CAST(us_of(r.started_at) AS VARCHAR), '') || '|' || coalesce(r.error_text, '')
        )), 16)) AS job_id,
        r.*,
        coalesce(s.outcome, 'unknown') AS outcome,
        coalesce(o.is_good, false) AS is_good,
        coalesce(c.kind, CASE WHEN r.is_online THEN 'online' ELSE 'other' END) AS kind,
        NOT coalesce(s.is_final, r.ended_at IS NOT NULL) AS is_open,
        k.rank AS rank_format
    FROM job_records AS r
    LEFT JOIN sources AS f ON f.source_id = r.source_id
    LEFT JOIN format_ranks AS k ON k.format = f.format
    LEFT JOIN job_statuses AS s ON s.status = lower(trim(r.status))
    LEFT JOIN outcomes AS o ON o.outcome = s.outcome
    LEFT JOIN job_categories AS c ON c.category = lower(trim(r.category))
    WHERE r.record_kind = 'job'
),
ordered AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY job_id
            ORDER BY is_open, rank_format NULLS LAST, us_of(ended_at) DESC NULLS LAST, source_id, record_no
        ) AS place
    FROM ranked
)
SELECT
    job_id,
    max(dpm_job_id) AS dpm_job_id,
    max(CASE WHEN place = 1 THEN category END) AS category,
    max(CASE WHEN place = 1 THEN kind END) AS kind,
    max(CASE WHEN place = 1 THEN outcome END) AS outcome,
    bool_or(place = 1 AND is_good) AS is_good,
    coalesce(max(CASE WHEN place = 1 THEN data_source END), max(data_source)) AS data_source,
    coalesce(max(CASE WHEN place = 1 THEN data_source_type END), max(data_source_type)) AS data_source_type,
    coalesce(max(CASE WHEN place = 1 THEN production_server END), max(production_server)) AS production_server,
    coalesce(max(CASE WHEN place = 1 THEN protection_group END), max(protection_group)) AS protection_group,
    coalesce(max(CASE WHEN place = 1 THEN dpm_server END), max(dpm_server)) AS dpm_server,
    coalesce(max(CASE WHEN place = 1 THEN created_at END), min(created_at)) AS created_at,
    max(CASE WHEN place = 1 THEN started_at END) AS started_at,
    max(CASE WHEN place = 1 THEN ended_at END) AS ended_at,
    coalesce(max(CASE WHEN place = 1 THEN bytes_transferred END), max(bytes_transferred)) AS bytes_transferred,
    coalesce(max(CASE WHEN place = 1 THEN error_code END), max(error_code)) AS error_code,
    coalesce(max(CASE WHEN place = 1 THEN hresult END), max(hresult)) AS hresult,
    coalesce(max(CASE WHEN place = 1 THEN error_text END), max(error_text)) AS error_text
FROM ordered
GROUP BY job_id
