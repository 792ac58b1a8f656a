-- question: By how much do the clocks of hosts, DPM servers and guests differ, when, and how sure is that?
-- grain: one pair of clocks, one night, and one segment between two settings of a clock
-- key: a, b, told_by, night, segment
-- reads: deltas, job_base, job_clocks, job_marks, job_windows, sightings
-- column: a VARCHAR | Host whose clock it is, without its domain.
-- column: b VARCHAR | DPM server or guest that it is compared with, or events for its own event logs.
-- column: told_by VARCHAR | What shows it: job_records, guest_events, host_events.
-- column: night DATE | Local date on which the backup window opens.
-- column: segment INTEGER | 0, and one more each time that the clock is seen to have been set.
-- column: from_at TIMESTAMP WITH TIME ZONE | Start of the first job that shows it.
-- column: until_at TIMESTAMP WITH TIME ZONE | Start of the last one.
-- column: is_constant BOOLEAN | Whether one offset fits all jobs; else the bounds enclose those of each.
-- column: offset_low_s DOUBLE | Least offset that fits: time of a less time of b.
-- column: offset_high_s DOUBLE | Greatest offset that fits.
-- column: jobs BIGINT | Jobs that bound it.
-- Three pairs of clocks: that of a host against its DPM server's (job_records: job_clocks), against a guest's
-- (guest_events: the work of VSS in the guest lies within that on the host), and the times of a host's errlog against
-- those of its events (host_events: the snapshot lies between the claim and ProviderId). A clock that was set starts
-- a new segment where job records show it, and is not constant on its night where they do not.
WITH bounds AS (
    SELECT
        job_id, 'job_records' AS told_by, CAST(NULL AS VARCHAR) AS b, segment, is_constant,
        offset_low_us AS low_us, offset_high_us AS high_us
    FROM job_clocks
    WHERE tells
    UNION ALL
    SELECT
        d.job_id, 'guest_events', d.vm, 0, NULL, w.from_us - s.t1_first_us,
        coalesce(s.t2_latest_us, w.to_us) - s.t1_last_us
    FROM deltas AS d
    JOIN sightings AS s ON s.job_id = d.job_id
    JOIN job_windows AS w ON w.job_id = d.job_id
    WHERE d.shows_clock
    UNION ALL
    SELECT
        s.job_id, 'host_events', 'events', 0, NULL, coalesce(m.last_refusal_us, m.add_us) - s.t2_latest_us,
        m.provider_us - s.t2_us
    FROM sightings AS s
    JOIN job_base AS j ON j.job_id = s.job_id
    JOIN job_marks AS m ON m.job_id = j.marks_id
    WHERE s.t2_us IS NOT NULL AND m.add_us IS NOT NULL AND m.provider_us IS NOT NULL
),
named AS (
    SELECT
        b.told_by, b.segment, b.is_constant, b.low_us, b.high_us, j.night, j.started_at,
        host_key_of(j.host) AS host_key, computer_of(j.host) AS host,
        coalesce(b.b, computer_of(j.dpm_server)) AS other
    FROM bounds AS b
    JOIN job_base AS j ON j.job_id = b.job_id
    WHERE j.host IS NOT NULL AND j.night IS NOT NULL
),
fitted AS (
    SELECT
        told_by, min(host) AS a, min(other) AS b, night, segment, min(started_at) AS from_at,
        max(started_at) AS until_at, count(*) AS jobs,
        coalesce(bool_and(is_constant), max(low_us) <= min(high_us)) AS is_constant,
        min(low_us) AS least_us, max(low_us) AS low_us, min(high_us) AS high_us, max(high_us) AS most_us
    FROM named
    GROUP BY told_by, host_key, lower(other), night, segment
)
SELECT
    a, b, told_by, night, segment, from_at, until_at, is_constant,
    CASE WHEN is_constant THEN low_us ELSE least_us END / 1000000.0 AS offset_low_s,
    CASE WHEN is_constant THEN high_us ELSE most_us END / 1000000.0 AS offset_high_s,
    jobs
FROM fitted
