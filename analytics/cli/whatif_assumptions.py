"""What the sentences of whatif take for granted, and what is not known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.cli.console import counted
from analytics.harmless import visible
from analytics.tables import TABLES

if TYPE_CHECKING:
    from analytics.planning.jobs import Ints
    from analytics.planning.whatif_request import Request

__all__ = ["assumptions_of", "listed", "percent"]

_NAMED = 6
_PLACES = {"volume": "volume", "host": "host", "server": "DPM server"}
_REASONS = {column.name: column.values for column in TABLES["guest_estimates"].columns}["reason"]


_Said = list[tuple[str, str]]


def assumptions_of(
    request: Request, moved: Sequence[int], probability: float | None = None, late: Ints | None = None
) -> tuple[_Said, _Said]:
    """What holds for a change or, with its `probability`, for a plan; and what is not known of `late` VMs that stay.

    Codes and sentences, the error of the simulator first; `moved` and `late` are places of the outlook.
    """
    plan = [] if probability is None else _of_plan(request, probability)
    return [*_of_change(request, moved), *plan], [] if late is None else _unknown(request, late)


def _of_change(request: Request, moved: Sequence[int]) -> _Said:
    found, rules = request.reproduction, request.model.rules
    said = [
        (
            "reproduction",
            (
                f"Error of the simulator on {counted(found.nights, 'past night')}:"
                f" {percent(found.finish_error_median)} (median)."
            ),
        ),
        ("caps", _caps(request)),
        ("order", "Jobs get their claim in the order in which they were released."),
    ]
    if rules.in_order < 0.8:
        said.append(("not_in_order", f"Only {percent(rules.in_order)} of those that waited did in the past."))
    if not request.asked.night:
        now = "Before the change each VM" if request.spread else "Each VM"
        said.append(("starts", f"{now} starts as long after the opening of the window as it usually does."))
    if request.asked.window:
        said.append(("window", "Starts move with the opening of the window."))
    if len(moved):
        said.append(("guest_level", _guest_level(request, moved)))
    if request.left_out:
        said.append(("left_out", f"Too little is known of {listed(list(request.left_out))}: left out."))
    return said


def _guest_level(request: Request, moved: Sequence[int]) -> str:
    """What is taken for granted of the moved VMs, given as places of the outlook."""
    guest, places = request.model.guest, [int(request.after.vm[at]) for at in moved]
    upper = [request.jobs.vms[place] for place in places if guest.is_bound[place]]
    said = f" Of {listed(upper)} only an upper bound is known: it is taken." if upper else ""
    if places:
        grades = ", ".join(sorted({guest.grade[place] for place in places}))
        said += f" Times at guest level are estimates of grade {grades}: sql guest_estimates shows why."
    return f"The first replica at guest level is not part of this night.{said}"


def _unknown(request: Request, late: Ints) -> _Said:
    """Why nothing better is known of late VMs that stay, given as places of the outlook."""
    guest, reasons = request.model.guest, defaultdict(list)
    for place in request.after.vm[late]:
        name = request.jobs.vms[place]
        if request.model.usual.is_guest[place] or request.choices.never[place]:
            continue
        if not request.model.can_move[place]:
            reasons["guest_unknown", guest.reason[place]].append(name)
        elif guest.is_bound[place]:
            reasons["guest_bound", guest.reason[place]].append(name)
    said = {
        "guest_unknown": "Nothing tells how long {} would take at guest level",
        "guest_bound": "How long {} would take at guest level is known only as an upper bound, which is too long",
    }
    return [
        (code, f"{said[code].format(listed(names))}. {_why(reason)}")
        for (code, reason), names in sorted(reasons.items())
    ]


def _why(reason: str) -> str:
    found = _REASONS and _REASONS.covering(reason)
    return found.meaning if found else f"The reason is {reason}."


def _of_plan(request: Request, probability: float) -> _Said:
    choices, vm = request.choices, request.after.vm
    said = [
        (
            "probability",
            f"A VM meets its limits where it does in {percent(probability)} of the simulated nights.",
        ),
    ]
    for code, flags, what in (
        ("never", choices.never, "are not moved, as the site file says"),
        ("always", choices.must, "are moved, as the site file says"),
    ):
        names = [request.jobs.vms[place] for place in vm if flags[place]]
        if names:
            said.append((code, f"{listed(names)} {what}."))
    return said


def _caps(request: Request) -> str:
    said = []
    for kind in ("volume", "host", "server"):
        known = [f"{visible(label)}: {cap}" for label, cap in request.known_caps(kind)]
        if known:
            said.append(f"by {_PLACES[kind]} {listed(known)}")
    until = "snapshot is taken" if request.model.rules.caps.volume_until_snapshot else "job ends"
    if not said:
        return "No limit of jobs at once is known: none waited."
    return f"Jobs at once, {'; '.join(said)}; a claim is held until the {until}."


def listed(names: list[str]) -> str:
    """Names as they may be shown, the first six."""
    shown = ", ".join(visible(name) for name in names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"


def percent(share: float) -> str:
    """A share, with the blank of the language."""
    return f"{share:.0%}".replace("%", " %")
