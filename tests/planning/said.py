"""What the report says of each VM of an estate, in its own words: from logs on disk to the rows that it shows."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Any

import pyarrow as pa

from analytics.ingest import IngestOptions, ingest
from analytics.planning import open_session
from analytics.report.contents import Result
from analytics.report.planning_claims import forecast_lead, proof_lead
from analytics.report.words import Claim, Words
from analytics.site import Site
from analytics.store import Store
from analytics.synth import Knobs, write_estate
from analytics.synth.estate import Estate
from analytics.synth.write import write_earlier_inventory
from tests.planning.pairs import KNOBS, Cause, plain

__all__ = ["Said", "pair", "said_of", "sentence"]

Said = set[tuple[str, str, str]]
"""VM, what it is (advice, bottleneck, cause or trace of one, late_by, forecast, proof), and the words for it."""
_LEAST_SHARE, _TRACE_SHARE = 0.15, 0.05
"""Below the first a cause is hardly worth a word, below the second none is said."""
_WEEK = 7
_DAY = date(2025, 1, 1)
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
    words = Words.of("en")

    def ask(text: str) -> list[dict[str, Any]]:
        return session.sql(text).to_pylist()

    for row in session.run("guest_gain").to_pylist():
        yield row["vm"], "advice", words.shown(row["reason"], "reason")
    for row in ask("SELECT vm, bottleneck FROM bottlenecks"):
        yield row["vm"], "bottleneck", _held_by(row["bottleneck"], words)
    for row in session.run("vm_causes").to_pylist():
        share = row["share"] or 0.0
        if share >= _TRACE_SHARE:
            kind = "cause" if share >= _LEAST_SHARE else "trace"
            yield row["vm"], kind, words.shown(row["job_cause"], "job_cause")
    causes: dict[str, Counter[str]] = {}
    for row in ask("SELECT vm, cause FROM sla WHERE reason = 'late' ORDER BY vm, night"):
        causes.setdefault(row["vm"], Counter())[row["cause"]] += 1
    for vm, counts in causes.items():
        yield vm, "late_by", words.shown(counts.most_common(1)[0][0], "main_cause")
    for row in session.run("forecast_dates").to_pylist():
        lead = forecast_lead({"forecast_dates": _result(row), "forecast_counts": _result()})
        yield row["vm"], "forecast", words.say(_numberless(lead))
    for row in session.run("proved_changes").to_pylist():
        yield row["vm"], "proof", words.say(_numberless(proof_lead({"proved_changes": _result(row)})))


def sentence(kind: str, code: str) -> str:
    """What the report says for a code of a kind, its numbers aside."""
    words = Words.of("en")
    if kind == "bottleneck":
        return _held_by(code, words)
    if kind == "forecast":
        values = dict.fromkeys(("breaks_on", "low_on", "high_on"), _DAY)
        return words.text("lead.forecast.first", vm="", rule="backup_window", others=None, **values)
    if kind == "proof":
        values = dict.fromkeys(("before_s", "after_s", "change_s", "low_s", "high_s"), 0.0)
        return words.text(
            "lead.proof.changed", vm="", vms=1, change=code, night=_DAY, neighbours=None, **values
        )
    return words.shown(code, {"advice": "reason", "cause": "job_cause", "late_by": "main_cause"}[kind])


def _held_by(bottleneck: str, words: Words) -> str:
    return words.text("lead.why.held_by", vms=1, by=bottleneck, where=None)


def _result(*rows: dict[str, Any]) -> Result:
    return Result("", "", "", "", {}, pa.Table.from_pylist(list(rows)))


def _numberless(claim: Claim) -> Claim:
    """The same statement of no VM by name, with one number and one date for all, and nothing of neighbours."""
    given: dict[str, Any] = {"vm": "", "neighbours": None}
    same: dict[type, Any] = {float: 0.0, date: _DAY}
    values = {name: given.get(name, same.get(type(value), value)) for name, value in claim.values.items()}
    return Claim(claim.code, **values)
