"""What whatif says: documents for programs, lines and a table for people."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from math import floor
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics.cli.console import counted, say, say_wrapped, width
from analytics.cli.grid import GridColumn, grid
from analytics.cli.whatif_assumptions import assumptions_of, listed, percent
from analytics.harmless import visible

if TYPE_CHECKING:
    from analytics.planning.advice_trials import Alternative
    from analytics.planning.plan import Planned
    from analytics.planning.spread import Overload, Spread
    from analytics.planning.whatif import Compared
    from analytics.planning.whatif_request import Request

_SHOWN = 20
_REASONS = 3
_PLACES = {"volume": "volume", "host": "host", "server": "DPM server"}
# A VM of a night after a change is said to meet its limits from here on.
_SURE = 0.9
_REFUSALS = {
    "no_jobs": "refused: of no VM that is due enough is known to simulate it",
    "too_few_nights": "refused: {nights} with whole backups are too few to check the simulator; it takes 3",
    "too_few_jobs": "refused: {jobs} with known times are too few to check the simulator; it takes 9",
    "too_far_off": "refused: the simulator misses past nights by {error} (median of {jobs}); it may by 25 %."
    " Claims or queues of this estate work otherwise than it thinks",
}
_ALTERNATIVES = {
    "start_at_opening": "those that are late start at the opening of the window",
    "spread": "other start times",
    "volume_caps": "other limits of jobs at once by volume",
    "host_caps": "other limits of jobs at once by host",
    "several": "other limits of jobs at once together with other start times",
}
_STATUSES = {
    "optimal": "proved in the simulation: no cheaper plan is enough",
    "within": "a cheaper plan may save at most {gap} of the cost",
    "heuristic": "found by trying: a cheaper plan may exist",
    "infeasible": "moves alone are not enough for all: the latest is still {late} late",
    "not_known": "no moves are known to be enough for all: the latest is still {late} late",
    "too_few": "so many moves are not enough for all: the latest is still {late} late",
    "nothing_to_do": "nothing to do: every VM meets its limits",
}
_Lines = list[Any]


def refusal(request: Request) -> str:
    """Why nothing is told."""
    found = request.reproduction
    return _REFUSALS[request.refusal].format(
        nights=counted(found.nights, "night"),
        jobs=counted(found.jobs, "job"),
        error=percent(found.finish_error_median),
    )


def refused(request: Request) -> dict[str, Any]:
    """The document of a refusal."""
    return {"reproduction": _reproduction(request), "refused": request.refusal}


def compared(request: Request, found: Compared) -> tuple[dict[str, Any], _Lines]:
    """The document and the lines of a change."""
    night = _date(request)
    rows: list[dict[str, Any]] = [
        {
            "vm": name,
            "night": night,
            "before_s": round(float(found.before_s[at]), 1),
            "after_p50_s": round(float(found.after_p50_s[at]), 1),
            "low_s": round(float(found.low_s[at]), 1),
            "high_s": round(float(found.high_s[at]), 1),
            "p_meets_before": float(found.p_meets_before[at]),
            "p_meets_after": float(found.p_meets_after[at]),
            "start": request.clock.shown(float(request.after.release_s[at])),
        }
        for at, name in enumerate(request.names)
    ]
    assumptions, _ = assumptions_of(request, np.flatnonzero(request.moved).tolist())
    # starts that the search doubts are enough where the night itself says so
    if request.spread and not request.spread.is_enough and (found.p_meets_after < _SURE).any():
        assumptions.append(("spread_not_enough", _spread_fails(request.spread, request)))
    document = {
        "reproduction": _reproduction(request),
        "rows": rows,
        "assumptions": [{"code": code, "text": text} for code, text in assumptions],
    }
    order = sorted(rows, key=lambda row: (-abs(row["after_p50_s"] - row["before_s"]), row["vm"]))
    lines: _Lines = [
        assumptions[0][1],
        _headline(request, found),
        "",
        _table(order[:_SHOWN]),
    ]
    if len(order) > _SHOWN:
        lines.append(f"({len(order) - _SHOWN:,} more change less; --json has all)")
    return document, [*lines, "", *(text for _, text in assumptions[1:])]


def planned(
    request: Request, found: Planned, probability: float, max_moves: int | None = None
) -> tuple[dict[str, Any], _Lines]:
    """The document and the lines of a plan; `max_moves` is how many were allowed."""
    plan, names = found.plan, request.names
    moves = [names[place] for place in plan.moves]
    late_places = np.flatnonzero(plan.meets < probability - 0.05)
    still = [names[place] for place in late_places]
    stay = np.setdiff1d(late_places, plan.moves)
    assumptions, unknown = assumptions_of(request, plan.moves, probability, stay)
    assumptions += unknown
    document = {
        "night": _date(request),
        "moves": moves,
        "status": plan.status,
        "gap": plan.gap,
        "prefixes": [{"moves": count, "meets_share": round(share, 4)} for count, share in plan.prefixes],
        "alternatives": [_alternative(request, each) for each in found.alternatives],
        "least_lateness_s": round(plan.least_lateness_s, 1),
        "late": still,
        "reproduction": _reproduction(request),
        "assumptions": [{"code": code, "text": text} for code, text in assumptions],
    }
    code = plan.status
    if code == "infeasible":
        code = "too_few" if len(moves) == max_moves else "not_known" if unknown else code
    status = _STATUSES[code].format(gap=percent(plan.gap or 0), late=_hours(plan.least_lateness_s))
    late = f"{counted(found.violators, 'VM')} of {len(names):,} late too often as things are"
    lines: _Lines = [assumptions[0][1], f"Night of {_date(request)}: {late}."]
    lines += [_said(request, each) for each in found.alternatives]
    lines += [
        f"To guest level: {counted(len(moves), 'VM')}; {status}."
        if moves
        else f"{status[:1].upper()}{status[1:]}."
    ]
    if moves:
        lines += ["", _moves_table(moves, plan.prefixes)]
    if still:
        lines.append(f"Still late: {listed(still)}.")
    return document, [*lines, "", *(text for _, text in assumptions[1:])]


def say_all(lines: _Lines) -> None:
    """Lines wrapped, tables as they are."""
    for line in lines:
        if isinstance(line, str):
            say_wrapped(line)
        else:
            for row in grid(line, width())[0]:
                say(row)


def _headline(request: Request, found: Compared) -> str:
    was, now = (int((share >= _SURE).sum()) for share in (found.p_meets_before, found.p_meets_after))
    return (
        f"Night of {_date(request)}: {now:,} of {counted(len(request.names), 'VM')} meet their limits with"
        f" {percent(_SURE)}"
        f" probability after the change, {was:,} before."
    )


def _table(rows: list[dict[str, Any]]) -> list[GridColumn]:
    cells = [
        (
            visible(row["vm"]),
            row["start"],
            _hours(row["before_s"]),
            _hours(row["after_p50_s"]),
            f"{_hours(row['low_s'])}-{_hours(row['high_s'])}",
            _met(row["p_meets_before"]),
            _met(row["p_meets_after"]),
        )
        for row in rows
    ]
    headings = ("vm", "start", "before", "after", "90 % range", "met before", "met after")
    columns = list(zip(*cells, strict=True)) or [()] * len(headings)
    return [
        GridColumn(heading, list(column), numeric=number > 0)
        for number, (heading, column) in enumerate(zip(headings, columns, strict=True))
    ]


def _moves_table(moves: list[str], prefixes: tuple[tuple[int, float], ...]) -> list[GridColumn]:
    """A row for each number of moves that was judged, with the VMs since the one before."""
    counts = [count for count, _ in prefixes]
    added = [moves[since:count] for since, count in pairwise([0, *counts])]
    return [
        GridColumn("moves", [str(count) for count in counts], numeric=True),
        GridColumn("vm", [listed(vms) or "-" for vms in added]),
        GridColumn("VMs that meet", [_met(share) for _, share in prefixes], numeric=True),
    ]


def _said(request: Request, each: Alternative) -> str:
    what = _ALTERNATIVES[each.kind]
    changes = _changes(request, each)
    if each.is_enough:
        return f"Enough without moves: {what}{f' ({changes})' if changes else ''}."
    if each.overloads:
        too_much = _overloads(request, each.overloads, each.probability)
        return f"Not enough: {what}: {_met(each.meets_share)} of VMs would meet; {too_much}."
    return f"Not enough: {what}: {_met(each.meets_share)} of VMs would meet."


def _changes(request: Request, each: Alternative) -> str:
    if each.caps:
        labels = _labels(request, each.capped)
        shown = listed([f"{labels[place]}: {cap}" for place, cap in each.caps])
        return f"{shown}; more at once than now: watch what else reads there" if each.is_raised else shown
    return "--spread shows them" if each.kind == "spread" else ""


def _overloads(request: Request, loads: tuple[Overload, ...], probability: float) -> str:
    """The three worst; a place that takes no longer than a VM alone is no reason of its own."""
    alone_s = max((load.work_s for load in loads if load.kind == "vm"), default=0.0)
    told = [load for load in loads if load.kind == "vm" or load.work_s > alone_s]
    return "; ".join(_overload(request, load, probability) for load in told[:_REASONS])


def _overload(request: Request, load: Overload, probability: float) -> str:
    name = visible(_labels(request, load.kind)[load.place])
    takes = f"takes up to {_hours(load.work_s)} on {percent(probability)} of nights"
    if load.kind != "vm":
        name, takes = f"{_PLACES[load.kind]} {name}", f"needs at least {_hours(load.work_s)} for its jobs"
    return f"{name} {takes}, there is time for {_hours(load.window_s)}"


def _alternative(request: Request, each: Alternative) -> dict[str, Any]:
    after = request.after
    starts = {}
    if each.starts_s is not None and each.meets_share:
        moments = each.starts_s + after.opens_s
        starts = {
            name: request.clock.shown(float(moment))
            for name, moment, was in zip(request.names, moments, after.release_s, strict=True)
            if abs(moment - was) > 1
        }
    labels = _labels(request, each.capped)
    return {
        "kind": each.kind,
        "meets_share": round(each.meets_share, 4),
        "is_enough": each.is_enough,
        "starts": starts,
        "caps": {labels[place]: cap for place, cap in each.caps},
        "is_raised": each.is_raised,
        "overloads": [
            {
                "kind": load.kind,
                "name": _labels(request, load.kind)[load.place],
                "work_s": round(load.work_s, 1),
                "window_s": round(load.window_s, 1),
            }
            for load in each.overloads
        ],
    }


def _labels(request: Request, kind: str) -> tuple[str, ...]:
    jobs = request.jobs
    if kind == "vm":
        return request.names
    return (*{"volume": jobs.volumes, "host": jobs.hosts, "server": jobs.servers}[kind], "(unknown)")


def _reproduction(request: Request) -> dict[str, Any]:
    found = request.reproduction
    return {
        "finish_error_median": round(found.finish_error_median, 4),
        "nights": found.nights,
        "accepted": found.accepted,
    }


def _spread_fails(spread: Spread, request: Request) -> str:
    if spread.overloads:
        return f"No start times are enough for all: {_overloads(request, spread.overloads, _SURE)}."
    return "No start times were found by which all meet their limits."


def _date(request: Request) -> str:
    return (date(1970, 1, 1) + timedelta(days=request.before.night)).isoformat()


def _met(share: float) -> str:
    """Rounded down, as in the figure: 100 % are all."""
    return f"{floor(share * 100 + 1e-9)} %"


def _hours(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02d} h" if minutes >= 60 else f"{minutes} min"
