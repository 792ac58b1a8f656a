-- question: Whose log tells of a job that a record knows, and which VM does the record name?
-- grain: one task of DPM
-- key: job_id
-- reads: inventory_machines, job_tasks
-- column: job_id VARCHAR | The task, as in job_tasks.
-- column: server VARCHAR | Protected computer without its domain.
-- column: is_online BOOLEAN | Whether it is a job of the online agent.
-- column: host_key VARCHAR | Computer whose errlog tells of the task, in small letters without its domain.
-- column: is_vm BOOLEAN | Whether the record is that of a VM.
-- column: record_vm VARCHAR | Name of the VM.
-- column: guest_vm VARCHAR | VM whose name the computer bears where the record is not that of a VM.
-- column: vm_host_key VARCHAR | Protected computer in small letters without its domain.
-- column: scope_key VARCHAR | Its cluster, else itself, as in inventory_machines.
-- column: dpm_server_key VARCHAR | DPM server in small letters without its domain.
-- column: us BIGINT | When the task was created, else started; microseconds since 1970, UTC.
-- column: inventory_id VARCHAR | Machine of the inventory that bore the name then in that scope.
-- A record of a VM names it behind "\Backup Using Child Partition Snapshot\" (or Saved State); newer ones name it
-- alone, with the type Microsoft Hyper-V. All other records are of files, volumes or applications of the computer
-- itself, which may be a VM, too: the only one of its name. host_key is the computer whose errlog has the job: the
-- protected one, or the DPM server for jobs to the cloud. inventory_id is the machine that bore the name then in the
-- scope of its host; of two that bear it in one cluster, that on the record's host, else the one that was seen first.
WITH homes AS (
    SELECT DISTINCT host_key AS place_key, scope_key FROM inventory_machines WHERE host_key IS NOT NULL
    UNION
    SELECT DISTINCT scope_key, scope_key FROM inventory_machines
),
bearers AS (
    SELECT
        name_key, scope_key, host_key, machine_id, max(vm) AS vm, min(valid_from_us) AS from_us,
        max(coalesce(valid_to_us, 9223372036854775807)) AS to_us, min(us) AS seen_us
    FROM inventory_machines
    GROUP BY name_key, scope_key, host_key, machine_id
),
named AS (
    SELECT
        *,
        computer_of(production_server) AS server,
        contains(coalesce(data_source, ''), '\Backup Using ')
            OR contains(coalesce(data_source_type, ''), 'Hyper-V') AS is_vm,
        host_key_of(production_server) AS vm_host_key,
        host_key_of(dpm_server) AS dpm_server_key,
        us_of(coalesce(created_at, started_at)) AS us
    FROM job_tasks
),
placed AS (
    SELECT
        n.*,
        coalesce(h.scope_key, n.vm_host_key) AS scope_key,
        CASE
            WHEN contains(n.data_source, '\Backup Using ')
                THEN nullif(regexp_extract(n.data_source, '\\Backup Using [^\\]+\\(.+)$', 1), '')
            WHEN n.is_vm THEN nullif(regexp_extract(n.data_source, '([^\\]+)$', 1), '')
        END AS record_vm
    FROM named AS n
    LEFT JOIN homes AS h ON h.place_key = n.vm_host_key
),
borne AS (
    SELECT
        p.job_id,
        min_by(b.machine_id, (
            coalesce(p.us, 0) < b.from_us OR coalesce(p.us, 0) >= b.to_us,
            b.host_key IS DISTINCT FROM p.vm_host_key, b.seen_us, b.machine_id
        )) AS machine_id
    FROM placed AS p
    JOIN bearers AS b ON b.name_key = lower(p.record_vm) AND b.scope_key = p.scope_key
    GROUP BY p.job_id
),
guests AS (
    SELECT name_key, max(vm) AS vm FROM bearers GROUP BY name_key HAVING min(machine_id) = max(machine_id)
)
SELECT
    p.job_id, p.server, p.kind = 'online' AS is_online,
    CASE WHEN p.kind = 'online' THEN p.dpm_server_key ELSE p.vm_host_key END AS host_key,
    p.is_vm, p.record_vm,
    CASE WHEN NOT p.is_vm THEN g.vm END AS guest_vm,
    p.vm_host_key, p.scope_key, p.dpm_server_key, p.us,
    b.machine_id AS inventory_id
FROM placed AS p
LEFT JOIN borne AS b ON b.job_id = p.job_id
LEFT JOIN guests AS g ON g.name_key = lower(p.server)
