-- question: When did each step of a job begin, on which volume and DPM server, and how much was there to do?
-- grain: one backup attempt of a known VM at host or guest level, of the last nights with 60,000 in all, 28 at least
-- key: job_id
-- reads: boundaries, job_base, job_tracking
-- column: job_id VARCHAR | The job.
-- column: vm VARCHAR | Name of the VM.
-- column: volume VARCHAR | Volume that was snapshot, first one named.
-- column: dpm_server_key VARCHAR | DPM server, small letters without its domain.
-- column: host_key VARCHAR | Computer whose agent did the work, small letters without its domain.
-- column: night DATE | Local date on which its backup window opens.
-- column: scheduled_us BIGINT | When DPM created the task, else when the job started, microseconds since 1970, UTC.
-- column: started_us BIGINT | When it started, microseconds since 1970, UTC.
-- column: asked_us BIGINT | When it first asked for the claim on its volume.
-- column: granted_us BIGINT | When that was granted.
-- column: snapshot_us BIGINT | When the host's snapshot was taken.
-- column: moving_us BIGINT | When data began to move.
-- column: moved_us BIGINT | When the data had moved.
-- column: released_us BIGINT | When the snapshot was let go.
-- column: ended_us BIGINT | When it ended; of a running one, until when it is known to run.
-- column: vhd_bytes BIGINT | Size of the VM's virtual disks.
-- column: bytes_transferred BIGINT | Bytes sent to the DPM server.
-- column: is_guest BOOLEAN | Whether the agent runs in the guest.
-- column: is_good BOOLEAN | Whether a recovery point came of it.
-- column: is_running BOOLEAN | Whether it still runs.
-- column: is_full BOOLEAN | Whether it makes the nightly recovery point: no check, no first replica.
-- column: is_compared BOOLEAN | Whether whole disks were read, or nothing but the era says otherwise.
-- column: is_refused BOOLEAN | Whether a claim on its volume was refused.
-- Where a boundary is not known its moment is NULL. A job of the online agent has none of these boundaries. Tracking
-- counts as compared where whole disks were read or only the era speaks for tracking: times decide there.
WITH timed AS (
    SELECT
        job_id,
        max(CASE WHEN place = 0 THEN us END) AS started_us, max(CASE WHEN place = 1 THEN us END) AS asked_us,
        max(CASE WHEN place = 2 THEN us END) AS granted_us, max(CASE WHEN place = 3 THEN us END) AS snapshot_us,
        max(CASE WHEN place = 4 THEN us END) AS moving_us, max(CASE WHEN place = 5 THEN us END) AS moved_us,
        max(CASE WHEN place = 6 THEN us END) AS released_us, max(CASE WHEN place = 7 THEN us END) AS ended_us
    FROM boundaries
    WHERE place <= 7
    GROUP BY job_id
),
attempts AS (
    SELECT
        night, sum(count(*)) OVER (ORDER BY night DESC) AS jobs, row_number() OVER (ORDER BY night DESC) AS place
    FROM job_base
    WHERE vm IS NOT NULL AND night IS NOT NULL AND level IS NOT NULL
    GROUP BY night
)
SELECT
    j.job_id, j.vm, j.volume, host_key_of(j.dpm_server) AS dpm_server_key, host_key_of(j.host) AS host_key, j.night,
    -- the clock of the log and that of the record may differ: what was queued ends where the job starts
    b.started_us - CAST(coalesce(greatest(j.queued_s, 0), 0) * 1000000 AS BIGINT) AS scheduled_us,
    b.started_us, b.asked_us, b.granted_us, b.snapshot_us, b.moving_us, b.moved_us, b.released_us, b.ended_us,
    t.vhd_bytes, j.bytes_transferred,
    j.level = 'guest' AS is_guest, j.is_good, j.outcome = 'running' AS is_running,
    j.owes_sla AND j.kind <> 'initial_replica' AS is_full,
    coalesce(t.tracking NOT IN ('rct', 'change_tracking') OR t.tracking_from = 'era', true) AS is_compared,
    j.claim_refusals > 0 AS is_refused
FROM job_base AS j
JOIN job_tracking AS t ON t.job_id = j.job_id
JOIN timed AS b ON b.job_id = j.job_id
WHERE j.vm IS NOT NULL AND j.night IS NOT NULL AND j.level IS NOT NULL AND b.started_us IS NOT NULL
  -- memory and time of estimates grow with the jobs, what they gain from old nights does not
  AND j.night IN (SELECT night FROM attempts WHERE jobs <= 60000 OR place <= 28)
