"""Counts the records of a text without the readers: by plain patterns, one per format.

An intact record is one of the sample's own, found unchanged and where a record may stand. Each must come through with
its identity. Markers are the most records that a text may hold; more rows than markers were invented.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Row = dict[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Rules:
    """How records of a format look: `record` finds them whole, `marker` where one begins at the earliest.

    `key` are the columns by which a row is known again. `header` finds the lines without which records mean nothing:
    only those below an unchanged one count. `is_whole_line` where a record must begin and end a line, `is_apart` where
    blank lines or an end of the text must stand around it. `is_state` where of several rows of a key only the last is
    kept; then each record is read alone, with `around` it.
    """

    record: str
    marker: str
    key: tuple[str, ...]
    header: str | None = None
    is_whole_line: bool = True
    is_apart: bool = False
    is_state: bool = False
    around: tuple[str, str] = ("", "")


EVENT_KEY = ("event_provider", "event_id", "record_id", "channel", "host", "level")
JOB_KEY = ("task_id", "dpm_job_id", "category", "status", "data_source", "error_code", "bytes_transferred")
ROW = r"(?m)^[^\n]*[^\s][^\n]*$"
CSV_ROW = r'(?m)^(?:"(?:[^"]|"")*"|[^"\n,;\t]*)(?:[,;\t](?:"(?:[^"]|"")*"|[^"\n,;\t]*))*$'
GROUP = r"(?m)^(?:[ ]*ProviderName: [^\n]*\n\n)?[^\n]*\n[ ]*-{2,}(?: +-{2,})+[ ]*$"
DASHES = r"(?m)^[^\n]*\n[ ]*-{2,}(?: +-{2,})+[ ]*$"

# Of a format with several layouts each one has its rules.
RULES: dict[str, Rules | tuple[Rules, ...]] = {
    "events-xml": Rules(r"(?s)<Event[ >].*?</Event>", r"<Event[\s>]", EVENT_KEY, is_whole_line=False),
    "events-json": (
        Rules(r"(?m)^\{\S.*\}\s*$", r"\{", EVENT_KEY),
        Rules(r"(?ms)^( {2,4})\{\n.*?^\1\},?$", r"\{", EVENT_KEY),
    ),
    "collection-json": Rules(
        r"(?s)\A\{.*\}", r"\{", ("host", "role", "collected_at", "time_zone"), is_whole_line=False
    ),
    "log-analytics": (
        Rules(CSV_ROW, r"\n", ("dpm_job_id",), header=r"(?m)^[^\n]*JobUniqueId[^\n]*$", is_state=True),
        Rules(
            r"(?ms)^ \{\n.*?^ \}",
            r"\{",
            ("dpm_job_id",),
            is_whole_line=False,
            is_state=True,
            around=("[", "]"),
        ),
    ),
    "dpm-console-details": Rules(
        r"(?ms)^\S.*?(?=\n\s*\n|\s*\Z)", r"(?m)^.*\S.*$", JOB_KEY, is_apart=True, is_whole_line=False
    ),
    "events-csv": Rules(
        CSV_ROW,
        r"\n",
        EVENT_KEY,
        header=r"(?m)^(?!#)[^\n]*(?:Event|イベント|事件|Ereignis|Identyfikator|Id)[^\n]*$",
    ),
    "event-text": Rules(
        r"(?s)(?:Log Name|ログの名前):.*?(?=\n\s*\n(?:Log Name|ログの名前|Event\[)|\Z)",
        r"(?m)^.{0,8}(?:Log Name|ログの名前|Source|ソース|Date|日付|Level|レベル|Event ID|<Event)",
        ("event_provider", "event_id", "channel", "level", "host"),
        is_whole_line=False,
    ),
    "winevent-list": Rules(
        r"(?ms)^(?:TimeCreated|Message) +: .*?(?=\n\s*\n+(?:TimeCreated|Message) +:|\Z)",
        r"(?m)^\w+ +:",
        ("event_provider", "event_id", "channel", "level"),
        is_apart=True,
    ),
    "winevent-table": Rules(r"(?m)^\d[^\n]*$", r"(?m)^.*\S.*$", ("event_id",), header=GROUP),
    "dpm-errlog": Rules(
        r"(?m)^(?:[^\n:]*\.errlog:)?(?:[0-9A-F]{4}[\t ]+)?(?:[0-9A-F]{4}[\t ]+)?\d\d?[/-]\w[^\n]*$",
        r"(?m)^.*\(\d+\).*$",
        ("pid", "tid", "file", "file_line", "level", "first_line"),
    ),
    "jobs-csv": Rules(CSV_ROW, r"\n", JOB_KEY, header=r"(?m)^[^\n]*TaskId[^\n]*$"),
    "get-dpmjob-csv": Rules(CSV_ROW, r"\n", JOB_KEY, header=r"(?m)^[^\n]*(?:JobId|TaskId)[^\n]*$"),
    "dpm-alerts-csv": Rules(CSV_ROW, r"\n", JOB_KEY, header=r"(?m)^[^\n]*OccurredSince[^\n]*$"),
    "task-trail-csv": Rules(CSV_ROW, r"\n", JOB_KEY, header=r"(?m)^[^\n]*ExecutionState[^\n]*$"),
    "vms-csv": Rules(CSV_ROW, r"\n", ("vm", "vhd_path", "host"), header=r"(?m)^[^\n]*VMName[^\n]*$"),
    "dpm-job-history": Rules(ROW, r"\n", JOB_KEY, header=DASHES),
    "cbengine-job-history": Rules(ROW, r"\n", JOB_KEY, header=DASHES),
    "vssadmin-writers": Rules(
        r"(?ms)^[^\n:]*: ['\"][^\n]*['\"]\n.*?(?=\n\s*\n|\Z)",
        r"['\"]\s*\n",
        ("writer_id", "instance_id", "state"),
    ),
}
"""How records of each text format are told by a plain pattern; .evtx is counted by its chunks."""


def rules_of(name: str) -> tuple[Rules, ...]:
    """The rules of a format, one for each of its layouts."""
    found = RULES[name]
    return (found,) if isinstance(found, Rules) else found


def plain(text: str) -> str:
    """A text with line feeds only."""
    return text.replace("\r\r\n", "\n").replace("\r\n", "\n").removeprefix("\ufeff")


def records_of(text: str, rules: Rules) -> list[str]:
    """The records of a sample as they stand, in their order."""
    start = 0
    if rules.header is not None:
        found = re.search(rules.header, text)
        start = found.end() if found else len(text)
    return [found[0] for found in re.finditer(rules.record, text[start:]) if found[0].strip()]


def header_of(text: str, rules: Rules) -> str | None:
    """The header of a sample."""
    found = re.search(rules.header, text) if rules.header else None
    return found[0] if found else None


def intact(text: str, records: Iterable[str], rules: Rules, header: str | None) -> Counter[str]:
    """How often each record of the sample stands unchanged in a text, below its unchanged header."""
    found: Counter[str] = Counter()
    live = _live_spans(text, rules, header)
    for record in dict.fromkeys(records):
        found[record] = sum(
            any(
                start <= place < end and not _is_cell(text, start, place, record, rules)
                for start, end in live
            )
            and (not rules.is_apart or _stands_apart(text, place, record))
            for place in _places(text, record, rules.is_whole_line)
        )
    return found


def _places(text: str, record: str, is_whole_line: bool) -> Iterator[int]:
    place = text.find(record)
    while place >= 0:
        end = place + len(record)
        begins, ends = text[place - 1 : place] in {"", "\n"}, text[end : end + 1] in {"", "\n"}
        if not is_whole_line or (begins and ends):
            yield place
        place = text.find(record, place + 1)


def _is_cell(text: str, start: int, place: int, record: str, rules: Rules) -> bool:
    """Whether a row of a CSV stands inside of the quotes of another one that is whole, too: then it is a cell."""
    if rules.record != CSV_ROW or '"' not in text[start:place]:
        return False
    for found in re.finditer(CSV_ROW, text[start:]):
        if start + found.start() >= place:
            return False
        if start + found.end() > place:
            return _cells(found[0]) == _cells(record)
    return False


def _cells(row: str) -> int:
    return len(re.findall(r'[,;\t](?=(?:[^"]*"[^"]*")*[^"]*$)', row))


def _stands_apart(text: str, place: int, record: str) -> bool:
    above, below = text[:place], text[place + len(record) :]
    is_first = not above.strip() or re.search(r"\n[ \t]*\n\Z", above) is not None
    return is_first and re.match(r"[ \t]*(?:\n[ \t]*(?:\n|\Z)|\Z)", below) is not None


def _live_spans(text: str, rules: Rules, header: str | None) -> list[tuple[int, int]]:
    """Where records mean what they meant: from each unchanged header to the next line that is like one."""
    if header is None:
        return [(0, len(text) + 1)]
    exact = {match.end() for match in re.finditer(rf"(?m)^{re.escape(header)}$", text)}
    like = sorted(
        exact | {match.end() for match in re.finditer(r"(?m)^[^\n]*$", text) if _is_like(match[0], header)}
    )
    return [(end, following) for end, following in pairwise([*like, len(text) + 1]) if end in exact]


def _is_like(line: str, header: str) -> bool:
    """Whether a line may pass for the header, or for the line of dashes below it."""
    if re.fullmatch(r"[ ]*-{2,}(?: +-{2,})*[ ]*", line):
        return True
    titles = header.rsplit("\n", 2)[-2 if "\n" in header else -1]
    names = {name.strip('" ') for name in re.split(r"\s+" if "\n" in header else r"[,;\t]", titles)} - {""}
    return sum(name in line for name in names) > 1


def markers(text: str, rules: Rules) -> int:
    """The most records that a text may hold."""
    return len(re.findall(rules.marker, text)) + 1


def key_of(row: Row, rules: Rules) -> Key:
    """What a row is known by."""
    first_line = str(row.get("message", "")).split("\n", 1)[0]
    return tuple(first_line if name == "first_line" else row.get(name) for name in rules.key)


KeyOf = Callable[[Row], Key]
