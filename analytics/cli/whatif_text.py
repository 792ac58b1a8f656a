"""What whatif says: documents for programs, lines and a table for people."""

from __future__ import annotations

from datetime import date, timedelta
from math import floor
from typing import TYPE_CHECKING, Any

from analytics.cli.console import counted, say, say_wrapped, width
from analytics.cli.grid import GridColumn, grid
from analytics.harmless import visible

if TYPE_CHECKING:
    from analytics.planning.advice_trials import Alternative
    from analytics.planning.plan import Planned
    from analytics.planning.spread import Overload
    from analytics.planning.whatif import Compared
    from analytics.planning.whatif_request import Request

_SHOWN = 20
_NAMED = 6
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
    "optimal": "proved: no cheaper plan is enough",
    "within": "a cheaper plan may save at most {gap} of the cost",
    "heuristic": "found by trying: a cheaper plan may exist",
    "infeasible": "no plan is enough for all: the latest is still {late} late",
    "nothing_to_do": "nothing to do: every VM meets its limits",
}
_PLACES = {"volume": "volume", "host": "host", "server": "DPM server", "vm": "VM"}
_Lines = list[Any]


def refusal(request: Request) -> str:
    """Why nothing is told."""
    found = request.reproduction
    return _REFUSALS[request.refusal].format(
        nights=counted(found.nights, "night"),
        jobs=counted(found.jobs, "job"),
        error=_percent(found.finish_error_median),
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
    assumptions = _assumptions(request)
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


def planned(request: Request, found: Planned, probability: float) -> tuple[dict[str, Any], _Lines]:
    """The document and the lines of a plan."""
    plan, names = found.plan, request.names
    moves = [names[place] for place in plan.moves]
    still = [name for name, meets in zip(names, plan.meets, strict=True) if meets < probability - 0.05]
    assumptions = [*_assumptions(request), *_plan_assumptions(request, probability)]
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
    status = _STATUSES[plan.status].format(gap=_percent(plan.gap or 0), late=_hours(plan.least_lateness_s))
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
        lines.append(f"Still late: {_listed(still)}.")
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
    was, now = (int((share >= 0.9).sum()) for share in (found.p_meets_before, found.p_meets_after))
    return (
        f"Night of {_date(request)}: {now:,} of {counted(len(request.names), 'VM')} meet their limits with 90 %"
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
    shares = dict(prefixes)
    shown = [(0, ""), *enumerate(moves, start=1)][: _SHOWN + 1]
    return [
        GridColumn("moves", [str(count) for count, _ in shown], numeric=True),
        GridColumn("vm", [visible(vm) or "-" for _, vm in shown]),
        GridColumn(
            "VMs that meet",
            [_met(shares[count]) if count in shares else "" for count, _ in shown],
            numeric=True,
        ),
    ]


def _said(request: Request, each: Alternative) -> str:
    what = _ALTERNATIVES[each.kind]
    changes = _changes(request, each)
    if each.is_enough:
        return f"Enough without moves: {what}{f' ({changes})' if changes else ''}."
    if each.overloads:
        return f"Not enough: {what}; {'; '.join(_overload(request, load) for load in each.overloads[:3])}."
    return f"Not enough: {what}: {_met(each.meets_share)} of VMs would meet."


def _changes(request: Request, each: Alternative) -> str:
    if each.caps:
        labels = _labels(request, each.capped)
        listed = _listed([f"{labels[place]}: {cap}" for place, cap in each.caps])
        return f"{listed}; more at once than now: watch what else reads there" if each.is_raised else listed
    return "--spread shows them" if each.kind == "spread" else ""


def _overload(request: Request, load: Overload) -> str:
    name = _labels(request, load.kind)[load.place]
    return (
        f"{_PLACES[load.kind]} {visible(name)}: its work is {_hours(load.work_s)}, there is time for"
        f" {_hours(load.window_s)}"
    )


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


def _assumptions(request: Request) -> list[tuple[str, str]]:
    found, rules = request.reproduction, request.model.rules
    said = [
        (
            "reproduction",
            (
                f"Error of the simulator on {counted(found.nights, 'past night')}:"
                f" {_percent(found.finish_error_median)} (median)."
            ),
        ),
        ("caps", _caps(request)),
        ("order", "Jobs get their claim in the order in which they were released."),
    ]
    if rules.in_order < 0.8:
        said.append(
            ("not_in_order", f"Only {_percent(rules.in_order)} of those that waited did in the past.")
        )
    if not request.asked.night:
        now = "Before the change each VM" if request.spread else "Each VM"
        said.append(("starts", f"{now} starts as long after the opening of the window as it usually does."))
    if request.asked.window:
        said.append(("window", "Starts move with the opening of the window."))
    if request.moved.any() or request.left_out:
        said += _about_moves(request)
    if request.spread is not None and not request.spread.is_enough:
        said.append(("spread_not_enough", _spread_fails(request)))
    return said


def _about_moves(request: Request) -> list[tuple[str, str]]:
    said = []
    if request.moved.any():
        said.append(("guest_level", _guest_level(request)))
    if request.left_out:
        said.append(("left_out", f"Too little is known of {_listed(list(request.left_out))}: left out."))
    return said


def _guest_level(request: Request) -> str:
    bound = [
        name
        for name, place, is_moved in zip(request.names, request.after.vm, request.moved, strict=True)
        if is_moved and request.model.guest.is_bound[place]
    ]
    upper = f" Of {_listed(bound)} only an upper bound is known: it is taken." if bound else ""
    return f"The first replica at guest level is not part of this night.{upper}"


def _plan_assumptions(request: Request, probability: float) -> list[tuple[str, str]]:
    choices, vm = request.choices, request.after.vm
    said = [
        (
            "probability",
            f"A VM meets its limits where it does in {_percent(probability)} of the simulated nights.",
        ),
        ("guest_level", "The first replica at guest level is not part of this night."),
    ]
    for code, flags, what in (
        ("never", choices.never, "are not moved, as the site file says"),
        ("always", choices.must, "are moved, as the site file says"),
    ):
        names = [request.jobs.vms[place] for place in vm if flags[place]]
        if names:
            said.append((code, f"{_listed(names)} {what}."))
    return said


def _spread_fails(request: Request) -> str:
    assert request.spread is not None
    loads = request.spread.overloads
    if loads:
        return (
            f"No start times are enough for all: {'; '.join(_overload(request, load) for load in loads[:3])}."
        )
    return "No start times were found by which all meet their limits."


def _caps(request: Request) -> str:
    said = []
    for kind in ("volume", "host", "server"):
        known = [f"{visible(label)}: {cap}" for label, cap in request.known_caps(kind)]
        if known:
            said.append(f"by {_PLACES[kind]} {_listed(known)}")
    until = "snapshot is taken" if request.model.rules.caps.volume_until_snapshot else "job ends"
    if not said:
        return "No limit of jobs at once is known: none waited."
    return f"Jobs at once, {'; '.join(said)}; a claim is held until the {until}."


def _listed(names: list[str]) -> str:
    shown = ", ".join(visible(name) for name in names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"


def _date(request: Request) -> str:
    return (date(1970, 1, 1) + timedelta(days=request.before.night)).isoformat()


def _met(share: float) -> str:
    """Rounded down, as in the figure: 100 % are all."""
    return f"{floor(share * 100 + 1e-9)} %"


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def _hours(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02d} h" if minutes >= 60 else f"{minutes} min"
