-- question: By how much does the host's clock differ from the DPM server's while a job runs?
-- grain: one job of which there are a record and the log of its host
-- key: job_id
-- reads: job_base, job_marks
-- column: job_id VARCHAR | The job.
-- column: host_key VARCHAR | The host in small letters without its domain: what hosts are compared and joined by.
-- column: server_key VARCHAR | The DPM server in small letters without its domain.
-- column: night DATE | Local date on which the backup window opens.
-- column: segment INTEGER | 0, and one more each time that the host's clock is seen to have been set.
-- column: start_us BIGINT | Start that the record states; microseconds since 1970, UTC.
-- column: tells BOOLEAN | Whether the job itself bounds the offset.
-- column: is_constant BOOLEAN | Whether one offset fits all jobs of the night and segment.
-- column: offset_low_us BIGINT | Least offset that fits, host time less server time, microseconds.
-- column: offset_high_us BIGINT | Greatest offset that fits.
-- column: shift_us BIGINT | Offset that is used: 0 where none is proven, else the middle.
-- column: evidence INTEGER | 3 where the offset is known more closely than the record states its times, else 2.
-- All that the host's agent wrote of a job lies between the start and the end of its record, so each job bounds the
-- offset: from its last line less the end to its first line less the start. The times of a record are as precise as
-- both look (slack_of). A job that no offset fits spans a jump of the clock and tells nothing; where the bounds of a
-- job and of the one before are disjoint, the clock was set and a new segment begins. What all jobs of a night and
-- segment allow is the offset of each of them, of a job that spans a jump what the segments on both sides allow. Less
-- than a second beyond zero is no difference: records may be rounded. The shift is none where no difference is
-- proven, else the middle of the bounds.
WITH pairs AS (
    SELECT
        j.job_id, host_key_of(j.host) AS host_key, host_key_of(j.dpm_server) AS server_key, j.night,
        us_of(j.record_started_at) AS start_us,
        least(slack_of(us_of(j.record_started_at)), slack_of(us_of(j.record_ended_at))) AS precision_us,
        m.last_us - us_of(j.record_ended_at) - precision_us AS low_us,
        m.first_us - us_of(j.record_started_at) AS high_us
    FROM job_base AS j
    JOIN job_marks AS m ON m.job_id = j.marks_id
    WHERE j.record_started_at IS NOT NULL AND m.is_host_log AND NOT m.is_online
        AND host_key_of(j.host) <> host_key_of(j.dpm_server)
),
steps AS (
    SELECT job_id, low_us > lag(high_us) OVER in_time OR high_us < lag(low_us) OVER in_time AS has_jumped
    FROM pairs
    WHERE low_us <= high_us
    WINDOW in_time AS (PARTITION BY host_key, server_key ORDER BY start_us, job_id)
),
segments AS (
    SELECT
        p.*, s.job_id IS NOT NULL AS tells, s.job_id IS NULL AND p.low_us IS NOT NULL AS spans_jump,
        CAST(sum(CASE WHEN s.has_jumped THEN 1 ELSE 0 END) OVER (
            PARTITION BY p.host_key, p.server_key ORDER BY p.start_us, p.job_id ROWS UNBOUNDED PRECEDING
        ) AS INTEGER) AS segment
    FROM pairs AS p
    LEFT JOIN steps AS s ON s.job_id = p.job_id
),
fitted AS (
    SELECT
        host_key, server_key, segment, night, max(low_us) <= min(high_us) AS is_constant,
        CASE WHEN max(low_us) <= min(high_us) THEN max(low_us) ELSE min(low_us) END AS low_us,
        CASE WHEN max(low_us) <= min(high_us) THEN min(high_us) ELSE max(high_us) END AS high_us
    FROM segments
    WHERE tells
    GROUP BY host_key, server_key, segment, night
),
hulls AS (
    SELECT host_key, server_key, segment, min(low_us) AS low_us, max(high_us) AS high_us
    FROM fitted
    GROUP BY host_key, server_key, segment
),
bounded AS (
    SELECT
        s.job_id, s.host_key, s.server_key, s.night, s.segment, s.tells, s.start_us, s.precision_us,
        CASE WHEN s.spans_jump THEN false ELSE f.is_constant END AS is_constant,
        CASE WHEN s.spans_jump THEN least(h.low_us, n.low_us, s.high_us)
            ELSE coalesce(f.low_us, h.low_us, least(s.high_us, 0)) END AS low_us,
        CASE WHEN s.spans_jump THEN greatest(h.high_us, n.high_us, s.low_us)
            ELSE coalesce(f.high_us, h.high_us, greatest(s.high_us, 0)) END AS high_us
    FROM segments AS s
    LEFT JOIN fitted AS f
        ON f.host_key = s.host_key AND f.server_key = s.server_key AND f.segment = s.segment AND f.night = s.night
    LEFT JOIN hulls AS h ON h.host_key = s.host_key AND h.server_key = s.server_key AND h.segment = s.segment
    LEFT JOIN hulls AS n ON n.host_key = s.host_key AND n.server_key = s.server_key AND n.segment = s.segment + 1
),
rounded AS (
    SELECT
        *,
        CASE WHEN low_us > 0 AND low_us <= 1000000 THEN 0 ELSE low_us END AS offset_low_us,
        CASE WHEN high_us < 0 AND high_us >= -1000000 THEN 0 ELSE high_us END AS offset_high_us
    FROM bounded
)
SELECT
    job_id, host_key, server_key, night, segment, start_us, tells, coalesce(is_constant, false) AS is_constant,
    offset_low_us, offset_high_us,
    CASE WHEN offset_low_us <= 0 AND offset_high_us >= 0 THEN 0 ELSE (offset_low_us + offset_high_us) // 2 END
        AS shift_us,
    CASE WHEN is_constant AND offset_high_us - offset_low_us < precision_us THEN 3 ELSE 2 END AS evidence
FROM rounded
