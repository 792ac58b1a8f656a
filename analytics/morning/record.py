"""What a run leaves about itself beside its report: enough for the index and for the run after it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from analytics.report import Report

NOTE = "run.json"
_OURS = ("report.*", "nights.csv", "offenders.csv")
_PLACES = "[0-9][0-9][0-9][0-9]/[0-9][0-9]/[0-9][0-9]"


@dataclass(frozen=True)
class Record:
    """One night's report in short. `breached` is VM -> cause, `checks` what warns or fails.

    `mailed` is whole, short or "".
    """

    night: str
    period: str
    verdict: str
    tone: str
    trust: str
    made: str
    checks: dict[str, str]
    breached: dict[str, str]
    mailed: str = ""
    files: tuple[str, ...] = ()

    @property
    def state(self) -> tuple[Any, ...]:
        """What must be the same for nothing to have changed."""
        return self.tone, self.checks, self.breached


def record_of(report: Report, night: dt.date) -> Record:
    """The short form of a report."""
    offenders = report.results["offenders"].rows
    return Record(
        night=str(night),
        period=report.period,
        verdict=report.verdict,
        tone=report.tone,
        trust=report.trust,
        made=report.made,
        checks={check.check: check.status for check in report.checks if check.status != "ok"},
        breached={row["vm"]: row["main_cause"] for row in offenders if row["breaches"]},
    )


def folder_of(out: Path, night: dt.date) -> Path:
    """Where the report of a night lies."""
    return out / f"{night:%Y}" / f"{night:%m}" / f"{night:%d}"


def records(out: Path) -> list[Record]:
    """What is known of all nights that the archive still has, the oldest first.

    Where a note is gone or damaged, the night alone is known.
    """
    return sorted(_found(out), key=lambda record: record.night)


def _found(out: Path) -> Iterator[Record]:
    for folder in out.glob(_PLACES):
        night = "-".join(folder.relative_to(out).parts)
        files = tuple(sorted(path.name for pattern in _OURS for path in folder.glob(pattern)))
        yield _read(folder / NOTE, night, files)


def _read(note: Path, night: str, files: tuple[str, ...]) -> Record:
    try:
        kept = json.loads(note.read_text(encoding="utf-8"))
        wanted = {field.name: kept[field.name] for field in fields(Record)}
        return Record(**wanted | {"night": night, "files": files})
    except (OSError, ValueError, KeyError, TypeError):
        return Record(night, night, "", "unknown", "", "", {}, {}, files=files)


def text_of(record: Record) -> str:
    """As it is kept."""
    return json.dumps(asdict(record), ensure_ascii=False, indent=1)
