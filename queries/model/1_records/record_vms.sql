-- title: Machines that the job records name
-- question: Whose log tells of a job that a record knows, and which VM does the record name?
-- A record of a VM names it behind "\Backup Using Child Partition Snapshot\" (or Saved State); newer ones name it
-- alone, with the type Microsoft Hyper-V. All other records are of files, volumes or applications of the computer
-- itself. host_key is the computer whose errlog has the job: the protected one, or the DPM server for jobs to the
-- cloud.
SELECT
    job_id,
    split_part(production_server, '.', 1) AS server,
    kind = 'online' AS is_online,
    host_key_of(CASE WHEN kind = 'online' THEN dpm_server ELSE production_server END) AS host_key,
    contains(coalesce(data_source, ''), '\Backup Using ')
        OR contains(coalesce(data_source_type, ''), 'Hyper-V') AS is_vm,
    CASE
        WHEN contains(data_source, '\Backup Using ')
            THEN nullif(regexp_extract(data_source, '\\Backup Using [^\\]+\\(.+)$', 1), '')
        WHEN contains(data_source_type, 'Hyper-V') THEN nullif(regexp_extract(data_source, '([^\\]+)$', 1), '')
    END AS record_vm
FROM job_tasks
