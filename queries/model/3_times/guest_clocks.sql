-- title: Clock offset of each guest
-- question: By how much does a guest's clock differ from its host's, and how sure is that?
-- All that VSS does in a guest lies within its host's DoSnapshotSet. Each job therefore bounds the offset (host time - guest time),
-- and all jobs of a guest together bound it more tightly, as long as one offset fits them all.
WITH sightings AS (
    SELECT
        w.vm, w.job_id, w.from_us, coalesce(s.t2_latest_us, w.to_us) AS to_us, min(h.latest_us) AS first_us, max(h.us) AS last_us
    FROM event_claims AS c
    JOIN event_hits AS h ON h.marker = c.marker AND h.source_id = c.source_id AND h.record_no = c.record_no
    JOIN job_windows AS w ON w.job_id = c.job_id
    LEFT JOIN host_sightings AS s ON s.job_id = c.job_id
    WHERE h.gives = 't1' AND h.how IN ('observes', 'near', 'after')
    GROUP BY w.vm, w.job_id, w.from_us, coalesce(s.t2_latest_us, w.to_us)
)
SELECT
    vm,
    count(*) AS jobs,
    max(from_us - first_us) AS offset_low_us,
    min(to_us - last_us) AS offset_high_us,
    max(from_us - first_us) <= min(to_us - last_us) AS is_constant
FROM sightings
GROUP BY vm
