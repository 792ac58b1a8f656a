-- question: Which events say something about a backup, and what stands in which field of their payload?
-- grain: one Windows event and one rule that names it, wherever it was written
-- key: marker, role, source_id, record_no
-- reads: event_rules, events
-- column: marker VARCHAR | Name that the rule gives it.
-- column: role VARCHAR | Which computers' events count: host, guest, dpm-server, any.
-- column: gives VARCHAR | What it tells.
-- column: how VARCHAR | How it tells it: observes, near, before, after, context.
-- column: by_what VARCHAR | What finds its job: volume, path, pointer, vm, time.
-- column: source_id VARCHAR | The source it was read from.
-- column: record_no BIGINT | Record in the source.
-- column: host VARCHAR | Computer that wrote it.
-- column: host_key VARCHAR | The host in small letters without its domain: what hosts are compared and joined by.
-- column: channel VARCHAR | Log name.
-- column: event_provider VARCHAR | Provider of the event.
-- column: event_id INTEGER | Event id.
-- column: record_id BIGINT | EventRecordID in its channel.
-- column: at TIMESTAMP WITH TIME ZONE | Time created.
-- column: vhd_path VARCHAR | Path of the virtual disk that it names.
-- column: pointer VARCHAR | Handle of the mounted disk that it names.
-- column: volume VARCHAR | Volume that it names, lower case.
-- column: process VARCHAR | Process that asked for the snapshot, lower case.
-- column: event_vm VARCHAR | Name of the VM that it names.
-- column: event_vm_id VARCHAR | GUID of the VM that it names, upper case.
-- column: operation VARCHAR | Steps of VSS that a failure names, outermost last.
-- column: says VARCHAR | The message, else the text in its payload.
-- column: data VARCHAR | Payload as JSON.
-- column: message VARCHAR | Rendered text where an export has it.
-- The rules are data: queries/model/rules/events.csv. Provider, id and channel together make a match, because ids are
-- reused; the columns field_... name the field that holds the VHD, the volume and so on, only_if_... the condition
-- under which an event counts at all. The same event exported twice counts once.
WITH sorts AS (
    SELECT DISTINCT channel, event_provider, event_id FROM events
),
rules AS (
    -- Each rule with the sorts of events that it means; `*` stands for any id, or for the rest of a provider's name.
    SELECT
        k.channel, k.event_provider, k.event_id, r.marker, r.role, r.gives, r.how, r.by_what,
        r.field_vhd, r.field_pointer, r.field_volume, r.field_process, r.field_vm, r.field_vm_id, r.field_operation,
        r.field_text, r.only_if_field, r.only_if_contains
    FROM sorts AS k
    JOIN event_rules AS r
        ON (r.event_id = '*' OR r.event_id = CAST(k.event_id AS VARCHAR))
        AND (lower(r.event_provider) = lower(k.event_provider)
            OR right(r.event_provider, 1) = '*'
                AND starts_with(lower(k.event_provider), lower(rtrim(r.event_provider, '*'))))
        AND (r.channel IS NULL OR k.channel IS NULL OR channel_key_of(r.channel) = channel_key_of(k.channel))
),
found AS (
    SELECT
        r.*, e.source_id, e.record_no, e.host, e.host_key, e.record_id, e."at", e.data,
        coalesce(e.message, min(e.message) OVER (
            PARTITION BY r.marker, e.host, e.channel, e.event_provider, e.event_id, e.record_id, e."at"
        )) AS message,
        row_number() OVER (
            PARTITION BY r.marker, e.host, e.channel, e.event_provider, e.event_id, e.record_id, e."at"
            ORDER BY e.source_id, e.record_no
        ) AS copy
    FROM events AS e
    JOIN rules AS r
        ON r.event_provider = e.event_provider AND r.event_id = e.event_id AND r.channel IS NOT DISTINCT FROM e.channel
    WHERE e."at" IS NOT NULL
)
SELECT
    marker,
    role,
    gives,
    how,
    by_what,
    source_id,
    record_no,
    host,
    host_key,
    channel,
    event_provider,
    event_id,
    record_id,
    "at",
    field_of(data, field_vhd) AS vhd_path,
    field_of(data, field_pointer) AS pointer,
    lower(field_of(data, field_volume)) AS volume,
    lower(field_of(data, field_process)) AS process,
    field_of(data, field_vm) AS event_vm,
    upper(field_of(data, field_vm_id)) AS event_vm_id,
    list_of(data, field_operation) AS operation,
    coalesce(message, field_of(data, field_text)) AS says,
    data,
    message
FROM found
WHERE copy = 1 AND (only_if_field IS NULL OR contains(lower(field_of(data, only_if_field)), lower(only_if_contains)))
