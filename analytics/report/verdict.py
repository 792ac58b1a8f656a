"""The verdict: one claim with numbers on how the estate did, or on why that cannot be said."""

from __future__ import annotations

from analytics.report.contents import Row, Rows, total
from analytics.report.trust import is_unproven
from analytics.report.words import Claim, Words

_NAMED = 3
LONGEST = 120


def headline(results: Rows, window: str, words: Words) -> Claim:
    """How the backups did that were due, at most LONGEST characters; Unproven where a check of the evidence fails."""
    made = (_qualified(claim, results) for claim in _verdicts(results, window))
    fitting = [claim for claim in made if len(words.say(claim)) <= LONGEST]
    return fitting[0] if fitting else _qualified(_verdicts(results, window)[-1], results)


def _qualified(claim: Claim, results: Rows) -> Claim:
    """The claim, said to be unproven where it is."""
    return Claim("verdict.unproven", verdict=claim) if is_unproven(results) else claim


def _verdicts(results: Rows, window: str) -> list[Claim]:
    """The verdict, the most telling wording first, then shorter ones."""
    key = results["key_figures"].rows[0]
    if not key["due"]:
        return [_nothing_due(key, results)]
    if key["missed"]:
        return missed(key, results["breach_causes"].rows)
    if not key["met"]:
        return [Claim("verdict.all_unknown", window=window, due=key["due"], said=_undecided(key))]
    if _undecided(key):
        return [
            Claim("verdict.none_known", window=window, met=key["met"], due=key["due"], open=_still_open(key))
        ]
    return [Claim("verdict.all_met", window=window, vms=key["vms"], nights=key["nights"], due=key["due"])]


def remarks(results: Rows, window: str) -> list[Claim]:
    """What must not be passed over beside the verdict."""
    key = results["key_figures"].rows[0]
    if not key["due"]:
        return _no_job_remarks(key, results)
    beside = (_silent(results["silent_vms"].rows), _unjudged(key, window), _dark(key), _unnamed(key))
    return [claim for claim in beside if claim]


def missed(key: Row, causes: list[Row]) -> list[Claim]:
    """How many backups of how many VMs missed the window, by their causes, the most frequent first; ever fewer."""
    each = _each_of(key)
    wordings = (each, None) if each else (None,)
    ways = [(nights, number) for number in range(min(_NAMED, len(causes)), -1, -1) for nights in wordings]
    return [
        Claim(
            "verdict.missed",
            missed=key["missed"],
            due=key["due"],
            vms=Claim("verdict.vms", vms=key["vms_breached"], nights=nights),
            causes=Claim("verdict.causes", named=_causes_named(causes, number)) if number else None,
            open=_still_open(key),
        )
        for nights, number in ways
    ]


def _each_of(key: Row) -> Claim | None:
    """The nights that each VM missed, where that is a whole number for all together."""
    nights, rest = divmod(key["missed"], key["vms_breached"])
    is_each = not rest and nights > 1 and nights == key["nights_breached"]
    return Claim("verdict.each", nights=nights) if is_each else None


def _causes_named(causes: list[Row], number: int) -> list[Claim]:
    """So many of the most frequent causes, and how many breaches have others."""
    named = [
        Claim("verdict.cause", number=row["breaches"], cause=row["cause"], first=_first_only(row))
        for row in causes[:number]
    ]
    others = total(causes[number:], "breaches")
    return [*named, Claim("verdict.others", number=others)] if others else named


def _first_only(row: Row) -> Claim | None:
    """Of backups that are late because an attempt failed, that a later one ended well."""
    if row["cause"] != "failed" or not row["late"]:
        return None
    if row["late"] == row["breaches"]:
        return Claim("verdict.first_only")
    return Claim("verdict.first_of", late=row["late"])


def _silent(rows: list[Row]) -> Claim | None:
    """VMs whose backups stopped without a word: an error, or the end of their protection?"""
    if not rows:
        return None
    if len(rows) == 1:
        next_one = rows[0]["successor"]
        renamed = Claim("verdict.successor", successor=next_one) if next_one else None
        return Claim("verdict.silent_one", vm=rows[0]["vm"], nights=rows[0]["nights"], renamed=renamed)
    return Claim("verdict.silent", vms=len(rows), vm=rows[0]["vm"], nights=rows[0]["nights"])


def _unjudged(key: Row, window: str) -> Claim | None:
    """Backups of which it is not established that they were due: never missed, never met."""
    unjudged, ran, in_time = key["unjudged"], key["unjudged_ran"], key["unjudged_in_time"]
    if not unjudged:
        return None
    if not ran:
        return Claim("verdict.unjudged_none", unjudged=unjudged)
    if in_time == ran:
        return Claim("verdict.unjudged_all", unjudged=unjudged, ran=ran, window=window)
    return Claim("verdict.unjudged", unjudged=unjudged, in_time=in_time, ran=ran, window=window)


def _dark(key: Row) -> Claim | None:
    """Nights of which nothing is left."""
    return Claim("verdict.dark", nights=key["dark_nights"]) if key["dark_nights"] else None


def _undecided(key: Row) -> list[Claim]:
    """How many backups still run, and how many are not known; what is 0 is left out."""
    running = [Claim("verdict.running", running=key["running"])] if key["running"] else []
    return running + ([Claim("verdict.unknown", unknown=key["unknown"])] if key["unknown"] else [])


def _still_open(key: Row) -> Claim | None:
    """The backups that are neither met nor missed, if any."""
    said = _undecided(key)
    return Claim("verdict.open", said=said) if said else None


def _unnamed(key: Row) -> Claim | None:
    """Failed jobs whose VM no log names belong to no VM's account, and must not be passed over."""
    return Claim("verdict.unnamed", failed=key["unnamed_failed"]) if key["unnamed_failed"] else None


def _nothing_due(key: Row, results: Rows) -> Claim:
    """Why there is no verdict: nothing read, no jobs, logs of hosts alone, no VM's name, or events only."""
    accounting = results["accounting"].rows
    records, files = total(accounting, "records_read"), total(accounting, "sources")
    if key["unjudged"]:
        return Claim("verdict.nothing_established", ran=key["unjudged_ran"], in_time=key["unjudged_in_time"])
    if key["jobs"]:
        only_hosts = any(row["detail"] == "only_host_logs" for row in results["checks"].rows)
        return Claim("verdict.only_hosts" if only_hosts else "verdict.no_vm", jobs=key["jobs"])
    if key["other_jobs"]:
        return Claim("verdict.no_job_then", others=key["other_jobs"])
    return Claim("verdict.no_job", records=records, files=files) if records else Claim("verdict.nothing_read")


def _no_job_remarks(key: Row, results: Rows) -> list[Claim]:
    """What the events show where there is no job, and where jobs would stand."""
    has_jobs = key["jobs"] or key["other_jobs"]
    if key["unjudged"] or has_jobs or not total(results["accounting"].rows, "records_read"):
        return []
    runs, snapshots = len(results["windows_backup_runs"].rows), results["lone_snapshots"].rows
    shown = [lone_snapshots(snapshots)] if snapshots else []
    shown += [Claim("lone.runs", runs=runs)] if runs else []
    return [*([Claim("verdict.seen", shown=shown)] if shown else []), Claim("verdict.where_jobs")]


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
