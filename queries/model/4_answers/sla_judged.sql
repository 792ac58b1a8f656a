-- question: Which VM kept which rule on which night?
-- grain: one VM, one night, one rule
-- key: vm, night, rule
-- reads: sla_ages, sla_durations, sla_periods, sla_windows
-- column: vm VARCHAR | Name of the VM.
-- column: night DATE | Local date on which the backup window opens.
-- column: rule VARCHAR | The rule: backup_window, max_duration, rpo_disk, rpo_cloud, dpm_sla.
-- column: expected BOOLEAN | Whether a backup was due, NULL where that is not known.
-- column: met BOOLEAN | Whether it was kept, NULL where that is not known.
-- column: deadline TIMESTAMP WITH TIME ZONE | When it had to be kept by.
-- column: finished_at TIMESTAMP WITH TIME ZONE | When it was kept, or when that was missed: end of the backup, or
--   newest snapshot.
-- column: overrun_s DOUBLE | By how much it was missed, 0 where it was kept; NULL where nothing was finished.
-- column: reason VARCHAR | Why.
-- column: job_id VARCHAR | The job that decided.
-- column: opens_at TIMESTAMP WITH TIME ZONE | When the time that is judged began: the window, the period, or the job.
SELECT vm, night, rule, expected, met, deadline, finished_at, overrun_s, reason, job_id, opens_at FROM sla_windows
UNION ALL
SELECT vm, night, rule, expected, met, deadline, finished_at, overrun_s, reason, job_id, opens_at FROM sla_durations
UNION ALL
SELECT vm, night, rule, expected, met, deadline, finished_at, overrun_s, reason, job_id, opens_at FROM sla_ages
UNION ALL
SELECT vm, night, rule, expected, met, deadline, finished_at, overrun_s, reason, job_id, opens_at FROM sla_periods
