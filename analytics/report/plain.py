"""The report as Markdown, JSON and CSV."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from typing import Any

from analytics.harmless import cell_time, harmless_cell, harmless_json, visible
from analytics.report.contents import Listing, Report, Row, plain
from analytics.report.looks import NUMERIC, Look, looks
from analytics.report.words import Words
from analytics.report.words.numbers import one_line

_TOP_ROWS = 10
_CSV_COLUMNS = ("vm", "night", "state", "finished_at", "deadline", "overrun_s")
_LONGEST_SENTENCE = 2000
_TO_ESCAPE = str.maketrans(
    {character: f"\\{character}" for character in "\\`*_{}[]|#"} | {"<": "&lt;", "&": "&amp;"}
)


def _escaped(text: Any, limit: int = 200) -> str:
    """A text from a log that no Markdown reader takes for markup, cut at `limit` characters."""
    return visible(one_line(text, limit)).translate(_TO_ESCAPE)


def _sentence(text: str) -> str:
    """A sentence of the report itself, whole: the names in it are escaped."""
    return _escaped(text, _LONGEST_SENTENCE)


def markdown(report: Report) -> str:
    """What is not known, the verdict, the key figures; of each section its first sentence and the top of its tables."""
    facts = [
        f"| {_escaped(fact.label)} | {_escaped(fact.value)} | {_escaped(fact.detail)} |"
        for fact in report.facts
    ]
    lines = [
        *(line for line in (_sentence(report.trust), "") if report.trust),
        f"# {_sentence(report.verdict)}",
        "",
        *(line for line in (_sentence(report.remarks), "") if report.remarks),
        *(line for text in report.changes for line in (_sentence(text), "")),
        *(f"- {_sentence(check.title)}: {_sentence(check.to_do)}" for check in report.checks if check.to_do),
        *([""] if report.trust_status != "ok" else []),
        report.words.text(
            "page.source_short", depth=report.depth, period=report.period, zone=report.time_zone
        ),
        "",
    ]
    heads = " | ".join(map(report.words.text, ("page.figure", "page.value", "page.detail")))
    lines += [f"| {heads} |", "|---|---|---|", *facts, ""]
    for section in report.sections:
        texts = filter(None, (report.leads[section.name], report.notes[section.name]))
        title = report.words.text(f"section.{section.name}.title")
        lines += [f"## {title}", "", *(line for text in texts for line in (_sentence(text), ""))]
        for listing in section.listings:
            lines += _markdown_table(report, listing)
    return "\n".join(lines)


def _markdown_table(report: Report, listing: Listing) -> list[str]:
    """The first rows of one table, and how many there are; nothing for an empty one."""
    rows, words = report.results[listing.rows].rows, report.words
    columns = [look for look in looks(words, listing.rows, listing.columns) if look.kind != "clock_time"]
    if not rows:
        return []
    title = report.listing_title(listing.rows)
    lines = [f"### {title}", "", "| " + " | ".join(look.title for look in columns) + " |"]
    lines.append("|" + "|".join("---:" if look.kind in NUMERIC else "---" for look in columns) + "|")
    lines += [_markdown_row(row, columns, words) for row in rows[:_TOP_ROWS]]
    command = f"dpm-analytics sql --store DIR {listing.rows}"
    rest = words.text("page.rows_shown", shown=_TOP_ROWS, rows=len(rows), command=command)
    return [*lines, "", rest, ""] if len(rows) > _TOP_ROWS else [*lines, ""]


def _markdown_row(row: Row, columns: list[Look], words: Words) -> str:
    """One row of a Markdown table."""
    return "| " + " | ".join(_escaped(words.shown(row[look.column], look.kind)) for look in columns) + " |"


def json_text(report: Report) -> str:
    """The whole report; numbers keep their units in the name."""
    return harmless_json(json.dumps(report.to_dict(), ensure_ascii=False, indent=1))


def _cell(value: object) -> object:
    """Times as a spreadsheet takes them, dates as ISO 8601."""
    return cell_time(value.replace(microsecond=0)) if isinstance(value, dt.datetime) else plain(value)


def csv_text(report: Report) -> str:
    """One row per VM and night, worst VM first, with the VM's main cause; times are local.

    The last column says what the checks of the evidence found at worst: ok, warn or fail.
    """
    offenders = {row["vm"]: row for row in report.results["offenders"].rows}
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow([*_CSV_COLUMNS, "time_zone", "vm_breaches", "vm_cause", "trust"])
    for row in report.results["sla_heatmap"].rows:
        vm = offenders.get(row["vm"], {})
        mine = (vm.get("breaches", 0), vm.get("main_cause"))
        cells = [*map(row.get, _CSV_COLUMNS), report.time_zone, *mine, report.trust_status]
        writer.writerow(
            [harmless_cell(cell) if isinstance(cell, str) else cell for cell in map(_cell, cells)]
        )
    return stream.getvalue()
