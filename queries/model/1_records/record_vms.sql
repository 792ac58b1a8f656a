-- question: Whose log tells of a job that a record knows, and which VM does the record name?
-- grain: one task of DPM
-- key: job_id
-- reads: job_tasks, vms
-- column: job_id VARCHAR | The task, as in job_tasks.
-- column: server VARCHAR | Protected computer without its domain.
-- column: is_online BOOLEAN | Whether it is a job of the online agent.
-- column: host_key VARCHAR | Computer whose errlog tells of the task, in small letters without its domain.
-- column: is_vm BOOLEAN | Whether the record is that of a VM.
-- column: record_vm VARCHAR | Name of the VM.
-- column: guest_vm VARCHAR | VM whose name the computer bears where the record is not that of a VM.
-- A record of a VM names it behind "\Backup Using Child Partition Snapshot\" (or Saved State); newer ones name it
-- alone, with the type Microsoft Hyper-V. All other records are of files, volumes or applications of the computer
-- itself, which may be a VM, too: one that bears its name. host_key is the computer whose errlog has the job: the
-- protected one, or the DPM server for jobs to the cloud.
WITH guests AS (
    SELECT lower(vm) AS vm_key, max(vm) AS vm FROM vms WHERE vm IS NOT NULL GROUP BY lower(vm)
),
named AS (
    SELECT
        *,
        split_part(production_server, '.', 1) AS server,
        contains(coalesce(data_source, ''), '\Backup Using ')
            OR contains(coalesce(data_source_type, ''), 'Hyper-V') AS is_vm
    FROM job_tasks
)
SELECT
    n.job_id,
    n.server,
    n.kind = 'online' AS is_online,
    host_key_of(CASE WHEN n.kind = 'online' THEN n.dpm_server ELSE n.production_server END) AS host_key,
    n.is_vm,
    CASE
        WHEN contains(n.data_source, '\Backup Using ')
            THEN nullif(regexp_extract(n.data_source, '\\Backup Using [^\\]+\\(.+)$', 1), '')
        WHEN n.is_vm THEN nullif(regexp_extract(n.data_source, '([^\\]+)$', 1), '')
    END AS record_vm,
    CASE WHEN NOT n.is_vm THEN g.vm END AS guest_vm
FROM named AS n
LEFT JOIN guests AS g ON g.vm_key = lower(n.server)
