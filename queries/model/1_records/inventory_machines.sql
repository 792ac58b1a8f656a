-- question: Which machine is each entry of the inventory?
-- grain: one virtual disk of one VM at one time of collection
-- key: source_id, record_no
-- reads: vms
-- column: source_id VARCHAR | The source it was read from.
-- column: record_no BIGINT | Line of the source, as in vms.
-- column: machine_id VARCHAR | Its VMId, else VHD- or NAME- and a digest.
-- column: told_by VARCHAR | What tells whose it is: vm_id, vhd_path, name.
-- column: vm VARCHAR | Name that the machine bore.
-- column: name_key VARCHAR | The name in small letters.
-- column: host VARCHAR | Hyper-V host that ran it, without its domain.
-- column: host_key VARCHAR | The host in small letters without its domain: what hosts are compared and joined by.
-- column: cluster VARCHAR | Failover cluster, NULL for a stand-alone host.
-- column: scope_key VARCHAR | Cluster of the host, else the host: within it a name or a path is one machine's.
-- column: vhd_key VARCHAR | Path of the disk in small letters, NULL for a disk that is passed through.
-- column: us BIGINT | When the inventory was taken, microseconds since 1970, UTC; 0 where unknown.
-- column: valid_from_us BIGINT | From when this holds of the machine; 0 for the first.
-- column: valid_to_us BIGINT | Until when this holds, NULL for the latest.
-- One machine is one VMId. Rows without one belong to the VMId that alone owns one of their disks, else that alone
-- bears their name, in the same scope: the cluster of the host, else the host itself. What no VMId claims is told by
-- its disks, so that a renamed machine stays one, and then by its name, so that one that moved to other disks does. A
-- disk that two names have on one day is shared and tells nothing, nor does one that two VMIds have, nor one of the
-- host that is passed through.
WITH homes AS (
    SELECT host_key, max_by(host_key_of(cluster), (us_of(collected_at), cluster)) AS cluster_key
    FROM vms
    WHERE cluster IS NOT NULL
    GROUP BY host_key
),
placed AS (
    SELECT
        v.source_id, v.record_no, v.vm, v.vm_id, lower(v.vm) AS name_key, computer_of(v.host) AS host,
        v.host_key, v.cluster, coalesce(h.cluster_key, host_key_of(v.cluster), v.host_key, '') AS scope_key,
        CASE WHEN NOT coalesce(v.pass_through, false) AND NOT starts_with(v.vhd_path, '\\.\')
            THEN lower(v.vhd_path) END AS vhd_key,
        coalesce(us_of(v.collected_at), 0) AS us,
        coalesce(us_of(v.collected_at), 0) // 86400000000 AS day
    FROM vms AS v
    LEFT JOIN homes AS h ON h.host_key = v.host_key
    WHERE v.vm IS NOT NULL
),
strays AS (
    -- what has no VMId: who alone with a VMId has the disk, and who alone bears the name
    SELECT
        p.*, o.vm_id AS owner_id, b.vm_id AS bearer_id,
        CASE WHEN count(DISTINCT day || '|' || p.name_key) OVER same_disk = count(DISTINCT day) OVER same_disk
            THEN p.vhd_key END AS own_key
    FROM placed AS p
    LEFT JOIN (
        SELECT scope_key, vhd_key, min(vm_id) AS vm_id FROM placed
        GROUP BY scope_key, vhd_key HAVING min(vm_id) = max(vm_id)
    ) AS o ON o.scope_key = p.scope_key AND o.vhd_key = p.vhd_key
    LEFT JOIN (
        SELECT scope_key, name_key, min(vm_id) AS vm_id FROM placed
        GROUP BY scope_key, name_key HAVING min(vm_id) = max(vm_id)
    ) AS b ON b.scope_key = p.scope_key AND b.name_key = p.name_key
    WHERE p.vm_id IS NULL
    WINDOW same_disk AS (PARTITION BY p.scope_key, p.vhd_key)
),
united AS (
    SELECT *, min(owner_id) OVER one_entry AS disk_id, min(own_key) OVER one_entry AS least_key
    FROM strays
    WINDOW one_entry AS (PARTITION BY scope_key, name_key, host_key, us)
),
linked AS (
    SELECT
        *,
        CASE WHEN own_key IS NULL THEN least_key
            ELSE min(least_key) OVER (PARTITION BY scope_key, own_key) END AS link_key
    FROM united
),
rooted AS (
    SELECT *, min(link_key) OVER (PARTITION BY scope_key, name_key, host_key, us) AS root_key FROM linked
),
told AS (
    SELECT
        *,
        CASE
            WHEN count(DISTINCT day || '|' || root_key) OVER same_name
                = count(DISTINCT CASE WHEN root_key IS NOT NULL THEN day END) OVER same_name
                THEN min(root_key) OVER same_name
            ELSE root_key
        END AS disk_key
    FROM rooted
    WINDOW same_name AS (PARTITION BY scope_key, name_key)
),
settled AS (
    SELECT
        source_id, record_no, vm, name_key, host, host_key, cluster, scope_key, vhd_key, us,
        vm_id AS machine_id, 'vm_id' AS told_by
    FROM placed
    WHERE vm_id IS NOT NULL
    UNION ALL
    SELECT
        source_id, record_no, vm, name_key, host, host_key, cluster, scope_key, vhd_key, us,
        coalesce(
            disk_id, bearer_id, 'VHD-' || left(upper(md5(scope_key || '|' || disk_key)), 16),
            'NAME-' || left(upper(md5(scope_key || '|' || name_key)), 16)
        ),
        CASE WHEN disk_id IS NOT NULL OR bearer_id IS NULL AND disk_key IS NOT NULL THEN 'vhd_path' ELSE 'name' END
    FROM told
)
SELECT
    source_id, record_no, machine_id, told_by, vm, name_key, host, host_key, cluster, scope_key, vhd_key, us,
    CASE WHEN us = min(us) OVER (PARTITION BY machine_id) THEN 0 ELSE us END AS valid_from_us,
    min(us) OVER later AS valid_to_us
FROM settled
WINDOW later AS (PARTITION BY machine_id ORDER BY us RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
