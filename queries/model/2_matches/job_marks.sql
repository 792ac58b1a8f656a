-- question: When was each boundary of a job, and how often was its claim refused?
-- grain: one job that errlogs show
-- key: job_id
-- reads: log_markers
-- column: job_id VARCHAR | Task GUID, or LOG- and a digest where the log has none.
-- column: host VARCHAR | Computer whose agent did the work.
-- column: server_host VARCHAR | DPM server that wrote of it.
-- column: first_us BIGINT | First line of the agent; all times in microseconds since 1970, UTC.
-- column: last_us BIGINT | Last line of the agent.
-- column: init_us BIGINT | InitializeSnapshotCreation.
-- column: last_add_us BIGINT | Last AddVolumeForSnapshot.
-- column: first_refusal_us BIGINT | First refused claim.
-- column: last_refusal_us BIGINT | Last refused claim.
-- column: claim_refusals BIGINT | How often the claim was refused.
-- column: provider_us BIGINT | ProviderId: DoSnapshotSet has returned.
-- column: chain_us BIGINT | First VhdChain.
-- column: begin_us BIGINT | BeginDataMove.
-- column: complete_us BIGINT | StartBackupComplete.
-- column: release_us BIGINT | ReleaseSnapshot.
-- column: pit_us BIGINT | CreatePIT on the DPM server.
-- column: volume VARCHAR | Volume that was marked to be snapshot.
-- column: vhd_path VARCHAR | First virtual disk of the chain.
-- column: provider_flags VARCHAR | 0 for the software provider.
-- column: provider_volume VARCHAR | Volume as ProviderId names it.
-- column: refused_volume VARCHAR | Volume whose claim was refused.
-- column: hresult VARCHAR | Error that a line states.
-- column: prebackup_begin_us BIGINT | Online agent: Prebackup started.
-- column: prebackup_end_us BIGINT | Online agent: Prebackup finished.
-- column: initialize_begin_us BIGINT | Online agent: Initialize Storage started.
-- column: initialize_end_us BIGINT | Online agent: Initialize Storage finished.
-- column: transfer_begin_us BIGINT | Online agent: Data transfer started.
-- column: transfer_end_us BIGINT | Online agent: Data transfer finished.
-- column: integrity_begin_us BIGINT | Online agent: Integrity Check started.
-- column: uninitialize_end_us BIGINT | Online agent: UnInitialize Storage finished.
-- column: is_online BOOLEAN | Whether the online agent wrote it.
-- column: succeeded_us BIGINT | Online agent: Succeeded.
-- column: failed_us BIGINT | Online agent: Failed.
-- column: add_us BIGINT | Last AddVolumeForSnapshot before the first refused claim, else the last one.
-- column: retry_us BIGINT | Median time between refused claims.
-- One pass over the errlog markers (contract, section 6). Times are microseconds since 1970, UTC.
-- add_us is the last AddVolumeForSnapshot before the first refused claim, or the last one where none was refused.
WITH refused AS (
    SELECT job_id, epoch_us("at") AS us, lag(epoch_us("at")) OVER (PARTITION BY job_id ORDER BY "at") AS previous_us
    FROM log_markers
    WHERE marker = 'claim_refused'
),
refusals AS (
    SELECT job_id, min(us) AS first_us, CAST(median(us - previous_us) AS BIGINT) AS retry_us FROM refused GROUP BY job_id
),
claimed AS (
    SELECT t.job_id, max(epoch_us(t."at")) AS add_us
    FROM log_markers AS t
    JOIN refusals AS r ON r.job_id = t.job_id AND epoch_us(t."at") <= r.first_us
    WHERE t.marker = 'add_volume'
    GROUP BY t.job_id
),
marked AS (
    SELECT
        job_id,
        max(CASE WHEN marker IN ('initialize_snapshot', 'add_volume', 'claim_refused', 'provider_id', 'vhd_chain',
            'begin_data_move', 'start_backup_complete', 'release_snapshot') THEN host END) AS host,
        max(CASE WHEN left(marker, 7) = 'online_' OR left(marker, 10) = 'create_pit' THEN host END) AS server_host,
        min(CASE WHEN left(marker, 13) <> 'mount_storage' AND left(marker, 15) <> 'unmount_storage'
            AND left(marker, 10) <> 'create_pit' THEN epoch_us("at") END) AS first_us,
        max(CASE WHEN left(marker, 13) <> 'mount_storage' AND left(marker, 15) <> 'unmount_storage'
            AND left(marker, 10) <> 'create_pit' THEN epoch_us("at") END) AS last_us,
        min(CASE WHEN marker = 'initialize_snapshot' THEN epoch_us("at") END) AS init_us,
        max(CASE WHEN marker = 'add_volume' THEN epoch_us("at") END) AS last_add_us,
        min(CASE WHEN marker = 'claim_refused' THEN epoch_us("at") END) AS first_refusal_us,
        max(CASE WHEN marker = 'claim_refused' THEN epoch_us("at") END) AS last_refusal_us,
        count(CASE WHEN marker = 'claim_refused' THEN 1 END) AS claim_refusals,
        max(CASE WHEN marker = 'provider_id' THEN epoch_us("at") END) AS provider_us,
        min(CASE WHEN marker = 'vhd_chain' THEN epoch_us("at") END) AS chain_us,
        min(CASE WHEN marker = 'begin_data_move' THEN epoch_us("at") END) AS begin_us,
        max(CASE WHEN marker = 'start_backup_complete' THEN epoch_us("at") END) AS complete_us,
        max(CASE WHEN marker = 'release_snapshot' THEN epoch_us("at") END) AS release_us,
        min(CASE WHEN marker = 'create_pit_begin' THEN epoch_us("at") END) AS pit_us,
        min(CASE WHEN marker = 'add_volume' THEN volume END) AS volume,
        min(CASE WHEN marker = 'vhd_chain' THEN detail END) AS vhd_path,
        max(CASE WHEN marker = 'provider_id' THEN detail END) AS provider_flags,
        max(CASE WHEN marker = 'provider_id' THEN volume END) AS provider_volume,
        max(CASE WHEN marker = 'claim_refused' THEN volume END) AS refused_volume,
        max(CASE WHEN marker = 'claim_refused' OR marker = 'online_failed' THEN detail END) AS hresult,
        min(CASE WHEN marker = 'online_prebackup_begin' THEN epoch_us("at") END) AS prebackup_begin_us,
        max(CASE WHEN marker = 'online_prebackup_end' THEN epoch_us("at") END) AS prebackup_end_us,
        min(CASE WHEN marker = 'online_initialize_begin' THEN epoch_us("at") END) AS initialize_begin_us,
        max(CASE WHEN marker = 'online_initialize_end' THEN epoch_us("at") END) AS initialize_end_us,
        min(CASE WHEN marker = 'online_transfer_begin' THEN epoch_us("at") END) AS transfer_begin_us,
        max(CASE WHEN marker = 'online_transfer_end' THEN epoch_us("at") END) AS transfer_end_us,
        min(CASE WHEN marker = 'online_integrity_begin' THEN epoch_us("at") END) AS integrity_begin_us,
        max(CASE WHEN marker = 'online_uninitialize_end' THEN epoch_us("at") END) AS uninitialize_end_us,
        max(CASE WHEN left(marker, 7) = 'online_' THEN 1 ELSE 0 END) = 1 AS is_online,
        max(CASE WHEN marker = 'online_succeeded' THEN epoch_us("at") END) AS succeeded_us,
        max(CASE WHEN marker = 'online_failed' THEN epoch_us("at") END) AS failed_us
    FROM log_markers
    GROUP BY job_id
)
SELECT m.*, CASE WHEN m.first_refusal_us IS NULL THEN m.last_add_us ELSE c.add_us END AS add_us, r.retry_us
FROM marked AS m
LEFT JOIN claimed AS c ON c.job_id = m.job_id
LEFT JOIN refusals AS r ON r.job_id = m.job_id
WHERE m.first_us IS NOT NULL OR m.pit_us IS NOT NULL
