"""The verdict: one claim with numbers on how the estate did, or on why that cannot be said."""

from __future__ import annotations

from analytics.report.contents import Row, Rows, total
from analytics.report.words import Claim

RAN_LONG = ("ran_long", "running_late")


def verdict(results: Rows, window: str) -> Claim:
    """How the backups did that were due, and what must not be passed over beside them."""
    key = results["key_figures"].rows[0]
    if not key["due"]:
        return nothing_due(key, results)
    return Claim("verdict.whole", said=named_verdict(key, results, window), unnamed=unnamed(key))


def named_verdict(key: Row, results: Rows, window: str) -> Claim:
    """How the VMs did whose backups were due."""
    if key["missed"]:
        return missed(key, results["breach_causes"].rows, window)
    if not key["met"]:
        return Claim("verdict.all_unknown", window=window, due=key["due"])
    if key["unknown"]:
        return Claim(
            "verdict.none_known", window=window, met=key["met"], due=key["due"], unknown=unknown(key)
        )
    is_short = key["nights"] == 1 or key["vms"] == 1
    code = "verdict.every_backup_met" if is_short else "verdict.all_met"
    return Claim(code, window=window, vms=key["vms"], nights=key["nights"], due=key["due"])


def missed(key: Row, causes: list[Row], window: str) -> Claim:
    """Who missed the window how often, for which reasons, and in which phase late jobs were longest."""
    worst_s = key["worst_overrun_s"]
    return Claim(
        "verdict.missed",
        nights_breached=key["nights_breached"],
        nights=key["nights"],
        vms_breached=key["vms_breached"],
        vms=key["vms"],
        window=window,
        missed=key["missed"],
        due=key["due"],
        worst=Claim("verdict.worst", overrun_s=worst_s) if worst_s else None,
        reasons=reasons(causes),
        longest=longest_phase(causes),
        unknown=unknown(key),
    )


def reasons(causes: list[Row]) -> list[Claim]:
    """How many breaches have which reason, the most frequent first."""
    numbers: dict[str, int] = {}
    for row in causes:
        numbers[row["reason"]] = numbers.get(row["reason"], 0) + row["breaches"]
    ordered = sorted(numbers.items(), key=lambda item: -item[1])
    return [
        Claim("verdict.reason", number=number, reason=reason, more=more_of(causes, reason))
        for reason, number in ordered
    ]


def more_of(causes: list[Row], reason: str) -> Claim | None:
    """Of VMs that never ran, how many they are; of late backups, how many began too late."""
    if reason == "never_run":
        return Claim(
            "verdict.never_run_vms", vms=total([row for row in causes if row["reason"] == reason], "vms")
        )
    return queued(causes) if reason == "late" else None


def queued(causes: list[Row]) -> Claim | None:
    """How many late backups began too late: they waited in DPM's own queue longer than they were late."""
    waited = [row for row in causes if row["cause"] == "began_late"]
    began, late = (
        total(waited, "breaches"),
        total([row for row in causes if row["reason"] == "late"], "breaches"),
    )
    if not began:
        return None
    mean_s = sum(row["queued_s"] for row in waited) / began
    if late == 1:
        return Claim("verdict.queued_one", queued_s=mean_s)
    which = Claim("verdict.queued_all") if began == late else Claim("verdict.queued_some", began=began)
    return Claim("verdict.queued", which=which, began=began, queued_s=mean_s)


def longest_phase(causes: list[Row]) -> Claim | None:
    """The phase that is longest in most jobs that ran too long, and its share of their time."""
    late = [row for row in causes if row["cause"] in RAN_LONG and row["phase"] and row["job_s"]]
    if not late:
        return None
    phase = max(late, key=lambda row: row["breaches"])["phase"]
    same = [row for row in late if row["phase"] == phase]
    share = sum(row["phase_s"] for row in same) / sum(row["job_s"] for row in same)
    others_queued = any(row["cause"] == "began_late" for row in causes)
    jobs = which_jobs(total(same, "breaches"), total(late, "breaches"), others_queued)
    return Claim("verdict.longest", phase=phase, jobs=jobs, share=share)


def which_jobs(some: int, every: int, others_queued: bool) -> Claim:
    """Of the jobs that ran too long: the one, all of them, or so many; told apart from those that were queued."""
    is_one, is_all = some == every == 1, some == every
    if others_queued:
        code = "verdict.one_long" if is_one else "verdict.all_long" if is_all else "verdict.some_long"
    else:
        code = "verdict.one_late" if is_one else "verdict.all_late" if is_all else "verdict.some_late"
    return Claim(code, some=some, every=every)


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
