-- title: Failure events without a known job
-- question: Which events of a failing snapshot or backup were logged while no known job ran there, and what do they mean?
-- param: since DATE = NULL | first night, NULL for all
-- param: until DATE = NULL | last night, NULL for all
-- column: host VARCHAR | computer that logged them
-- column: event VARCHAR | provider and id
-- column: operation VARCHAR | what VSS was doing, where the event says
-- column: events BIGINT | how often
-- column: nights BIGINT | on how many nights
-- column: first_at TIMESTAMP WITH TIME ZONE | first of them
-- column: last_at TIMESTAMP WITH TIME ZONE | last of them
-- column: vm VARCHAR | the VM they name, where all name one
-- column: explanation VARCHAR | what they mean, in one sentence
-- column: explanation_source VARCHAR | where that comes from
-- Events within the time of a known job of that host, guest or DPM server stand with the jobs that failed.
WITH failing AS (
    SELECT
        h.*,
        CAST(timezone(s.time_zone, h."at") - s.middle_s * INTERVAL 1 SECOND AS DATE)
            + CASE WHEN s.middle_s > s.window_start_s THEN 1 ELSE 0 END AS night
    FROM event_hits AS h
    CROSS JOIN site AS s
    WHERE h.gives = 'failure'
),
times AS (
    SELECT lower(split_part(host, '.', 1)) AS computer, started_at, ended_at FROM jobs WHERE host IS NOT NULL
    UNION ALL
    SELECT lower(vm), started_at, ended_at FROM jobs WHERE vm IS NOT NULL
    UNION ALL
    SELECT lower(split_part(dpm_server, '.', 1)), started_at, ended_at FROM jobs WHERE dpm_server IS NOT NULL
)
SELECT
    f.host,
    f.event_provider || '/' || CAST(f.event_id AS VARCHAR) AS event,
    min(f.data ->> 'Operation') AS operation,
    count(*) AS events,
    count(DISTINCT f.night) AS nights,
    min(f."at") AS first_at,
    max(f."at") AS last_at,
    CASE WHEN count(DISTINCT lower(coalesce(f.event_vm, ''))) = 1 THEN min(f.event_vm) END AS vm,
    any_value(e.explanation) AS explanation,
    any_value(e.source) AS explanation_source
FROM failing AS f
LEFT JOIN explanations AS e ON e.kind = 'event' AND lower(e.key) = lower(f.event_provider || '/' || CAST(f.event_id AS VARCHAR))
WHERE NOT EXISTS (
    SELECT 1 FROM times AS t
    WHERE t.computer = lower(f.host) AND f."at" >= t.started_at AND f."at" <= coalesce(t.ended_at, t.started_at) + INTERVAL 5 SECOND
)
  AND (CAST($since AS DATE) IS NULL OR f.night >= CAST($since AS DATE))
  AND (CAST($until AS DATE) IS NULL OR f.night <= CAST($until AS DATE))
GROUP BY f.host, f.event_provider, f.event_id
ORDER BY count(*) DESC, f.host, event
