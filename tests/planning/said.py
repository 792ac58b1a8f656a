"""What the tool says of each VM of an estate, in codes: from logs on disk through the store to the planned tables."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any

from analytics.ingest import IngestOptions, ingest
from analytics.planning import open_session
from analytics.site import Site
from analytics.store import Store
from analytics.synth import Knobs, write_estate
from analytics.synth.estate import Estate
from analytics.synth.write import write_earlier_inventory
from tests.planning.pairs import KNOBS, Cause, plain

__all__ = ["Said", "pair", "said_of"]

Said = set[tuple[str, str, str]]
"""VM, what it is (advice, bottleneck, cause or trace of one, late_by, forecast, proof), code."""
_LEAST_SHARE, _TRACE_SHARE = 0.15, 0.05
"""Below the first a cause is hardly worth a word, below the second none is said."""
_WEEK = 7
_WINDOW = (time(22), time(2))


def pair(cause: Cause, seed: int, folder: Path) -> tuple[Said, Said]:
    """What is said where the cause is there, and where it is gone; logs and stores are written below `folder`."""
    found = []
    for name, change in (("there", cause.there), ("gone", cause.gone)):
        knobs = Knobs(**{**KNOBS, "seed": seed, **cause.knobs})
        logs = folder / name
        _write(logs, knobs, change(plain(seed)))
        if cause.edit and name == "there":
            _blank(logs, *cause.edit)
        found.append(said_of(logs, folder / f"{name}.store"))
    return found[0], found[1]


def _write(logs: Path, knobs: Knobs, estate: Estate) -> None:
    """The logs, and the inventories of each week."""
    write_estate(logs, knobs, estate)
    for night in range(0, knobs.nights - 1, _WEEK):
        for host in estate.hosts:
            write_earlier_inventory(logs, host, knobs, estate, night)


def _blank(logs: Path, name: str, column: str) -> None:
    """All values of a column taken out of exports of that name, of the first cluster's machines."""
    for path in logs.rglob(name):
        if not _is_first(path.relative_to(logs).parts[0]):
            continue
        mark, text = _decoded(path.read_bytes())
        rows = list(csv.DictReader(io.StringIO(text)))
        out = io.StringIO()
        writer = csv.DictWriter(out, rows[0], lineterminator="\r\n")
        writer.writeheader()
        writer.writerows({**row, column: ""} for row in rows)
        path.write_bytes(mark + out.getvalue().encode())


def _is_first(machine: str) -> bool:
    return machine == "DPM01" or machine.startswith("HV0")


def _decoded(content: bytes) -> tuple[bytes, str]:
    mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    return mark, content[len(mark) :].decode()


def said_of(logs: Path, store: Path) -> Said:
    """Everything that is said of VMs, but for what is not known."""
    kept = Store.create_or_open(store)
    ingest(kept, [logs], IngestOptions(year=2025))
    window = dict(zip(("window_start", "window_end"), _WINDOW, strict=True))
    with open_session(kept, Site(time_zone="UTC", schedules={"*": "daily"}, **window), keep=False) as session:
        return set(_all(session))


def _all(session: Any) -> Iterator[tuple[str, str, str]]:
    def ask(text: str) -> list[dict[str, Any]]:
        return session.sql(text).to_pylist()

    for row in ask("SELECT vm, reason FROM candidates"):
        yield row["vm"], "advice", row["reason"]
    for row in ask("SELECT vm, bottleneck FROM bottlenecks"):
        yield row["vm"], "bottleneck", row["bottleneck"]
    for row in session.run("vm_causes").to_pylist():
        share = row["share"] or 0.0
        if share >= _TRACE_SHARE:
            yield row["vm"], "cause" if share >= _LEAST_SHARE else "trace", row["job_cause"]
    causes: dict[str, Counter[str]] = {}
    for row in ask("SELECT vm, cause FROM sla WHERE reason = 'late' ORDER BY vm, night"):
        causes.setdefault(row["vm"], Counter())[row["cause"]] += 1
    for vm, counts in causes.items():
        yield vm, "late_by", counts.most_common(1)[0][0]
    for row in ask("SELECT vm, verdict FROM forecasts WHERE verdict = 'trend'"):
        yield row["vm"], "forecast", row["verdict"]
    for row in ask("SELECT vm, what FROM proofs"):
        yield row["vm"], "proof", row["what"]
