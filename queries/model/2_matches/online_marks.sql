-- question: When did each step of the online agent begin and end, as its log has it?
-- grain: one job that errlogs of the online agent show
-- key: job_id
-- reads: log_markers
-- column: job_id VARCHAR | Task GUID, or LOG- and a digest where the log has none.
-- column: prebackup_begin_us BIGINT | Online agent: Prebackup started.
-- column: prebackup_end_us BIGINT | Online agent: Prebackup finished.
-- column: initialize_begin_us BIGINT | Online agent: Initialize Storage started.
-- column: initialize_end_us BIGINT | Online agent: Initialize Storage finished.
-- column: transfer_begin_us BIGINT | Online agent: Data transfer started.
-- column: transfer_end_us BIGINT | Online agent: Data transfer finished.
-- column: integrity_begin_us BIGINT | Online agent: Integrity Check started.
-- column: uninitialize_end_us BIGINT | Online agent: UnInitialize Storage finished.
-- As the errlog of CBEngine has it; times in microseconds since 1970, UTC.
SELECT
    job_id,
    min(CASE WHEN marker = 'online_prebackup_begin' THEN us END) AS prebackup_begin_us,
    max(CASE WHEN marker = 'online_prebackup_end' THEN us END) AS prebackup_end_us,
    min(CASE WHEN marker = 'online_initialize_begin' THEN us END) AS initialize_begin_us,
    max(CASE WHEN marker = 'online_initialize_end' THEN us END) AS initialize_end_us,
    min(CASE WHEN marker = 'online_transfer_begin' THEN us END) AS transfer_begin_us,
    max(CASE WHEN marker = 'online_transfer_end' THEN us END) AS transfer_end_us,
    min(CASE WHEN marker = 'online_integrity_begin' THEN us END) AS integrity_begin_us,
    max(CASE WHEN marker = 'online_uninitialize_end' THEN us END) AS uninitialize_end_us
FROM log_markers
WHERE scope = 'online'
GROUP BY job_id
