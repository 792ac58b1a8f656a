-- question: When was each boundary of a job, and how often was its claim refused?
-- grain: one job that errlogs show
-- key: job_id
-- reads: log_markers
-- column: job_id VARCHAR | Task GUID, or LOG- and a digest where the log has none.
-- column: host VARCHAR | Computer whose agent did the work.
-- column: server_host VARCHAR | DPM server that wrote of it.
-- column: is_online BOOLEAN | Whether the online agent wrote of it.
-- column: is_host_log BOOLEAN | Whether the agent of the host wrote of its snapshot or data.
-- column: first_us BIGINT | First line of the agent; all times in microseconds since 1970, UTC.
-- column: last_us BIGINT | Last line of the agent.
-- column: init_us BIGINT | InitializeSnapshotCreation.
-- column: add_us BIGINT | Last AddVolumeForSnapshot before the first refused claim, else the last one.
-- column: last_refusal_us BIGINT | Last refused claim.
-- column: claim_refusals BIGINT | How often the claim was refused.
-- column: retry_us BIGINT | Median time between refused claims.
-- column: provider_us BIGINT | ProviderId: DoSnapshotSet has returned.
-- column: chain_us BIGINT | First VhdChain.
-- column: begin_us BIGINT | BeginDataMove.
-- column: complete_us BIGINT | StartBackupComplete.
-- column: release_us BIGINT | ReleaseSnapshot.
-- column: pit_us BIGINT | CreatePIT on the DPM server.
-- column: succeeded_us BIGINT | Online agent: Succeeded.
-- column: failed_us BIGINT | Online agent: Failed.
-- column: volume VARCHAR | First volume that was marked to be snapshot, else the first whose claim was refused.
-- column: volumes VARCHAR | All of them in the order of their names: A; B.
-- column: provider_flags VARCHAR | 0 for the software provider.
-- column: provider_volume VARCHAR | Volume as ProviderId names it.
-- column: hresult VARCHAR | Error that a line states.
-- One pass over the errlog markers (contract, section 6); the steps of the online agent stand in online_marks. first_us
-- and last_us enclose what the agents wrote; a recovery point made on the DPM server (pit_us) comes after them.
WITH refused AS (
    SELECT job_id, us, lag(us) OVER (PARTITION BY job_id ORDER BY us) AS previous_us
    FROM log_markers
    WHERE marker = 'claim_refused'
),
refusals AS (
    SELECT job_id, min(us) AS first_us, CAST(quantile_of(us - previous_us, 0.5) AS BIGINT) AS retry_us
    FROM refused
    GROUP BY job_id
),
claimed AS (
    SELECT t.job_id, max(t.us) AS add_us
    FROM log_markers AS t
    JOIN refusals AS r ON r.job_id = t.job_id AND t.us <= r.first_us
    WHERE t.marker = 'add_volume'
    GROUP BY t.job_id
),
marked AS (
    SELECT
        job_id,
        max(CASE WHEN scope = 'host' THEN host END) AS host,
        max(CASE WHEN scope <> 'host' THEN host END) AS server_host,
        max(CASE WHEN scope = 'online' THEN 1 ELSE 0 END) = 1 AS is_online,
        min(CASE WHEN scope <> 'recovery_point' THEN us END) AS first_us,
        max(CASE WHEN scope <> 'recovery_point' THEN us END) AS last_us,
        min(CASE WHEN marker = 'initialize_snapshot' THEN us END) AS init_us,
        max(CASE WHEN marker = 'add_volume' THEN us END) AS last_add_us,
        max(CASE WHEN marker = 'claim_refused' THEN us END) AS last_refusal_us,
        count(CASE WHEN marker = 'claim_refused' THEN 1 END) AS claim_refusals,
        max(CASE WHEN marker = 'provider_id' THEN us END) AS provider_us,
        min(CASE WHEN marker = 'vhd_chain' THEN us END) AS chain_us,
        min(CASE WHEN marker = 'begin_data_move' THEN us END) AS begin_us,
        max(CASE WHEN marker = 'start_backup_complete' THEN us END) AS complete_us,
        max(CASE WHEN marker = 'release_snapshot' THEN us END) AS release_us,
        min(CASE WHEN marker = 'create_pit_begin' THEN us END) AS pit_us,
        max(CASE WHEN marker = 'online_succeeded' THEN us END) AS succeeded_us,
        max(CASE WHEN marker = 'online_failed' THEN us END) AS failed_us,
        min(CASE WHEN marker IN ('add_volume', 'claim_refused') THEN volume END) AS low_volume,
        max(CASE WHEN marker IN ('add_volume', 'claim_refused') THEN volume END) AS high_volume,
        max(CASE WHEN marker = 'provider_id' THEN detail END) AS provider_flags,
        max(CASE WHEN marker = 'provider_id' THEN volume END) AS provider_volume,
        max(CASE WHEN marker IN ('claim_refused', 'online_failed') THEN detail END) AS hresult
    FROM log_markers
    WHERE scope <> 'storage'
    GROUP BY job_id
),
spread AS (
    -- few jobs have several volumes; to order those of all jobs takes longer than the rest of this query
    SELECT t.job_id, min_by(t.volume, (CASE WHEN t.marker = 'add_volume' THEN 0 ELSE 1 END, t.us, t.volume)) AS volume,
        string_agg(DISTINCT t.volume, '; ' ORDER BY t.volume) AS volumes
    FROM log_markers AS t
    JOIN marked AS m ON m.job_id = t.job_id AND m.low_volume < m.high_volume
    WHERE t.marker IN ('add_volume', 'claim_refused')
    GROUP BY t.job_id
)
SELECT
    m.job_id, m.host, m.server_host, m.is_online,
    coalesce(m.init_us, m.last_add_us, m.last_refusal_us, m.provider_us, m.begin_us, m.release_us) IS NOT NULL
        AS is_host_log,
    m.first_us, m.last_us, m.init_us, CASE WHEN r.job_id IS NULL THEN m.last_add_us ELSE c.add_us END AS add_us,
    m.last_refusal_us, m.claim_refusals, r.retry_us, m.provider_us, m.chain_us, m.begin_us, m.complete_us, m.release_us,
    m.pit_us, m.succeeded_us, m.failed_us, coalesce(v.volume, m.low_volume) AS volume,
    coalesce(v.volumes, m.low_volume) AS volumes, m.provider_flags, m.provider_volume, m.hresult
FROM marked AS m
LEFT JOIN spread AS v ON v.job_id = m.job_id
LEFT JOIN claimed AS c ON c.job_id = m.job_id
LEFT JOIN refusals AS r ON r.job_id = m.job_id
WHERE m.first_us IS NOT NULL OR m.pit_us IS NOT NULL
