"""The verdict: one claim with numbers on how the estate did, or on why that cannot be said."""

from __future__ import annotations

from analytics.report.contents import Row, Rows, total
from analytics.report.words import Claim

NAMED = 3


def verdict(results: Rows, window: str) -> Claim:
    """How the backups did that were due, and what must not be passed over beside them."""
    key = results["key_figures"].rows[0]
    if not key["due"]:
        return nothing_due(key, results)
    beside = [silent(results["silent_vms"].rows), unjudged(key, window), dark(key), unnamed(key)]
    return Claim("verdict.whole", said=[named_verdict(key, results, window), *(c for c in beside if c)])


def named_verdict(key: Row, results: Rows, window: str) -> Claim:
    """The headline, at most 120 characters: backups, VMs, the causes."""
    if key["missed"]:
        return missed(key, results["breach_causes"].rows)
    if not key["met"]:
        return Claim("verdict.all_unknown", window=window, due=key["due"])
    if key["unknown"]:
        return Claim(
            "verdict.none_known", window=window, met=key["met"], due=key["due"], unknown=unknown(key)
        )
    return Claim("verdict.all_met", window=window, vms=key["vms"], nights=key["nights"], due=key["due"])


def missed(key: Row, causes: list[Row]) -> Claim:
    """How many backups of how many VMs missed the window, by their causes, the most frequent first."""
    return Claim(
        "verdict.missed",
        missed=key["missed"],
        due=key["due"],
        vms=Claim("verdict.vms", vms=key["vms_breached"], nights=each_of(key)),
        causes=causes_named(causes),
        unknown=unknown(key),
    )


def each_of(key: Row) -> Claim | None:
    """The nights that each VM missed, where that is a whole number for all together."""
    nights, rest = divmod(key["missed"], key["vms_breached"])
    is_each = not rest and nights > 1 and nights == key["nights_breached"]
    return Claim("verdict.each", nights=nights) if is_each else None


def causes_named(causes: list[Row]) -> list[Claim]:
    """The three most frequent causes, and how many breaches have others."""
    named = [Claim("verdict.cause", number=row["breaches"], cause=row["cause"]) for row in causes[:NAMED]]
    others = total(causes[NAMED:], "breaches")
    return [*named, Claim("verdict.others", number=others)] if others else named


def silent(rows: list[Row]) -> Claim | None:
    """VMs whose backups stopped without a word: an error, or the end of their protection?"""
    if not rows:
        return None
    if len(rows) == 1:
        return Claim("verdict.silent_one", vm=rows[0]["vm"], nights=rows[0]["nights"])
    return Claim("verdict.silent", vms=len(rows), vm=rows[0]["vm"], nights=rows[0]["nights"])


def unjudged(key: Row, window: str) -> Claim | None:
    """Backups of which it is not established that they were due: never missed, never met."""
    if not key["unjudged"]:
        return None
    return Claim(
        "verdict.unjudged",
        unjudged=key["unjudged"],
        in_time=key["unjudged_in_time"],
        ran=key["unjudged_ran"],
        window=window,
    )


def dark(key: Row) -> Claim | None:
    """Nights of which nothing is left."""
    return Claim("verdict.dark", nights=key["dark_nights"]) if key["dark_nights"] else None


def unknown(key: Row) -> Claim | None:
    """How many backups are not known, if any."""
    return Claim("verdict.unknown", unknown=key["unknown"]) if key["unknown"] else None


def unnamed(key: Row) -> Claim | None:
    """Failed jobs whose VM no log names belong to no VM's account, and must not be passed over."""
    return Claim("verdict.unnamed", failed=key["unnamed_failed"]) if key["unnamed_failed"] else None


def nothing_due(key: Row, results: Rows) -> Claim:
    """Why there is no verdict: nothing read, no jobs, jobs without a VM's name, or events only."""
    accounting = results["accounting"].rows
    records, files = total(accounting, "records_read"), total(accounting, "sources")
    if key["unjudged"]:
        return Claim("verdict.nothing_established", ran=key["unjudged_ran"], in_time=key["unjudged_in_time"])
    if key["jobs"]:
        return Claim("verdict.no_vm", jobs=key["jobs"])
    if not records:
        return Claim("verdict.nothing_read")
    runs, snapshots = len(results["windows_backup_runs"].rows), results["lone_snapshots"].rows
    shown = [lone_snapshots(snapshots)] if snapshots else []
    shown += [Claim("lone.runs", runs=runs)] if runs else []
    seen = Claim("verdict.seen", shown=shown) if shown else None
    return Claim("verdict.no_job", records=records, files=files, seen=seen)


def lone_snapshots(snapshots: list[Row]) -> Claim:
    """How many host snapshots belong to no known job, on how many hosts and nights, and who asked for them."""
    hosts, nights = (len({row[name] for row in snapshots}) for name in ("host", "night"))
    askers: dict[str | None, int] = {}
    for row in snapshots:
        askers[row["requester"]] = askers.get(row["requester"], 0) + row["snapshots"]
    ordered = sorted(askers.items(), key=lambda pair: (pair[0] is None, pair[0]))
    named = [
        Claim("lone.asker", snapshots=number, name=name) if name else Claim("lone.nameless", snapshots=number)
        for name, number in ordered
    ]
    by = None if set(askers) == {None} else Claim("lone.by", askers=named)
    return Claim("lone.snapshots", snapshots=sum(askers.values()), hosts=hosts, nights=nights, by=by)
