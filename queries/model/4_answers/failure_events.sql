-- question: Which failing steps did host, guest and DPM server log while a job ran that failed?
-- grain: one job that failed and one failure event that may belong to it
-- key: job_id, source_id, record_no, event
-- reads: event_hits, job_base, machine_aliases, outcomes
-- column: job_id VARCHAR | The job.
-- column: at TIMESTAMP WITH TIME ZONE | Time of the event.
-- column: host VARCHAR | Computer that wrote it, without its domain.
-- column: computer_role VARCHAR | What that computer is: hyper-v-host, dpm-server, guest.
-- column: event_provider VARCHAR | Provider of the event.
-- column: event_id INTEGER | Event id.
-- column: event VARCHAR | Provider/id, as in explanations.
-- column: operation VARCHAR | Steps of VSS that it names, outermost last.
-- column: distance INTEGER | 0 it names the VM, 1 the guest itself wrote it, 2 host or DPM server wrote it.
-- column: source_id VARCHAR | The source it was read from.
-- column: record_no BIGINT | Record in the source.
-- An event that names another VM is none of the job's; one that names no VM, on a computer that several failed jobs
-- share, is left out: nothing tells whose it is. distance: 0 it names the VM, 1 the guest itself wrote it, 2 neither.
-- Five seconds after the job's end still count: DPM ends the job when the writer has failed, and Windows logs on.
WITH failed AS (
    SELECT
        j.job_id, j.vm, host_key_of(j.host) AS host_key, host_key_of(j.dpm_server) AS server_key,
        j.started_at, us_of(j.ended_at) + 5000000 AS until_us
    FROM job_base AS j
    JOIN outcomes AS o ON o.outcome = j.outcome AND o.is_final AND NOT o.is_good
),
near AS (
    SELECT
        f.job_id, h."at", h.host, h.computer_role, h.event_provider, h.event_id, h.operation, h.source_id, h.record_no,
        CASE WHEN e.vm IS NOT NULL THEN 0 WHEN h.computer_role = 'guest' THEN 1 ELSE 2 END AS distance,
        count(*) OVER (PARTITION BY h.source_id, h.record_no) AS jobs
    FROM failed AS f
    JOIN event_hits AS h
        ON h.gives = 'failure' AND h."at" >= f.started_at AND h.us <= f.until_us
    LEFT JOIN machine_aliases AS e ON e.vm = f.vm AND e.name_key = lower(h.event_vm)
    LEFT JOIN machine_aliases AS g ON g.vm = f.vm AND g.name_key = lower(h.guest_vm) AND g.is_sole
    WHERE (h.event_vm IS NULL OR e.vm IS NOT NULL)
        AND (h.computer_role = 'guest' AND g.vm IS NOT NULL
            OR h.computer_role <> 'guest' AND h.host_key = f.host_key
            OR h.computer_role = 'dpm-server' AND h.host_key = f.server_key)
)
SELECT
    job_id,
    "at",
    host,
    computer_role,
    event_provider,
    event_id,
    event_provider || '/' || CAST(event_id AS VARCHAR) AS event,
    operation,
    distance,
    source_id,
    record_no
FROM near
WHERE distance < 2 OR jobs = 1
