"""Reads the event logs of a simulated estate and its truth, with readers that are not ours."""

from __future__ import annotations

import csv
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from analytics.synth import Knobs, Truth, write_estate
from analytics.synth.job import HOST_EVENTS

KNOBS = {
    "vms": 14,
    "nights": 3,
    "seed": 11,
    "hosts": 2,
    "volumes": 3,
    "failure_share": 0.3,
    "hostile_share": 0.2,
    "multi_volume_share": 0.3,
    "consistency_check_share": 0.2,
    "missed_share": 0.1,
    "guest_events": 0.6,
    "guest_clock_skew_s": 120.0,
    "clock_skew_s": 7.25,
    "audit_8222": True,
    "volsnap_analytic": True,
    "crash": True,
}


class Logged(NamedTuple):
    """One record as a reader sees it."""

    host: str
    channel: str
    event_provider: str
    event_id: int
    record_id: int
    at: datetime
    computer: str
    values: tuple[tuple[str, str], ...]

    def value(self, name: str) -> str:
        """The first value of that name."""
        return next(text for key, text in self.values if key == name)


class Written(NamedTuple):
    """An estate on disk, what its event logs hold and what is true."""

    era: str
    folder: Path
    truth: Truth
    logged: list[Logged]
    rows: list[dict[str, str]]
    clocks: dict[str, float]


def local(element: ET.Element) -> str:
    """Tag without its namespace."""
    return element.tag.rpartition("}")[2]


def moment(text: str) -> datetime:
    """ISO text up to the microsecond; readers add digits or leave them out."""
    return datetime.fromisoformat(text.replace(" ", "T")[:26])


def of_element(host: str, event: ET.Element) -> Logged:
    """A record from its XML."""
    parts = {local(element): element for element in event.iter()}
    values = [
        (element.get("Name") or local(element), element.text or "")
        for element in event.iter()
        if not len(element) and local(event) == "Event" and local(element) not in SYSTEM_PARTS
    ]
    return Logged(
        host,
        parts["Channel"].text or "",
        parts["Provider"].get("Name", ""),
        int(parts["EventID"].text or 0),
        int(parts["EventRecordID"].text or 0),
        moment(parts["TimeCreated"].get("SystemTime", "")),
        parts["Computer"].text or "",
        tuple(values),
    )


SYSTEM_PARTS = frozenset(
    [
        "Provider",
        "EventID",
        "Version",
        "Level",
        "Task",
        "Opcode",
        "Keywords",
        "TimeCreated",
        "EventRecordID",
        "Correlation",
        "Execution",
        "Channel",
        "Computer",
        "Security",
    ]
)


def read_logs(folder: Path) -> Iterator[Logged]:
    """All records of all event logs in the estate's folder."""
    for path in sorted(folder.glob("*/*.evtx")):
        evtx = pytest.importorskip("evtx")
        for record in evtx.PyEvtxParser(str(path), validate_checksums=True).records():
            yield of_element(path.parent.name, ET.fromstring(record["data"]))
    for path in sorted(folder.glob("*/*.xml")):
        for event in ET.fromstring(path.read_bytes()):
            yield of_element(path.parent.name, event)


def table(path: Path) -> list[dict[str, str]]:
    """Rows of a truth table."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def written(folder: Path, **turned: Any) -> Written:
    """Write an estate and read its event logs back."""
    truth = write_estate(folder, Knobs(**{**KNOBS, **turned}))
    rows = table(truth.folder / "event_truth.csv")
    clocks = {row["host"]: float(row["offset_s"]) for row in table(truth.folder / "clocks.csv")}
    return Written(turned.get("era", "mixed"), folder, truth, list(read_logs(folder)), rows, clocks)


def true_boundaries(estate: Written) -> dict[tuple[str, str], datetime]:
    """(job, boundary) -> true time: the boundary's own clock is the host's or the DPM server's."""
    host_of = {job.job_id: job.host for job in estate.truth.jobs}
    return {
        (row.job_id, row.boundary): moment(row.at).timestamp()
        - (estate.clocks.get(host_of[row.job_id], 0.0) if row.boundary in HOST_EVENTS else 0.0)
        for row in estate.truth.boundaries
    }


def at_of(estate: Written, job_id: str, provider: str, *ids: int) -> list[float]:
    """True times of a job's events of a provider."""
    return [
        moment(row["true_at"]).timestamp()
        for row in estate.rows
        if row["job_id"] == job_id
        and row["event_provider"].startswith(provider)
        and int(row["event_id"]) in ids
    ]
