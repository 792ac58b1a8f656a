"""The report as Markdown, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

from analytics.report.contents import Listing, Look, Report, plain
from analytics.report.words import en as words

TOP_ROWS = 10
LONGEST_SENTENCE = 2000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
SAYS: dict[str, Callable[[Any], str]] = {
    "seconds": words.seconds,
    "size": words.size,
    "count": words.count,
    "share": words.share,
    "moment": words.moment,
}
TO_ESCAPE = str.maketrans(
    {character: f"\\{character}" for character in "\\`*_{}[]|#"} | {"<": "&lt;", "&": "&amp;"}
)


def say(value: Any, kind: str) -> str:
    """A value in words by the kind of its column; missing is empty."""
    return "" if value is None else SAYS.get(kind, str)(value)


def escaped(text: Any, limit: int = 200) -> str:
    """A text from a log that no Markdown reader takes for markup, cut at `limit` characters."""
    return words.one_line(text, limit).translate(TO_ESCAPE)


def sentence(text: str) -> str:
    """A sentence of the report itself, whole: the names in it are escaped."""
    return escaped(text, LONGEST_SENTENCE)


def markdown(report: Report) -> str:
    """The verdict, the key figures, and of each section its first sentence and the top of its tables."""
    facts = [
        f"| {escaped(fact.label)} | {escaped(fact.value)} | {escaped(fact.detail)} |" for fact in report.facts
    ]
    lines = [
        f"# {sentence(report.verdict)}",
        "",
        f"DPM backups of {report.period}; times in {report.time_zone}.",
        "",
    ]
    lines += ["| figure | value | detail |", "|---|---|---|", *facts, ""]
    for section in report.sections:
        texts = filter(None, (report.leads[section.name], report.notes[section.name]))
        lines += [f"## {section.title}", "", *(line for text in texts for line in (sentence(text), ""))]
        for listing in section.listings:
            lines += markdown_table(report, listing)
    return "\n".join(lines)


def markdown_table(report: Report, listing: Listing) -> list[str]:
    """The first rows of one table, and how many there are; nothing for an empty one."""
    rows = report.results[listing.rows].rows
    looks = [look for look in listing.looks if look.kind != "clock"]
    if not rows:
        return []
    lines = [f"### {listing.title}", "", "| " + " | ".join(look.title for look in looks) + " |"]
    lines.append("|" + "|".join("---:" if look.kind in SAYS else "---" for look in looks) + "|")
    lines += [markdown_row(row, looks) for row in rows[:TOP_ROWS]]
    command = f"dpm-analytics sql --store DIR {listing.rows}"
    rest = f"{TOP_ROWS} of {words.count(len(rows), 'row')} shown; all: `{command}`"
    return [*lines, "", rest, ""] if len(rows) > TOP_ROWS else [*lines, ""]


def markdown_row(row: dict[str, Any], looks: list[Look]) -> str:
    """One row of a Markdown table."""
    return "| " + " | ".join(escaped(say(row[look.column], look.kind)) for look in looks) + " |"


def json_text(report: Report) -> str:
    """The whole report; numbers keep their units in the name."""
    return json.dumps(report.to_dict(), ensure_ascii=False, indent=1)


def csv_text(report: Report) -> str:
    """One row per VM and night, worst VM first, with the VM's longest phase; times are local."""
    offenders = {row["vm"]: row for row in report.results["offenders"].rows}
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(
        [
            "vm",
            "night",
            "state",
            "finished_at",
            "deadline",
            "overrun_s",
            "time_zone",
            "vm_breaches",
            "vm_phase",
        ]
    )
    for row in report.results["sla_heatmap"].rows:
        vm = offenders.get(row["vm"], {})
        cells = [*row.values(), report.time_zone, vm.get("breaches", 0), vm.get("phase")]
        writer.writerow([harmless(plain(cell)) for cell in cells])
    return stream.getvalue()


def harmless(value: Any) -> Any:
    """A text that would start a formula in a spreadsheet gets an apostrophe before it."""
    return "'" + value if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
