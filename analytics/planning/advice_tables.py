"""Rows of the planned table candidates: what is advised for each VM, and what that rests on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from analytics.arrow import column_of, floats_of
from analytics.errors import UsageError
from analytics.planning.advice import HALF, SELDOM, Case, late_interval, reason_of
from analytics.planning.advice_effects import PROBABILITY, Effects, effects, no_effects
from analytics.planning.causes import CAUSES
from analytics.planning.demands import choices_of, clockwork_of, next_outlook, opens_of
from analytics.planning.estimates import Estimates
from analytics.planning.jobs import Bools, Floats, Ints, Jobs
from analytics.planning.outlook import usual_start_s
from analytics.planning.reproduction import reproduced
from analytics.planning.sample import medians_by
from analytics.planning.table_rows import rows_of
from analytics.planning.usual import last_of, taken
from analytics.sql import Ask
from analytics.tables.advice_words import ADVICE
from analytics.tables.planned import CANDIDATES, REMEDIES

__all__ = ["candidates_of", "remedies_of", "shares_of"]

_SCAN, _UNEXPLAINED = CAUSES.index("scan"), CAUSES.index("unexplained")
_OF_MOVE = [
    CAUSES.index(name)
    for name in ("scan", "volume_contention", "server_contention", "changed_data", "overhead")
]
_MEASURED = (
    "vm", "nights", "breaches", "host_p50_s", "host_p90_s", "scanned_p50_bytes", "sent_p50_bytes", "due", "late",
    "checks", "vm_version", "has_pass_through",
)  # fmt: skip
_US = 1e6
_MOST_TRIED = 2000
"""VMs of an estate on which changes are tried without being asked to; for 800 that takes ten seconds."""
_ADVISED = {advice.name: advice.recommendation for advice in ADVICE}
_Row = dict[str, Any]


def candidates_of(ask: Ask, known: Estimates) -> pa.Table:
    """The table candidates: a row per VM of vm_measures."""
    measured: list[_Row] = ask("vm_measures").to_pylist()
    if not measured:
        return CANDIDATES.schema.empty_table()
    found, causes = _Found(ask, known), _main_causes(ask("sla"))
    by_checks = found.late_by_checks(ask("sla_windows"))
    cases = [found.case(row, causes.get(row["vm"]), row["vm"] in by_checks) for row in measured]
    late = {row["vm"] for row, case in zip(measured, cases, strict=True) if case.wants_advice}
    known.effects = tried = found.tried(ask, late)
    rows = [found.row(row, case, tried) for row, case in zip(measured, cases, strict=True)]
    return rows_of(rows, CANDIDATES.schema)


def remedies_of(ask: Ask, known: Estimates) -> pa.Table:
    """The table remedies: what was tried for the night that is due next, and how many VMs are in time with it."""
    if known.effects is None:
        candidates_of(ask, known)
    tried = known.effects.tried if known.effects else ()
    rows = [
        {
            "place": place,
            "change": each.change,
            "moves": each.moves or None,
            "vm": known.jobs.vms[each.vm] if each.vm >= 0 else None,
            "met": each.met,
            "vms": each.of,
            "met_share": each.met / each.of,
            "probability": PROBABILITY,
        }
        for place, each in enumerate(tried)
    ]
    return rows_of(rows, REMEDIES.schema)


def _main_causes(verdicts: pa.Table) -> dict[str, str]:
    """By VM the cause of most nights late by the backup window; of equals the longest, then the first by name."""
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    is_late = [
        pair == ("backup_window", "late")
        for pair in zip(verdicts["rule"].to_pylist(), verdicts["reason"].to_pylist(), strict=True)
    ]
    for row in verdicts.filter(column_of(is_late, pa.bool_())).select(["vm", "cause", "cause_s"]).to_pylist():
        count, length_us = counts.get((row["vm"], row["cause"]), (0, 0))
        # whole microseconds: their sum does not depend on the order of rows
        counts[row["vm"], row["cause"]] = (count + 1, length_us + round((row["cause_s"] or 0.0) * _US))
    found: dict[str, str] = {}
    for vm, cause in sorted(counts, key=lambda key: (-counts[key][0], -counts[key][1], key)):
        found.setdefault(vm, cause)
    return found


@dataclass(frozen=True, slots=True)
class _Shares:
    """By VM: share of its data moves that reading takes, and of its own time whose causes are known; NaN: unknown."""

    scan: Floats
    explained: Floats


def shares_of(known: Estimates) -> _Shares:
    """What its own jobs tell of each VM."""
    jobs, causes = known.jobs, known.causes
    of_vm = (jobs.vm >= 0) & jobs.is_full & jobs.is_good & ~np.isnan(causes.combined_s)
    whole_s = np.nansum(causes.seconds, axis=1)
    # scan, changed data and overhead that cannot be told apart are no mystery together
    combined_s = np.where(np.isnan(causes.seconds[:, _SCAN]), causes.combined_s, 0.0)
    unexplained_s = np.nan_to_num(causes.seconds[:, _UNEXPLAINED]) - np.nan_to_num(combined_s)
    explained_s = np.maximum(whole_s - np.abs(unexplained_s), 0.0)
    scan_s, move_s = causes.seconds[:, _SCAN], np.nansum(causes.seconds[:, _OF_MOVE], axis=1)
    is_split = of_vm & ~np.isnan(scan_s)
    return _Shares(
        _ratio(jobs, is_split, scan_s, np.fmax(move_s, jobs.transfer_s)),
        _ratio(jobs, of_vm, explained_s, whole_s),
    )


def _ratio(jobs: Jobs, which: Bools, part: Floats, whole: Floats) -> Floats:
    """(vms,): sum of the parts by that of the wholes."""
    above, below = (
        np.bincount(jobs.vm[which], values[which], minlength=len(jobs.vms)) for values in (part, whole)
    )
    return np.asarray(above / np.where(below > 0, below, np.nan))


class _Found:
    """What the estimates say of each VM, by its place among the labels of the jobs."""

    def __init__(self, ask: Ask, known: Estimates) -> None:
        self.known, self.clock = known, clockwork_of(ask)
        jobs = known.jobs
        self.places = {vm: place for place, vm in enumerate(jobs.vms)}
        self.shares = shares_of(known)
        self.choices = choices_of(ask, jobs)
        self.limit_s = float(ask("site").to_pylist()[0]["window_s"])
        self.is_small = len(jobs.vms) <= _MOST_TRIED
        close_s, longest_s = self._limits_s(ask)
        starts_s = usual_start_s(jobs, opens_of(jobs, self.clock))
        self.p_guest = known.guest.p_within(np.minimum(close_s - starts_s, longest_s))
        self.is_too_long = _alone_s(known) > np.minimum(close_s, longest_s)
        self.low_s, self.p50_s, self.high_s = known.guest.low_s, known.guest.p50_s, known.guest.high_s
        is_moved = ~jobs.is_guest & jobs.is_good & (jobs.volume >= 0) & ~np.isnan(jobs.transfer_s)
        self.moves = np.bincount(jobs.volume[is_moved], minlength=len(jobs.volumes))

    def _limits_s(self, ask: Ask) -> tuple[Floats, Floats]:
        """(vms,): time from the opening to the limit, by the rules of the next night, else the window; longest job."""
        close_s, longest_s = (np.full(len(self.places), value) for value in (self.limit_s, np.inf))
        rows = ask("next_nights")
        nights = rows["night"].cast(pa.int32()).to_pylist()
        closes_s, durations_s = (
            floats_of(rows["closes_at"].cast(pa.int64()), _US),
            floats_of(rows["max_duration_s"]),
        )
        for vm, night, closing_s, most_s in zip(
            rows["vm"].to_pylist(), nights, closes_s, durations_s, strict=True
        ):
            if vm in self.places:
                place = self.places[vm]
                close_s[place] = np.fmin(closing_s - self.clock.opens_s(night), np.inf)
                longest_s[place] = np.fmin(most_s, np.inf)
        return close_s, longest_s

    def late_by_checks(self, verdicts: pa.Table) -> set[str]:
        """VMs that are late on nights on which a check, or a first replica, ran on their volume, and seldom else."""
        jobs = self.known.jobs
        if not self._checks.size:
            return set()
        ids = {job_id: at for at, job_id in enumerate(jobs.job_id)}
        due, late, beside = (dict.fromkeys(jobs.vms, 0) for _ in range(3))
        for row in verdicts.select(["vm", "expected", "reason", "job_id"]).to_pylist():
            if row["vm"] not in due or not row["expected"]:
                continue
            due[row["vm"]] += 1
            if row["reason"] == "late" and row["job_id"] in ids:
                late[row["vm"]] += 1
                beside[row["vm"]] += self._has_check_beside(ids[row["job_id"]])
        return {
            vm for vm in jobs.vms if beside[vm] > late[vm] / 2 and late[vm] - beside[vm] <= SELDOM * due[vm]
        }

    def _has_check_beside(self, job: int) -> bool:
        jobs, checks = self.known.jobs, self._checks
        volume, own = self._volume[jobs.vm[checks]], self._volume[jobs.vm[job]]
        is_near = ((volume == own) & (volume >= 0)) | (jobs.vm[checks] == jobs.vm[job])
        is_near &= jobs.started_s[checks] < jobs.ended_s[job]
        return bool((is_near & (jobs.ended_s[checks] > jobs.scheduled_s[job])).any())

    @cached_property
    def _checks(self) -> Ints:
        """Jobs at host level that make no recovery point: checks, first replicas."""
        jobs = self.known.jobs
        return np.flatnonzero(~jobs.is_full & ~jobs.is_guest & (jobs.vm >= 0))

    @cached_property
    def _volume(self) -> Ints:
        """(vms,): the volume of each VM's last job that names one, -1 where none does."""
        jobs = self.known.jobs
        return taken(jobs.volume, last_of(jobs, (jobs.vm >= 0) & (jobs.volume >= 0)), -1)

    @cached_property
    def _server(self) -> Ints:
        """(vms,): the DPM server of each VM's last job, -1 where none is known."""
        jobs = self.known.jobs
        return taken(jobs.server, last_of(jobs, (jobs.vm >= 0) & (jobs.server >= 0)), -1)

    def case(self, row: _Row, main_cause: str | None, is_late_by_checks: bool) -> Case:
        """What is known of the VM of a row of vm_measures, before any change is tried."""
        place = self.places.get(row["vm"], -1)
        scan, explained = (
            taken(part, np.array(place), np.nan) for part in (self.shares.scan, self.shares.explained)
        )
        grade, why = (
            ("D", "no_jobs") if place < 0 else (self.known.guest.grade[place], self.known.guest.reason[place])
        )
        return Case(
            has_host=row["has_host"],
            is_tracked=_is_tracked(row["seen_tracking"], float(scan), float(explained)),
            is_rct=row["seen_tracking"] == "rct",
            due=row["due"],
            breaches=row["breaches"],
            late=row["late"],
            main_cause=main_cause,
            checks=row["checks"],
            is_late_by_checks=is_late_by_checks,
            nights=row["nights"],
            has_sizes=row["scanned_p50_bytes"] is not None,
            has_sent=row["sent_p50_bytes"] is not None,
            grade=grade,
            grade_reason=why,
            scan_share=float(scan),
            explained_share=float(explained),
            host_p50_s=_number(row["host_p50_s"]),
            guest_high_s=float(taken(self.high_s, np.array(place), np.nan)),
            p_meets_guest=float(taken(self.p_guest, np.array(place), np.nan)),
            may_move=place < 0 or not bool(self.choices.never[place]),
            can_upgrade=row["is_rct_host"] and not row["has_pass_through"],
            version=_number(row["version"]),
            has_vhd=row["has_vhd"],
            is_too_long=place >= 0 and bool(self.is_too_long[place]),
            is_small_estate=self.is_small,
        )

    def tried(self, ask: Ask, late: set[str]) -> Effects:
        """What changes do for the VMs that are late, where the simulator is to be believed."""
        jobs = self.known.jobs
        wanted = np.array([vm in late for vm in jobs.vms], bool)
        if (
            not wanted.any()
            or not self.is_small
            or self.known.hits.is_withdrawn
            or not reproduced(self.known.model).accepted  # last: all past nights are simulated for it
        ):
            return no_effects(len(jobs.vms))
        try:
            outlook = next_outlook(ask, jobs, self.clock)
        except UsageError:  # nobody is due
            return no_effects(len(jobs.vms))
        return effects(self.known.model, outlook, self.choices, wanted)

    def row(self, row: _Row, case: Case, found: Effects) -> _Row:
        """The row of candidates."""
        place = self.places.get(row["vm"], -1)
        if place >= 0:
            case = replace(
                case,
                is_withdrawn=case.wants_advice and self.known.hits.is_withdrawn,
                cheaper=found.cheaper[place],
                is_simulated=bool(found.is_simulated[place]),
                p_meets_host=float(found.p_meets[place]),
                is_hopeless=bool(found.is_hopeless[place]),
            )
        is_estimated = (
            place >= 0 and case.has_host and not case.is_tracked and not np.isnan(self.high_s[place])
        )
        p50_s, low_s, high_s, p_guest = (
            float(part[place]) if is_estimated else np.nan
            for part in (self.p50_s, self.low_s, self.high_s, self.p_guest)
        )
        volume = -1 if place < 0 else int(self._volume[place])
        reason = reason_of(case)
        late_low, late_high = late_interval(case.late, case.due)
        return {
            **{name: row[name] for name in _MEASURED},
            **self._rates(volume, place),
            "scan_share": case.scan_share,
            "explained_share": case.explained_share,
            "guest_p50_s": p50_s,
            "guest_low_s": low_s,
            "guest_high_s": high_s,
            "saving_s": case.host_p50_s - p50_s,
            "limit_s": self.limit_s,
            "p_meets_host": float(found.p_meets[place]) if place >= 0 else np.nan,
            "p_meets_guest": p_guest,
            "recommendation": _ADVISED[reason],
            "reason": reason,
            "alternatives": ", ".join(case.cheaper) or None,
            "least_late_s": float(found.least_late_s[place]) if place >= 0 else np.nan,
            "grade": case.grade if is_estimated else "D",
            "late_low": late_low,
            "late_high": late_high,
        }

    def _rates(self, volume: int, place: int) -> _Row:
        rates = self.known.rates
        if volume < 0:
            return {"scan_s_per_gb": np.nan, "sent_s_per_gb": np.nan, "fit_jobs": None}
        server = int(self._server[place])
        is_sent = rates.is_sent_known[volume] and server >= 0
        return {
            "scan_s_per_gb": float(rates.scan_s_per_gb[0, volume]) if rates.is_scan_known[volume] else np.nan,
            "sent_s_per_gb": float(rates.sent_s_per_gb[0, server]) if is_sent else np.nan,
            "fit_jobs": int(self.moves[volume]),
        }


def _is_tracked(seen: str, scan_share: float, explained_share: float) -> bool:
    """Whether changes are tracked: where only the era says so, times that reading explains say that they are not."""
    if seen == "era":
        return not (scan_share >= HALF and explained_share >= HALF)
    return seen in ("rct", "change_tracking")


def _alone_s(known: Estimates) -> Floats:
    """(vms,): how long each VM's data move takes with nothing beside it, NaN where that cannot be told."""
    jobs = known.jobs
    usual_s = medians_by(jobs.vm, known.causes.combined_s, len(jobs.vms))
    return np.asarray(usual_s * known.rates.vm_factor[0])


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)
