-- question: Which records mark the boundary of a phase?
-- grain: one errlog record and one rule that names it
-- key: marker, source_id, line_no
-- reads: marker_rules, trace
-- column: marker VARCHAR | Name that the rule gives it.
-- column: at TIMESTAMP WITH TIME ZONE | Time of the record.
-- column: host VARCHAR | Computer that wrote it.
-- column: pid VARCHAR | Process id as written.
-- column: tid VARCHAR | Thread id as written.
-- column: object VARCHAR | Object pointer.
-- column: task_id VARCHAR | DPM's task GUID, from the record or its message.
-- column: volume VARCHAR | What the rule captures as volume.
-- column: detail VARCHAR | What else the rule captures.
-- column: source_id VARCHAR | The source it was read from.
-- column: line_no BIGINT | Line in the source.
-- The rules are data: queries/model/rules/errlog.csv. Rules with a source file join on it, the others on the first
-- letters of the message, so that no record is compared with every rule.
WITH matched AS (
    SELECT r.marker, r.volume_after, r.volume_before, r.detail_after, r.detail_before, t.*
    FROM trace AS t
    JOIN marker_rules AS r ON lower(t.file) = r.file
    WHERE (r.match = 'prefix' AND starts_with(t.message, r.text)) OR (r.match = 'contains' AND contains(t.message, r.text))
    UNION ALL
    SELECT r.marker, r.volume_after, r.volume_before, r.detail_after, r.detail_before, t.*
    FROM trace AS t
    JOIN marker_rules AS r ON r.file IS NULL AND left(t.message, 6) = left(r.text, 6)
    WHERE starts_with(t.message, r.text)
)
SELECT
    marker,
    "at",
    host,
    pid,
    tid,
    object,
    coalesce(task_id, upper(nullif(regexp_extract(
        CASE WHEN marker IN ('mount_storage_end', 'unmount_storage_end') THEN message END,
        '[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}', 0
    ), ''))) AS task_id,
    CASE WHEN volume_after IS NOT NULL AND contains(message, volume_after) THEN nullif(split_part(
        substr(message, strpos(message, volume_after) + length(volume_after)), volume_before, 1
    ), '') END AS volume,
    CASE
        WHEN detail_after IS NULL OR NOT contains(message, detail_after) THEN NULL
        WHEN detail_before IS NULL THEN substr(message, strpos(message, detail_after) + length(detail_after))
        ELSE split_part(substr(message, strpos(message, detail_after) + length(detail_after)), detail_before, 1)
    END AS detail,
    source_id,
    line_no
FROM matched
