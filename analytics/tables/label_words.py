"""The words of the rule file of event labels: what a label can stand for, and how well it is founded."""

from __future__ import annotations

from analytics.tables.value import Value, Vocabulary

LABEL_FIELDS = Vocabulary(
    "field",
    (
        Value("log", "Name of the event log."),
        Value("source", "Provider of the event."),
        Value("date", "When it was written, in local time."),
        Value("id", "Event id."),
        Value("instance_id", "Event id with severity and facility in its upper half."),
        Value("category", "Task category."),
        Value("level", "Level, as a word or a number."),
        Value("level_name", "Level as a word, beside one that has the number."),
        Value("keywords", "Keywords."),
        Value("opcode", "Opcode."),
        Value("user", "Account, as a name or a SID."),
        Value("user_name", "Account as a name, beside its SID."),
        Value("computer", "Computer that wrote the event."),
        Value("description", "Rendered text."),
        Value("xml", "The line above the XML of the same event."),
        Value("record_id", "Number of the event in its log."),
        Value("record_number", "Number of the event in its log, or its position in an export."),
        Value("version", "Version of the event's definition."),
        Value("payload", "Payload as JSON."),
        Value("payload_part", "A part of the payload as `name: value`."),
        Value("map_text", "What a tool makes of the event."),
        Value("level_*", "The word for a level, of which the number stands behind it."),
        Value("nothing", "A word that stands where there is nothing to say."),
        Value("day_first", "The sign between day and month of dates that begin with the day."),
    ),
)

LABEL_EVIDENCE = Vocabulary(
    "evidence",
    (
        Value("confirmed", "By a real sample or by the program that writes it."),
        Value("seen", "In a public paste."),
        Value("unverified", "By the terms that Windows uses in that language."),
    ),
)
