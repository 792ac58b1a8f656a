-- question: How much of the transfer time does reading the disks explain?
-- grain: one volume, and one row with volume NULL for all volumes
-- key: volume
-- reads: boundaries, job_base, job_tracking
-- column: volume VARCHAR | Volume, '' where the log names none, NULL for all.
-- column: jobs BIGINT | Jobs that the fit rests on.
-- column: vms BIGINT | VMs among them.
-- column: scan_s_per_gb DOUBLE | Fitted seconds per 10^9 bytes read.
-- column: sent_s_per_gb DOUBLE | Fitted seconds per 10^9 bytes sent.
-- column: sent_bound_s_per_gb DOUBLE | Seconds per 10^9 bytes sent that one job of ten stays under.
-- column: is_sent_known BOOLEAN | Whether the fit tells reading from sending.
-- Least squares of transfer_s = a * vhd_bytes + b * bytes_transferred over the jobs of one volume (or of all), both not
-- negative, each job weighted by 1 / transfer_s squared so that long jobs do not decide alone (reference/model.md 2.2,
-- without contention). Per 10^9 bytes. Rows with volume NULL hold the fit over all volumes.
WITH observed AS (
    SELECT
        j.vm, coalesce(j.volume, '') AS volume,
        (moved.us - moving.us) / 1000000.0 AS x,
        t.vhd_bytes / 1000000000.0 AS v,
        j.bytes_transferred / 1000000000.0 AS d
    FROM job_base AS j
    JOIN job_tracking AS t ON t.job_id = j.job_id AND t.tracking IN ('block_compare', 'unknown', 'change_tracking')
    -- both ends of the transfer are observed
    JOIN boundaries AS moving ON moving.job_id = j.job_id AND moving.place = 4
    JOIN boundaries AS moved ON moved.job_id = j.job_id AND moved.place = 5
    WHERE j.level = 'host' AND j.kind = 'express_full' AND j.is_good
        AND moved.us > moving.us AND t.vhd_bytes > 0 AND j.bytes_transferred IS NOT NULL
),
pooled AS (
    SELECT vm, volume, x, v, d FROM observed
    UNION ALL
    SELECT vm, CAST(NULL AS VARCHAR), x, v, d FROM observed
),
sums AS (
    SELECT
        volume, count(*) AS jobs, count(DISTINCT vm) AS vms,
        sum(v * v / (x * x)) AS vv, sum(v * d / (x * x)) AS vd, sum(d * d / (x * x)) AS dd,
        sum(v / x) AS vx, sum(d / x) AS dx,
        quantile_of(CASE WHEN d > 0 THEN x / d END, 0.1) AS sent_bound
    FROM pooled
    GROUP BY volume
),
solved AS (
    SELECT
        *,
        CASE WHEN det > 0.001 * vv * dd THEN (dd * vx - vd * dx) / det END AS a,
        CASE WHEN det > 0.001 * vv * dd THEN (vv * dx - vd * vx) / det END AS b
    FROM (SELECT *, vv * dd - vd * vd AS det FROM sums) AS determined
)
SELECT
    volume,
    jobs,
    vms,
    CASE WHEN a IS NULL OR b < 0 THEN vx / nullif(vv, 0) WHEN a < 0 THEN 0 ELSE a END AS scan_s_per_gb,
    CASE WHEN a IS NULL OR b < 0 THEN 0 WHEN a < 0 THEN dx / nullif(dd, 0) ELSE b END AS sent_s_per_gb,
    sent_bound AS sent_bound_s_per_gb,
    a IS NOT NULL AND b > 0 AS is_sent_known
FROM solved
