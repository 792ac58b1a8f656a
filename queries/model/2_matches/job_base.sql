-- question: Which backup attempts ran, for which VM, when, and how did they end?
-- grain: one attempt for one data source, before the events are asked
-- key: job_id
-- reads: job_marks, job_tasks, site, vm_disks, vms
-- column: job_id VARCHAR | DPM's task GUID, upper case; LOG- or REC- and a stable digest where there is none.
-- column: dpm_job_id VARCHAR | DPM's job GUID; several tasks may share it.
-- column: vm VARCHAR | Name of the VM, NULL where nothing names it.
-- column: vm_from VARCHAR | What names the VM: job_record, vms, vhd_folder, guest.
-- column: data_source VARCHAR | Data source as DPM names it.
-- column: protection_group VARCHAR | Protection group.
-- column: dpm_server VARCHAR | DPM server.
-- column: host VARCHAR | Computer whose agent did the work.
-- column: volume VARCHAR | Volume that was snapshot, first one named.
-- column: kind VARCHAR | What the job does
-- column: level VARCHAR | Where the agent runs, NULL where nothing tells: host, guest.
-- column: tracking VARCHAR | How changed blocks are found: block_compare, change_tracking, rct, unknown.
-- column: tracking_from VARCHAR | What says how, NULL where nothing does
-- column: outcome VARCHAR | How it ended: succeeded, warning, failed, cancelled, running, unknown.
-- column: started_at TIMESTAMP WITH TIME ZONE | Start of the attempt: earliest of job record and markers.
-- column: ended_at TIMESTAMP WITH TIME ZONE | End of the attempt, NULL while it runs.
-- column: duration_s DOUBLE | ended_at - started_at.
-- column: bytes_transferred BIGINT | Bytes sent to the DPM server.
-- column: vhd_bytes BIGINT | Size of the VM's virtual disks: what a block compare reads.
-- column: claim_refusals BIGINT | How often the claim on the Cluster Shared Volume was refused.
-- column: provider_kind VARCHAR | Who makes the snapshot, NULL where the log does not say: software, hardware.
-- column: error_code BIGINT | DPM error id.
-- column: hresult VARCHAR | Detailed error, 0x and eight digits.
-- column: error_text VARCHAR | Error text as DPM gave it.
-- column: evidence VARCHAR | What is known of it: record+log, record, log.
-- column: created_at TIMESTAMP WITH TIME ZONE | When DPM created the task; the night is counted by it. NULL where no
--   record says so.
-- column: queued_s DOUBLE | started_at - created_at: how long the job waited in DPM's own queue.
-- column: marks_id VARCHAR | The job_id under which job_marks holds its lines.
-- column: record_started_at TIMESTAMP WITH TIME ZONE | Start that the job record states.
-- column: record_ended_at TIMESTAMP WITH TIME ZONE | End that the job record states.
-- column: data_source_type VARCHAR | Data source type as read.
-- One row per attempt: the job record and what the log shows, joined by task GUID. A log without GUIDs joins the job record of the
-- same computer, VM and volume (where known) that encloses it (five minutes of clock difference allowed) and lies nearest to it; where
-- two lie equally near it stays on its own.
-- A refused claim shows block compare only on hosts before 2012 R2 (VM version below 5.0): from then on express full tracks changes, on
-- Cluster Shared Volumes too (dpm-formats chapter 5).
WITH chains AS (
    SELECT
        job_id,
        min(lower(vhd_path)) AS vhd_key,
        min(vhd_path) AS vhd_path,
        regexp_extract(min(vhd_path), '([^\\]+)\\(?:Virtual Hard Disks\\)?[^\\]+$', 1) AS folder
    FROM job_marks
    WHERE vhd_path IS NOT NULL
    GROUP BY job_id
),
disk_owners AS (
    SELECT lower(vhd_path) AS vhd_key, max(vm) AS vm FROM vms WHERE vhd_path IS NOT NULL GROUP BY lower(vhd_path)
),
vm_names AS (
    SELECT lower(vm) AS vm_key, max(vm) AS vm FROM vms WHERE vm IS NOT NULL GROUP BY lower(vm)
),
logged AS (
    SELECT m.*, o.vm AS owner, nullif(c.folder, '') AS folder
    FROM job_marks AS m
    LEFT JOIN chains AS c ON c.job_id = m.job_id
    LEFT JOIN disk_owners AS o ON o.vhd_key = c.vhd_key
),
recorded AS (
    SELECT
        t.*,
        split_part(t.production_server, '.', 1) AS server,
        contains(coalesce(t.data_source, ''), '\Backup Using ')
            OR contains(coalesce(t.data_source_type, ''), 'Hyper-V') AS is_vm,
        CASE
            WHEN contains(coalesce(t.data_source, ''), '\Backup Using ')
                THEN nullif(regexp_extract(t.data_source, '\\Backup Using [^\\]+\\(.+)$', 1), '')
            WHEN contains(coalesce(t.data_source_type, ''), 'Hyper-V')
                THEN nullif(regexp_extract(t.data_source, '([^\\]+)$', 1), '')
        END AS record_vm
    FROM job_tasks AS t
),
disk_volumes AS (
    SELECT DISTINCT
        lower(vm) AS vm_key,
        lower(coalesce(nullif(regexp_extract(vhd_path, '^(.:\\ClusterStorage\\[^\\]+\\)', 1), ''), left(vhd_path, 3))) AS volume_key
    FROM vms
    WHERE vm IS NOT NULL AND vhd_path IS NOT NULL
),
pairs AS (
    SELECT
        l.job_id,
        r.job_id AS record_id,
        l.owner IS NOT NULL OR l.folder IS NOT NULL AS is_named,
        abs(epoch_us(r.started_at) - l.first_us)
            + CASE WHEN r.ended_at IS NULL OR l.release_us IS NULL THEN 0 ELSE abs(epoch_us(r.ended_at) - l.release_us) END AS apart_us
    FROM logged AS l
    JOIN recorded AS r
        ON left(l.job_id, 4) = 'LOG-'
        AND l.is_online = (r.kind = 'online')
        AND lower(CASE WHEN l.is_online THEN l.server_host ELSE l.host END)
            = lower(CASE WHEN l.is_online THEN split_part(r.dpm_server, '.', 1) ELSE r.server END)
        AND r.started_at IS NOT NULL
        AND epoch_us(r.started_at) - 300000000 <= l.first_us
        AND coalesce(epoch_us(r.ended_at), 9000000000000000) + 300000000 >= l.last_us
        AND (l.owner IS NULL OR r.record_vm IS NULL OR lower(l.owner) = lower(r.record_vm))
        AND (l.owner IS NOT NULL OR l.folder IS NULL OR r.record_vm IS NULL OR lower(l.folder) = lower(r.record_vm))
        AND (l.is_online OR l.begin_us IS NOT NULL OR l.complete_us IS NOT NULL OR r.outcome NOT IN ('succeeded', 'warning'))
    LEFT JOIN job_marks AS own ON own.job_id = r.job_id AND own.first_us IS NOT NULL
    LEFT JOIN disk_volumes AS d ON d.vm_key = lower(r.record_vm) AND d.volume_key = lower(l.volume)
    LEFT JOIN (SELECT DISTINCT vm_key FROM disk_volumes) AS k ON k.vm_key = lower(r.record_vm)
    WHERE own.job_id IS NULL AND (l.volume IS NULL OR k.vm_key IS NULL OR d.vm_key IS NOT NULL)
),
ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY job_id ORDER BY apart_us, record_id) AS log_place,
        row_number() OVER (PARTITION BY record_id ORDER BY apart_us, job_id) AS record_place,
        lead(apart_us) OVER (PARTITION BY job_id ORDER BY apart_us, record_id) - apart_us AS margin_us
    FROM pairs
),
matched AS (
    SELECT job_id, record_id
    FROM ranked
    WHERE log_place = 1 AND record_place = 1 AND (is_named OR margin_us IS NULL OR margin_us > 2000000)
),
keyed AS (
    SELECT l.*, coalesce(m.record_id, l.job_id) AS key
    FROM logged AS l
    LEFT JOIN matched AS m ON m.job_id = l.job_id
    LEFT JOIN (SELECT DISTINCT record_id FROM matched) AS taken ON taken.record_id = l.job_id
    WHERE taken.record_id IS NULL
),
joined AS (
    SELECT
        coalesce(r.job_id, l.key) AS job_id,
        l.job_id AS marks_id,
        r.dpm_job_id, r.data_source, r.data_source_type, r.protection_group, r.dpm_server, r.category,
        r.server, r.is_vm, r.record_vm, r.created_at, r.started_at AS record_started_at, r.ended_at AS record_ended_at, r.bytes_transferred,
        r.error_code, r.error_text,
        coalesce(r.hresult, CASE WHEN r.job_id IS NULL THEN l.hresult END) AS hresult,
        r.job_id IS NOT NULL AS has_record,
        l.job_id IS NOT NULL AND l.first_us IS NOT NULL AS has_log,
        l.host AS log_host, l.server_host, l.owner, l.folder,
        l.first_us, l.last_us, l.begin_us, l.complete_us, l.release_us, l.provider_us, l.pit_us, l.succeeded_us, l.failed_us,
        coalesce(l.is_online, false) AS is_online,
        coalesce(l.volume, l.refused_volume) AS volume,
        CAST(coalesce(l.claim_refusals, 0) AS BIGINT) AS claim_refusals,
        l.provider_flags,
        l.init_us IS NOT NULL OR l.add_us IS NOT NULL OR l.provider_us IS NOT NULL OR l.begin_us IS NOT NULL
            OR l.release_us IS NOT NULL OR coalesce(l.claim_refusals, 0) > 0 AS is_host_log,
        CASE
            WHEN r.outcome IS NOT NULL AND r.outcome NOT IN ('running', 'unknown') THEN r.outcome
            WHEN l.failed_us IS NOT NULL THEN 'failed'
            WHEN l.succeeded_us IS NOT NULL THEN 'succeeded'
            WHEN l.complete_us IS NOT NULL AND l.release_us IS NOT NULL THEN 'succeeded'
            WHEN l.release_us IS NOT NULL AND l.begin_us IS NULL THEN 'failed'
            WHEN r.outcome = 'running' THEN 'running'
            ELSE 'unknown'
        END AS outcome,
        CASE
            WHEN r.kind IS NOT NULL AND r.kind <> 'other' THEN r.kind
            WHEN coalesce(l.is_online, false) THEN 'online'
            WHEN l.init_us IS NOT NULL OR l.add_us IS NOT NULL OR l.begin_us IS NOT NULL OR l.release_us IS NOT NULL THEN 'express_full'
            WHEN l.pit_us IS NOT NULL THEN 'recovery_point'
            ELSE 'other'
        END AS kind
    FROM recorded AS r
    FULL OUTER JOIN keyed AS l ON l.key = r.job_id
),
named AS (
    SELECT
        j.*,
        v.vm AS guest_vm,
        coalesce(j.record_vm, j.owner, CASE WHEN j.is_host_log THEN j.folder END, v.vm) AS vm,
        CASE
            WHEN j.record_vm IS NOT NULL THEN 'job_record'
            WHEN j.owner IS NOT NULL THEN 'vms'
            WHEN j.is_host_log AND j.folder IS NOT NULL THEN 'vhd_folder'
            WHEN v.vm IS NOT NULL THEN 'guest'
        END AS vm_from,
        CASE
            WHEN j.is_vm OR j.is_host_log THEN 'host'
            WHEN v.vm IS NOT NULL THEN 'guest'
        END AS level
    FROM joined AS j
    LEFT JOIN vm_names AS v ON v.vm_key = lower(j.server) AND NOT coalesce(j.is_vm, false) AND NOT j.is_host_log
),
timed AS (
    SELECT
        *,
        least(epoch_us(record_started_at), first_us, CASE WHEN record_started_at IS NULL THEN pit_us END) AS started_us,
        CASE
            WHEN outcome = 'running' THEN NULL
            WHEN has_record AND record_ended_at IS NULL AND record_started_at IS NOT NULL AND release_us IS NULL
                AND succeeded_us IS NULL AND failed_us IS NULL THEN NULL
            ELSE greatest(epoch_us(record_ended_at), last_us)
        END AS ended_us
    FROM named
),
claimed_volumes AS (
    SELECT DISTINCT lower(volume) AS volume_key FROM timed WHERE claim_refusals > 0 AND volume IS NOT NULL
),
sized AS (
    SELECT
        t.*,
        d.vhd_bytes,
        CAST(nullif(regexp_extract(d.vm_version, '^(\d+\.\d+)', 1), '') AS DOUBLE) AS version,
        lag(t.error_code) OVER (PARTITION BY t.vm ORDER BY t.started_us) AS previous_error,
        c.volume_key IS NOT NULL AS is_claimed
    FROM timed AS t
    LEFT JOIN vm_disks AS d
        ON d.vm = t.vm AND coalesce(t.started_us, 0) >= d.valid_from_us AND coalesce(t.started_us, 0) < d.valid_to_us
    LEFT JOIN claimed_volumes AS c ON c.volume_key = lower(t.volume)
),
tracked AS (
    SELECT
        s.*,
        CASE
            WHEN s.kind = 'consistency_check' THEN 'kind'
            WHEN s.kind = 'initial_replica' THEN 'kind'
            WHEN contains(coalesce(s.data_source_type, ''), 'RCT')
                AND s.previous_error IN (30135, 30151, 30154, 30155, 30156, 30161, 30222, 30500, 30501, 30502, 30503, 30504) THEN 'error'
            WHEN contains(coalesce(s.data_source_type, ''), 'RCT') THEN 'data_source_type'
            WHEN s.level = 'guest' THEN 'level'
            WHEN s.level = 'host' AND s.is_claimed AND coalesce(s.version, 0) < 5 THEN 'csv_claim'
            WHEN s.level = 'host' AND s.kind <> 'online' AND site.tracking IS NOT NULL THEN 'site'
            WHEN s.level = 'host' AND s.kind <> 'online' AND s.version >= 5 THEN 'era'
        END AS tracking_from,
        site.tracking AS site_tracking
    FROM sized AS s
    CROSS JOIN site
)
SELECT
    job_id,
    dpm_job_id,
    vm,
    vm_from,
    data_source,
    protection_group,
    coalesce(dpm_server, server_host) AS dpm_server,
    CASE WHEN level = 'guest' THEN server ELSE coalesce(log_host, CASE WHEN kind = 'online' THEN server_host END, server, server_host) END AS host,
    volume,
    kind,
    level,
    CASE tracking_from
        WHEN 'kind' THEN 'block_compare'
        WHEN 'error' THEN 'block_compare'
        WHEN 'data_source_type' THEN 'rct'
        WHEN 'level' THEN 'change_tracking'
        WHEN 'csv_claim' THEN 'block_compare'
        WHEN 'site' THEN site_tracking
        WHEN 'era' THEN 'change_tracking'
        ELSE 'unknown'
    END AS tracking,
    tracking_from,
    outcome,
    make_timestamptz(started_us) AS started_at,
    make_timestamptz(ended_us) AS ended_at,
    (ended_us - started_us) / 1000000.0 AS duration_s,
    bytes_transferred,
    CAST(vhd_bytes AS BIGINT) AS vhd_bytes,
    claim_refusals,
    CASE WHEN provider_flags IS NULL THEN NULL WHEN provider_flags = '0' THEN 'software' ELSE 'hardware' END AS provider_kind,
    error_code,
    hresult,
    error_text,
    CASE WHEN has_record AND has_log THEN 'record+log' WHEN has_record THEN 'record' ELSE 'log' END AS evidence,
    created_at,
    CASE WHEN epoch_us(created_at) <= started_us THEN (started_us - epoch_us(created_at)) / 1000000.0 END AS queued_s,
    coalesce(marks_id, job_id) AS marks_id,
    record_started_at,
    record_ended_at,
    data_source_type
FROM tracked
WHERE has_record OR has_log OR pit_us IS NOT NULL
