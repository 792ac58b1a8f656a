-- title: Windows events that a rule names
-- question: Which events say something about a backup, and about which disk, volume or VM?
-- The rules are data: queries/model/rules/events.csv; provider, id and channel together make a match, because ids are reused.
-- The same event exported twice counts once. A path on a snapshot device is told from an ordinary one; what follows the volume is
-- the same in both (disk_key). Classic sources of older systems cut their times to whole seconds: latest_us is the latest time meant. A guest is a computer that carries the name of a VM and runs no Hyper-V jobs itself.
WITH distinct_events AS (
    SELECT
        min(source_id) AS source_id, min(record_no) AS record_no, host, channel, event_provider, event_id, record_id, "at",
        min(data) AS data, min(message) AS message
    FROM events
    WHERE "at" IS NOT NULL
    GROUP BY host, channel, event_provider, event_id, record_id, "at"
),
matched AS (
    SELECT r.marker, r.gives, r.how, r.by_what, r.role, r.detail_field, e.*, split_part(e.host, '.', 1) AS computer
    FROM distinct_events AS e
    JOIN event_rules AS r
        ON lower(r.event_provider) = lower(e.event_provider) AND r.event_id = CAST(e.event_id AS VARCHAR)
        AND (r.channel IS NULL OR lower(replace(r.channel, '/', '-')) = lower(replace(coalesce(e.channel, r.channel), '/', '-')))
    UNION ALL
    SELECT r.marker, r.gives, r.how, r.by_what, r.role, r.detail_field, e.*, split_part(e.host, '.', 1)
    FROM distinct_events AS e
    JOIN event_rules AS r
        ON (r.event_id = '*' AND lower(r.event_provider) = lower(e.event_provider))
        OR (right(r.event_provider, 1) = '*' AND r.event_id = CAST(e.event_id AS VARCHAR)
            AND starts_with(lower(e.event_provider), lower(left(r.event_provider, length(r.event_provider) - 1))))
),
known_roles AS (
    SELECT lower(split_part(host, '.', 1)) AS computer_key, max(role) AS role FROM collections WHERE host IS NOT NULL GROUP BY 1
),
vm_names AS (
    SELECT lower(vm) AS vm_key, max(vm) AS vm, max(upper(vm_id)) AS vm_id FROM vms WHERE vm IS NOT NULL GROUP BY lower(vm)
),
placed AS (
    SELECT
        m.*,
        coalesce(k.role, CASE WHEN v.vm IS NOT NULL THEN 'guest' ELSE 'hyper-v-host' END) AS computer_role,
        coalesce(data ->> 'VhdFileName', data ->> 'VhdFile') AS vhd_path,
        data ->> 'VirtualDisk' AS pointer,
        upper(coalesce(data ->> 'VmId', data ->> 'VMId', data ->> 'Parameter1')) AS event_vm_id,
        coalesce(data ->> 'VmName', data ->> 'Parameter0') AS event_vm,
        lower(coalesce(data ->> 'VolumeName', data ->> 'VolumeGuid', data ->> 'TargetVolumeGuid',
            CASE WHEN marker IN ('host_snapshot', 'guest_snapshot') THEN data ->> '9' END)) AS volume,
        CASE WHEN marker IN ('host_snapshot', 'guest_snapshot') AND event_id = 8222 THEN lower(data ->> '4') END AS process,
        data ->> 'AuditSourceName' AS audit_source,
        data ->> 'DeviceInstanceId' AS device,
        data ->> 'DeviceName' AS device_name,
        v.vm AS guest_vm
    FROM matched AS m
    LEFT JOIN known_roles AS k ON k.computer_key = lower(m.computer)
    LEFT JOIN vm_names AS v ON v.vm_key = lower(m.computer)
)
SELECT
    marker,
    gives,
    how,
    by_what,
    source_id,
    record_no,
    computer AS host,
    computer_role,
    channel,
    event_provider,
    event_id,
    record_id,
    "at",
    epoch_us("at") AS us,
    epoch_us("at") + CASE WHEN epoch_us("at") % 1000000 = 0 THEN 999999 ELSE 0 END AS latest_us,
    vhd_path,
    pointer,
    event_vm_id,
    event_vm,
    nullif(regexp_extract(volume, '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}', 0), '') AS volume_guid,
    process,
    guest_vm,
    CASE WHEN gives = 'failure' THEN nullif(array_to_string(TRY_CAST(data -> 'Operation' AS VARCHAR[]), ', '), '') END AS operation,
    regexp_matches(lower(vhd_path), '^(?:\\\\\?\\(?:globalroot\\)?(?:device\\)?(?:volume\{?[0-9a-f-]{36}\}?|harddiskvolumeshadowcopy\d+)'
        || '|\\device\\harddiskvolumeshadowcopy\d+)\\') AS is_on_snapshot,
    regexp_replace(lower(vhd_path), '^(?:\\\\\?\\(?:globalroot\\)?(?:device\\)?[^\\]+\\|\\device\\[^\\]+\\'
        || '|[a-z]:\\clusterstorage\\[^\\]+\\|[a-z]:\\)', '') AS disk_key,
    data,
    message
FROM placed
WHERE (role = 'any' OR (role = 'guest') = (computer_role = 'guest'))
    AND (event_id <> 4904 OR audit_source = 'VSSAudit')
    AND (event_provider <> 'Microsoft-Windows-Kernel-PnP' OR contains(upper(coalesce(device, '')), 'VOLUMESNAPSHOT'))
    AND (event_provider <> 'Microsoft-Windows-Ntfs' OR contains(lower(coalesce(device_name, '')), 'shadowcopy'))
    AND (marker <> 'guest_recovery' OR contains(lower(coalesce(data ->> '5', '')), 'shadowcopy'))
