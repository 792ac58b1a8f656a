-- question: When were the snapshots of host and guest taken, as the events show it?
-- grain: one job that events of its host or its guest show
-- key: job_id
-- reads: job_events
-- column: job_id VARCHAR | The job.
-- column: t2_us BIGINT | Host snapshot, observed; all times in microseconds since 1970, UTC, by the writer's clock.
-- column: t2_latest_us BIGINT | Latest time that the record of it means.
-- column: t2_near_us BIGINT | When VSS opened its audit source on the host.
-- column: t2_before_us BIGINT | Earliest event that can only follow the host snapshot.
-- column: mount_us BIGINT | First mount of a virtual disk on the snapshot.
-- column: unmount_us BIGINT | Last virtual disk let go.
-- column: t1_us BIGINT | In-guest snapshot, observed.
-- column: t1_latest_us BIGINT | Latest time that the record of it means.
-- column: t1_after_us BIGINT | Latest event that can only precede the in-guest snapshot.
-- column: t1_before_us BIGINT | Earliest event that can only follow it.
-- column: t1_first_us BIGINT | Earliest work of VSS in the guest.
-- column: t1_last_us BIGINT | Latest work of VSS in the guest.
-- column: has_guest BOOLEAN | Whether any event of its guest belongs to it.
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
