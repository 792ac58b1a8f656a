-- question: Until when does anything speak of a computer?
-- grain: one computer of which anything speaks
-- key: computer_key
-- reads: collections, job_tasks, log_nights
-- column: computer_key VARCHAR | The host in small letters without its domain: what hosts are compared and joined by.
-- column: seen_until TIMESTAMP WITH TIME ZONE | Latest time that a log, a collection or a job record of it speaks of.
-- Logs, collections and job records; a job record speaks of its DPM server, and of the protected computer only where it
-- names no server.
SELECT computer_key, max(moment) AS seen_until
FROM (
    SELECT host_key_of(host) AS computer_key, last_at AS moment FROM log_nights
    UNION ALL
    SELECT host_key_of(host), collected_at FROM collections
    UNION ALL
    SELECT host_key_of(coalesce(dpm_server, production_server)), greatest(started_at, ended_at) FROM job_tasks
) AS moments
WHERE computer_key IS NOT NULL AND moment IS NOT NULL
GROUP BY computer_key
