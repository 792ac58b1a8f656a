-- title: Failure events without a known job
-- question: Which events of a failing snapshot or backup were logged while no known job ran there, and what do they mean?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: host VARCHAR | computer that logged them
-- column: event VARCHAR | provider and id
-- column: operation VARCHAR | what VSS was doing, where the event says
-- column: error_code BIGINT | error id of DPM that the event states
-- column: events BIGINT | how often
-- column: nights BIGINT | on how many nights
-- column: first_at TIMESTAMP WITH TIME ZONE | first of them
-- column: last_at TIMESTAMP WITH TIME ZONE | last of them
-- column: vm VARCHAR | the VM they name, where all name one
-- column: text VARCHAR | what the first of them says, for alerts of DPM
-- column: explanation VARCHAR | what they mean, in one sentence
-- column: explanation_source VARCHAR | where that comes from
-- Events within the time of a known job of that host, guest or DPM server stand with the jobs that failed.
WITH failing AS (
    SELECT
        h.*,
        h.event_provider || '/' || CAST(h.event_id AS VARCHAR) AS event,
        CASE WHEN h.marker = 'dpm_alert' THEN h.says END AS alert,
        TRY_CAST(regexp_extract(alert, '\(ID:? ?(\d+)', 1) AS BIGINT) AS error_code,
        night_of(s.time_zone, s.night_shift_s, h."at") AS night
    FROM event_hits AS h
    CROSS JOIN site AS s
    WHERE h.gives = 'failure'
),
times AS (
    SELECT host_key_of(host) AS host_key, started_at, ended_at FROM jobs WHERE host IS NOT NULL
    UNION ALL
    SELECT coalesce(a.name_key, host_key_of(j.vm)), j.started_at, j.ended_at
    FROM jobs AS j
    LEFT JOIN machine_aliases AS a ON a.vm = j.vm
    WHERE j.vm IS NOT NULL
    UNION ALL
    SELECT host_key_of(dpm_server), started_at, ended_at FROM jobs WHERE dpm_server IS NOT NULL
)
SELECT
    f.host,
    f.event,
    min(f.operation) AS operation,
    f.error_code,
    count(*) AS events,
    count(DISTINCT f.night) AS nights,
    min(f."at") AS first_at,
    max(f."at") AS last_at,
    CASE WHEN count(DISTINCT lower(coalesce(f.event_vm, ''))) = 1 THEN min(f.event_vm) END AS vm,
    min_by(f.alert, f."at") AS text,
    coalesce(any_value(e.explanation), any_value(c.explanation), any_value(a.explanation)) AS explanation,
    coalesce(any_value(e.source), any_value(c.source), any_value(a.source)) AS explanation_source
FROM failing AS f
LEFT JOIN explanations AS e ON e.kind = 'event' AND lower(e.key) = lower(f.event)
LEFT JOIN explanations AS c ON c.kind = 'error' AND c.key = CAST(f.error_code AS VARCHAR)
LEFT JOIN explanations AS a ON a.kind = 'error' AND f.marker = 'dpm_alert' AND a.key = CAST(f.event_id AS VARCHAR)
WHERE NOT EXISTS (
    SELECT 1 FROM times AS t
    WHERE t.host_key = host_key_of(f.host) AND f."at" >= t.started_at
        AND f."at" <= coalesce(t.ended_at, t.started_at) + INTERVAL 5 SECOND
)
  AND (CAST($since AS DATE) IS NULL OR f.night >= CAST($since AS DATE))
  AND (CAST($until AS DATE) IS NULL OR f.night <= CAST($until AS DATE))
GROUP BY f.host, f.event, f.error_code
ORDER BY count(*) DESC, f.host, f.event, f.error_code
