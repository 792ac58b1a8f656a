-- title: Phase boundaries of each job as the log shows them
-- question: When was each boundary of a job, and how often was its claim refused?
-- One pass over the errlog markers (contract, section 6). Times are microseconds since 1970, UTC. add_us is the last
-- AddVolumeForSnapshot before the first refused claim, or the last one where none was refused; retry_us the median wait
-- between refusals. first_us and last_us enclose what agent and online service wrote; a recovery point made on the DPM
-- server (pit_us) comes after the job of the agent.
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
by_agent AS (
    SELECT
        job_id,
        max(host) AS host,
        min(us) AS first_us,
        max(us) AS last_us,
        min(CASE WHEN marker = 'initialize_snapshot' THEN us END) AS init_us,
        max(CASE WHEN marker = 'add_volume' THEN us END) AS last_add_us,
        min(CASE WHEN marker = 'claim_refused' THEN us END) AS first_refusal_us,
        max(CASE WHEN marker = 'claim_refused' THEN us END) AS last_refusal_us,
        count(CASE WHEN marker = 'claim_refused' THEN 1 END) AS claim_refusals,
        max(CASE WHEN marker = 'provider_id' THEN us END) AS provider_us,
        min(CASE WHEN marker = 'vhd_chain' THEN us END) AS chain_us,
        min(CASE WHEN marker = 'begin_data_move' THEN us END) AS begin_us,
        max(CASE WHEN marker = 'start_backup_complete' THEN us END) AS complete_us,
        max(CASE WHEN marker = 'release_snapshot' THEN us END) AS release_us,
        min(CASE WHEN marker = 'add_volume' THEN volume END) AS volume,
        min(CASE WHEN marker = 'vhd_chain' THEN detail END) AS vhd_path,
        max(CASE WHEN marker = 'provider_id' THEN detail END) AS provider_flags,
        max(CASE WHEN marker = 'provider_id' THEN volume END) AS provider_volume,
        max(CASE WHEN marker = 'claim_refused' THEN volume END) AS refused_volume,
        max(CASE WHEN marker = 'claim_refused' THEN detail END) AS hresult
    FROM log_markers
    WHERE scope = 'host'
    GROUP BY job_id
),
by_server AS (
    SELECT
        job_id,
        max(host) AS server_host,
        min(CASE WHEN scope = 'online' THEN us END) AS first_us,
        max(CASE WHEN scope = 'online' THEN us END) AS last_us,
        min(CASE WHEN marker = 'create_pit_begin' THEN us END) AS pit_us,
        min(CASE WHEN marker = 'online_prebackup_begin' THEN us END) AS prebackup_begin_us,
        max(CASE WHEN marker = 'online_prebackup_end' THEN us END) AS prebackup_end_us,
        min(CASE WHEN marker = 'online_initialize_begin' THEN us END) AS initialize_begin_us,
        max(CASE WHEN marker = 'online_initialize_end' THEN us END) AS initialize_end_us,
        min(CASE WHEN marker = 'online_transfer_begin' THEN us END) AS transfer_begin_us,
        max(CASE WHEN marker = 'online_transfer_end' THEN us END) AS transfer_end_us,
        min(CASE WHEN marker = 'online_integrity_begin' THEN us END) AS integrity_begin_us,
        max(CASE WHEN marker = 'online_uninitialize_end' THEN us END) AS uninitialize_end_us,
        max(CASE WHEN marker = 'online_succeeded' THEN us END) AS succeeded_us,
        max(CASE WHEN marker = 'online_failed' THEN us END) AS failed_us,
        max(CASE WHEN marker = 'online_failed' THEN detail END) AS hresult,
        max(CASE WHEN scope = 'online' THEN 1 ELSE 0 END) = 1 AS is_online
    FROM log_markers
    WHERE scope IN ('online', 'recovery_point')
    GROUP BY job_id
)
SELECT
    coalesce(a.job_id, s.job_id) AS job_id,
    a.host, s.server_host, coalesce(s.is_online, false) AS is_online,
    coalesce(a.init_us, a.last_add_us, a.last_refusal_us, a.provider_us, a.begin_us, a.release_us) IS NOT NULL
        AS is_host_log,
    least(a.first_us, s.first_us) AS first_us, greatest(a.last_us, s.last_us) AS last_us,
    a.init_us, CASE WHEN a.first_refusal_us IS NULL THEN a.last_add_us ELSE c.add_us END AS add_us,
    a.last_refusal_us, coalesce(a.claim_refusals, 0) AS claim_refusals, r.retry_us,
    a.provider_us, a.chain_us, a.begin_us, a.complete_us, a.release_us, s.pit_us, s.succeeded_us, s.failed_us,
    coalesce(a.volume, a.refused_volume) AS volume, a.vhd_path, a.provider_flags, a.provider_volume,
    greatest(a.hresult, s.hresult) AS hresult,
    s.prebackup_begin_us, s.prebackup_end_us, s.initialize_begin_us, s.initialize_end_us,
    s.transfer_begin_us, s.transfer_end_us, s.integrity_begin_us, s.uninitialize_end_us
FROM by_agent AS a
FULL OUTER JOIN by_server AS s ON s.job_id = a.job_id
LEFT JOIN claimed AS c ON c.job_id = a.job_id
LEFT JOIN refusals AS r ON r.job_id = a.job_id
WHERE coalesce(a.first_us, s.first_us, s.pit_us) IS NOT NULL
