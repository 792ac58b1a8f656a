"""Rule files of queries/model/rules/: what columns they have, what their cells may hold, and how they are loaded.

A new DPM or Windows version is a new row with a sample that proves it. A file that does not fit is refused when it is
loaded, with its name, the line and what would be right.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from analytics.errors import ConfigurationError
from analytics.tables import job_words
from analytics.tables import vocabulary as words
from analytics.tables.rule_checks import (
    EVENT_FIELDS,
    Flaw,
    Rule,
    event_flaws,
    explanation_flaws,
    lower_case_flaws,
    marker_flaws,
    number_flaws,
)
from analytics.tables.rule_words import (
    BY_WHAT,
    CHANNEL_SHOWS,
    CHANNEL_WAYS,
    GIVES,
    HOW,
    LABEL_EVIDENCE,
    LABEL_FIELDS,
    MARKER_MATCHES,
    MARKER_SCOPES,
    RULE_ROLES,
)
from analytics.tables.table import FLAG, TEXT, WHOLE, Table, columns

__all__ = ["RULE_FILES", "read_rules"]


_FLAGS = {"true": True, "false": False}


@dataclass(frozen=True)
class _RuleFile:
    """One file: the relation that the model reads, the columns that may be empty, and what else must hold.

    `others` names rule files that its checks look into.
    """

    file: str
    table: Table
    optional: tuple[str, ...] = ()
    check: Callable[..., Iterator[Flaw]] | None = None
    others: tuple[str, ...] = field(default=())


_MARKER_RULES = _RuleFile(
    "errlog.csv",
    Table(
        "marker_rules",
        "one kind of errlog record that marks the boundary of a phase",
        columns(
            ("marker", TEXT, "Name of the marker."),
            ("scope", TEXT, "Whose work it belongs to", MARKER_SCOPES),
            ("eras", TEXT, "Eras whose products write it, letters of A, B, C."),
            ("file", TEXT, "Source file of the product that writes it, lower case; NULL for any."),
            ("text", TEXT, "What its message holds."),
            ("match", TEXT, "Where the text stands", MARKER_MATCHES),
            ("task_in_message", FLAG, "Whether the message names the task where the record does not."),
            ("volume_after", TEXT, "The volume begins behind this text."),
            ("volume_before", TEXT, "The volume ends before this text."),
            ("detail_after", TEXT, "The detail begins behind this text."),
            ("detail_before", TEXT, "The detail ends before this text, NULL for the end of the message."),
            ("enabled", FLAG, "Whether the rule is used."),
            ("evidence", TEXT, "Mark of the evidence in dpm-formats 0.1."),
            ("source", TEXT, "Where it was seen."),
        ),
        question="Which errlog records mark which boundary?",
        key=("file", "text", "match"),
    ),
    ("file", "volume_after", "volume_before", "detail_after", "detail_before"),
    marker_flaws,
)

_EVENT_RULES = _RuleFile(
    "events.csv",
    Table(
        "event_rules",
        "one kind of Windows event that says something about a backup",
        columns(
            ("marker", TEXT, "Name of the marker."),
            ("role", TEXT, "Which computers' events count", RULE_ROLES),
            ("channel", TEXT, "Log name; ids are reused in other logs."),
            ("event_provider", TEXT, "Provider; a name that ends with * stands for all that begin so."),
            ("event_id", TEXT, "Event id, or * for all of the provider."),
            ("gives", TEXT, "What it tells", GIVES),
            ("how", TEXT, "How it tells it", HOW),
            ("by_what", TEXT, "What finds its job", BY_WHAT),
            (
                "field_vhd",
                TEXT,
                "Payload field that holds the path of a disk; A|B: the first that is there.",
            ),
            ("field_pointer", TEXT, "Payload field that holds the handle of the mounted disk."),
            ("field_volume", TEXT, "Payload field that names the volume."),
            ("field_process", TEXT, "Payload field that names the process that asked for the snapshot."),
            ("field_vm", TEXT, "Payload field that names the VM."),
            ("field_vm_id", TEXT, "Payload field that holds the GUID of the VM."),
            ("field_operation", TEXT, "Payload field that lists the steps of VSS."),
            ("field_text", TEXT, "Payload field that holds the text where none is rendered."),
            (
                "only_if_field",
                TEXT,
                "Payload field that decides whether the event counts, NULL where all count.",
            ),
            ("only_if_contains", TEXT, "What that field must hold, in large or small letters."),
            ("enabled", FLAG, "Whether the rule is used; the site file can switch it on."),
            ("source", TEXT, "Where it is documented."),
        ),
        question="Which Windows events say what about a backup?",
        key=("role", "channel", "event_provider", "event_id"),
    ),
    ("channel", *EVENT_FIELDS, "only_if_field", "only_if_contains"),
    event_flaws,
)

_EXPLANATIONS = _RuleFile(
    "explanations.csv",
    Table(
        "explanations",
        "one error id, HRESULT or event that explains a failed job",
        columns(
            ("kind", TEXT, "What the key is", words.EXPLANATION_KINDS),
            ("key", TEXT, "Error id, HRESULT or provider/id."),
            ("explanation", TEXT, "What it means, in one sentence."),
            ("source", TEXT, "Where it is documented."),
        ),
        question="What does an error id, HRESULT or event mean?",
        key=("kind", "key"),
    ),
    check=explanation_flaws,
    others=("event_rules",),
)

_JOB_CATEGORIES = _RuleFile(
    "job_categories.csv",
    Table(
        "job_categories",
        "one category as job records name it",
        columns(
            ("category", TEXT, "Category as read, in small letters."),
            ("kind", TEXT, "What the job does", job_words.KINDS),
            ("source", TEXT, "Where it was seen."),
        ),
        question="What does a job of that category do?",
        key=("category",),
    ),
    check=lower_case_flaws("category"),
)

_TRACKING_ERRORS = _RuleFile(
    "tracking_errors.csv",
    Table(
        "tracking_errors",
        "one error id of DPM after which the next job compares everything",
        columns(
            ("error_code", WHOLE, "Error id of DPM."),
            ("source", TEXT, "Where it is documented."),
        ),
        question="Which errors of a job tell that its change tracking is lost?",
        key=("error_code",),
    ),
    check=number_flaws("error_code"),
)

_JOB_STATUSES = _RuleFile(
    "job_statuses.csv",
    Table(
        "job_statuses",
        "one status as job records name it",
        columns(
            ("status", TEXT, "Status as read, in small letters."),
            ("outcome", TEXT, "How the job ended", words.OUTCOMES),
            ("is_final", FLAG, "Whether nothing more will come."),
            ("source", TEXT, "Where it was seen."),
        ),
        question="How did a job with that status end?",
        key=("status",),
    ),
    check=lower_case_flaws("status"),
)

_EVENT_CHANNELS = _RuleFile(
    "channels.csv",
    Table(
        "event_channels",
        "one event log that would show more, and one role of computers",
        columns(
            ("channel", TEXT, "Log name."),
            ("role", TEXT, "Which computers write it", words.COMPUTER_ROLES),
            ("shows", TEXT, "What it shows of a backup", CHANNEL_SHOWS),
            ("how", TEXT, "How to come by it", CHANNEL_WAYS),
            ("switch_on", TEXT, "The command that switches it on, NULL where none is needed."),
            ("source", TEXT, "Where it is documented."),
        ),
        question="Which event logs are worth having of which computer?",
        key=("channel", "role"),
    ),
    ("switch_on",),
)

_EVENT_LABELS = _RuleFile(
    "event_labels.csv",
    Table(
        "event_labels",
        "one word for a field or a level of a Windows event in one language or tool",
        columns(
            ("field", TEXT, "What the word stands for", LABEL_FIELDS),
            ("language", TEXT, "Language of Windows, or the tool that uses the word."),
            ("label", TEXT, "The word; case, blanks, hyphens and underscores do not matter."),
            ("evidence", TEXT, "How well it is founded", LABEL_EVIDENCE),
            ("source", TEXT, "Where it was seen."),
        ),
        question="How are the fields of a pasted or exported event called in another language?",
        key=("field", "language", "label"),
    ),
)

_FORMAT_RANKS = _RuleFile(
    "format_ranks.csv",
    Table(
        "format_ranks",
        "one log format whose job records may tell of tasks of which another tells as well",
        columns(
            ("format", TEXT, "Name of the format."),
            ("rank", WHOLE, "Which record of a task counts: the least; formats without a rank come last."),
            ("source", TEXT, "What it says that those behind it do not."),
        ),
        question="Which format of job records says most of a task?",
        key=("format",),
    ),
    check=number_flaws("rank"),
)

RULE_FILES: dict[str, _RuleFile] = {
    rules.table.name: rules
    for rules in (
        _MARKER_RULES,
        _EVENT_RULES,
        _EXPLANATIONS,
        _JOB_CATEGORIES,
        _JOB_STATUSES,
        _TRACKING_ERRORS,
        _FORMAT_RANKS,
        _EVENT_CHANNELS,
        _EVENT_LABELS,
    )
}


@cache
def read_rules(folder: Path, name: str) -> tuple[Rule, ...]:
    """The rules of a relation such as marker_rules, in the order of their file; empty cells are None, flags are bool.

    Raises ConfigurationError with file and line for a file that is missing or does not fit.
    """
    rules = RULE_FILES[name]
    path = folder / rules.file
    found = tuple(_checked_cells(rules, path, line, cells) for line, cells in _lines(rules, path))
    for flaw in (*_doubled(rules, found), *_flaws(rules, found, folder)):
        raise flaw.error(path)
    return found


def _flaws(rules: _RuleFile, found: tuple[Rule, ...], folder: Path) -> Iterator[Flaw]:
    if rules.check:
        yield from rules.check(found, *(read_rules(folder, other) for other in rules.others))


def _lines(rules: _RuleFile, path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows below the header with their line; ConfigurationError where the header is not as declared."""
    names = list(rules.table.column_names)
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            header = next(reader, [])
            if header != names:
                raise Flaw(1, _header_words(header, names), f"columns {','.join(names)}").error(path)
            for cells in reader:
                if len(cells) != len(names):
                    raise Flaw(reader.line_num, f"has {len(cells)} cells", f"{len(names)} cells").error(path)
                yield reader.line_num, cells
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"cannot be read: {error}", str(path), "CSV in UTF-8") from error


