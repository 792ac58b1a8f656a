-- title: How well predictions held
-- question: How often did predictions of past nights hold, and of how many VMs is the next night predicted?
-- column: vms BIGINT | VMs that are due
-- column: first_night DATE | first night of them
-- column: last_night DATE | last night of them
-- column: hit_share DOUBLE | share of past backups whose data move lay in its 90 % range, NULL where fewer than ten tell
-- column: hit_jobs BIGINT | these past backups
-- column: sure BIGINT | VMs that end in time with a probability of 90 % or more
-- column: unsure BIGINT | VMs that do not
-- column: open BIGINT | VMs of which too little is known
-- column: is_withdrawn BOOLEAN | whether such ranges held less than 80 %, so that no advice rests on them
SELECT
    count(*) AS vms, min(night) AS first_night, max(night) AS last_night,
    max(hit_share) AS hit_share, max(hit_jobs) AS hit_jobs,
    count(*) FILTER (WHERE p_meets >= 0.9) AS sure,
    count(*) FILTER (WHERE p_meets < 0.9) AS unsure,
    count(*) FILTER (WHERE transfer_p50_s IS NULL OR p_meets IS NULL) AS open,
    coalesce(max(hit_share) < 0.8, false) AS is_withdrawn
FROM predictions
HAVING count(*) > 0
