-- title: What the host's events say of each snapshot
-- question: When was the host snapshot taken, and when was the VHD mounted and let go, as the events of the host show it?
-- Microseconds since 1970, UTC. t2_us is observed; t2_near_us is the moment VSS opened its audit source; t2_before_us is the
-- earliest event that can only follow the snapshot.
SELECT
    c.job_id,
    min(CASE WHEN h.gives = 't2' AND h.how = 'observes' THEN h.us END) AS t2_us,
    min(CASE WHEN h.gives = 't2' AND h.how = 'observes' THEN h.latest_us END) AS t2_latest_us,
    min(CASE WHEN h.gives = 't2' AND h.how = 'near' THEN h.us END) AS t2_near_us,
    min(CASE WHEN h.gives = 't2' AND h.how = 'before' THEN h.latest_us END) AS t2_before_us,
    min(CASE WHEN h.gives = 'mount' THEN h.us END) AS mount_us,
    max(CASE WHEN h.gives = 'unmount' THEN h.us END) AS unmount_us
FROM event_claims AS c
JOIN event_hits AS h ON h.marker = c.marker AND h.source_id = c.source_id AND h.record_no = c.record_no
WHERE h.gives IN ('t2', 'mount', 'unmount')
GROUP BY c.job_id
