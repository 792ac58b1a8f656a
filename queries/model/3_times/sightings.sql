-- title: What the events say of the snapshots of each job
-- question: When were the snapshots of host and guest taken, and the VHD mounted and let go, as the events show it?
-- Microseconds since 1970, UTC, each by the clock of the computer that wrote the event. t2 is the host's snapshot, t1
-- the guest's. ..._us alone is observed; near: VSS opened its audit source; before: the earliest event that can only
-- follow the snapshot; after: the latest that can only precede it. first and last enclose all of VSS in the guest.
SELECT
    job_id,
    min(CASE WHEN gives = 't2' AND how = 'observes' THEN us END) AS t2_us,
    min(CASE WHEN gives = 't2' AND how = 'observes' THEN latest_us END) AS t2_latest_us,
    min(CASE WHEN gives = 't2' AND how = 'near' THEN us END) AS t2_near_us,
    min(CASE WHEN gives = 't2' AND how = 'before' THEN latest_us END) AS t2_before_us,
    min(CASE WHEN gives = 'mount' THEN us END) AS mount_us,
    max(CASE WHEN gives = 'unmount' THEN us END) AS unmount_us,
    min(CASE WHEN gives = 't1' AND how = 'observes' THEN us END) AS t1_us,
    min(CASE WHEN gives = 't1' AND how = 'observes' THEN latest_us END) AS t1_latest_us,
    max(CASE WHEN gives = 't1' AND how = 'after' THEN us END) AS t1_after_us,
    min(CASE WHEN gives = 't1' AND how = 'before' THEN latest_us END) AS t1_before_us,
    min(CASE WHEN gives = 't1' AND how IN ('observes', 'near', 'after') THEN latest_us END) AS t1_first_us,
    max(CASE WHEN gives = 't1' AND how IN ('observes', 'near', 'after') THEN us END) AS t1_last_us,
    max(CASE WHEN gives = 't1' THEN 1 ELSE 0 END) = 1 AS has_guest
FROM job_events
GROUP BY job_id