def _header_words(header: list[str], names: list[str]) -> str:
    unknown = [name for name in header if name not in names]
    missing = [name for name in names if name not in header]
    told = [
        f"{what} {', '.join(some)}" for what, some in (("unknown", unknown), ("missing", missing)) if some
    ]
    return "; ".join(told) or "the columns stand in another order"


def _checked_cells(rules: _RuleFile, path: Path, line: int, cells: list[str]) -> Rule:
    values: dict[str, Any] = {}
    for column, cell in zip(rules.table.columns, cells, strict=True):
        if not cell and column.name not in rules.optional:
            raise Flaw(line, f"{column.name} is empty", column.sentence).error(path)
        if column.type == FLAG and cell not in _FLAGS:
            raise Flaw(line, f"{column.name} is {cell!r}", "true or false").error(path)
        if cell and column.values is not None and cell not in column.values:
            raise Flaw(line, f"{column.name} is {cell!r}", f"one of {', '.join(column.values.names)}").error(
                path
            )
        values[column.name] = _FLAGS[cell] if column.type == FLAG else cell or None
    return Rule(line, values)


def _doubled(rules: _RuleFile, found: tuple[Rule, ...]) -> Iterator[Flaw]:
    first: dict[tuple[str, ...], int] = {}
    for rule in found:
        key = tuple(str(rule.cells[name] or "").casefold() for name in rules.table.key)
        if key in first:
            yield Flaw(
                rule.line, f"the same {', '.join(rules.table.key)} as line {first[key]}", "one line each"
            )
        first.setdefault(key, rule.line)
