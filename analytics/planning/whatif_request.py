"""One question of what-if: names become places, and the estate is checked before anything is told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PureWindowsPath

import numpy as np

from analytics.errors import UsageError
from analytics.planning.demands import Clockwork, choices_of, clockwork_of, next_outlook, past_outlook
from analytics.planning.estimates import Estimates
from analytics.planning.goal import Clock
from analytics.planning.jobs import Bools, Floats, Jobs
from analytics.planning.night import NO_CAP
from analytics.planning.outlook import Outlook
from analytics.planning.plan import Choices, Planned, changed_night, plan_for
from analytics.planning.reproduction import Reproduction, reproduced
from analytics.planning.scenarios import Model
from analytics.planning.spread import Spread, spread
from analytics.planning.whatif import Compared, compared
from analytics.sql import Ask

__all__ = ["Asked", "Request", "request_of"]

_SPREAD_AT = 0.9
_SPREAD_S = 100.0
_KINDS = (("volume", "volumes"), ("host", "hosts"), ("server", "servers"))
_Near = Callable[[str, Iterable[str]], str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, by name; times of day are seconds after midnight by the site's clock."""

    move: tuple[str, ...] = ()
    caps: tuple[tuple[str, int], ...] = ()
    starts: tuple[tuple[str, int], ...] = ()
    window: tuple[int, int] | None = None
    is_spread: bool = False
    night: date | None = None


@dataclass(slots=True)
class Request:
    """The night before and after the change, and what it stands on."""

    asked: Asked
    model: Model
    changed: Model
    """The same with the limits of claims that are asked for."""
    clock: Clockwork
    reproduction: Reproduction
    before: Outlook
    after: Outlook
    moved: Bools
    """Of the VMs of the outlooks."""
    choices: Choices
    left_out: tuple[str, ...]
    """VMs that are due, of which too little is known."""
    spread: Spread | None = None

    @property
    def jobs(self) -> Jobs:
        """The jobs that all is inferred from."""
        return self.model.jobs

    @property
    def names(self) -> tuple[str, ...]:
        """The VMs of the outlooks."""
        return tuple(self.jobs.vms[place] for place in self.after.vm)

    @property
    def refusal(self) -> str:
        """Code of the reason why nothing is told: no_jobs, or that of the reproduction; empty where it is."""
        return "no_jobs" if not len(self.after.vm) else self.reproduction.reason

    def known_caps(self, kind: str) -> list[tuple[str, int]]:
        """The limits of jobs at once that hold after the change: of each volume, host or server that has one."""
        labels = getattr(self.jobs, f"{kind}s")
        caps = getattr(self.changed.rules.caps, kind)[: len(labels)]
        return [(label, int(cap)) for label, cap in zip(labels, caps, strict=True) if cap < NO_CAP]

    def compared(self) -> Compared:
        """The night before and after; spread starts are looked for first."""
        after = self.after
        if self.asked.is_spread:
            self.spread = self._spread()
            after = self.after = after.released(self.spread.release_s + after.opens_s)
        return compared(self.model, self.before, after, self.moved, self.changed.rules.caps)

    def plan(
        self,
        probability: float,
        max_moves: int | None,
        seconds: float,
        tell: Callable[[str, int], None],
    ) -> Planned:
        """The plan, under whatever else is changed."""
        must = self.choices.must.copy()
        must[self.after.vm[self.moved]] = True
        return plan_for(
            self.changed,
            self.after,
            replace(self.choices, must=must),
            probability,
            max_moves=max_moves,
            seconds=seconds,
            tell=tell,
        )

    def _spread(self) -> Spread:
        after = self.after
        search, check = (
            changed_night(self.changed, after, scenarios, seed) for scenarios, seed in ((60, 2), (200, 3))
        )
        is_guest = self.model.usual.is_guest[after.vm] | self.moved
        return spread(
            search,
            check,
            is_guest,
            0.0,
            after.close_s - after.opens_s,
            after.longest_s,
            _SPREAD_AT,
            Clock(_SPREAD_S),
            is_for_most=True,
        )


def request_of(ask: Ask, asked: Asked, near: _Near) -> Request:
    """Read the session and resolve the names; `near` says which names are like one that is not known.

    UsageError for a name that is not known, a VM that is at guest level already, a night without backups.
    """
    estimates, clock = Estimates(ask), clockwork_of(ask)
    jobs, model = estimates.jobs, estimates.model
    due = past_outlook(ask, jobs, clock, asked.night) if asked.night else next_outlook(ask, jobs, clock)
    known = model.is_known[due.vm]
    before = due.part(known)
    moved = _moved(asked.move, model, before, near)
    return Request(
        asked=asked,
        model=model,
        changed=_capped(asked.caps, model, near),
        clock=clock,
        reproduction=reproduced(model),
        before=before,
        after=_restarted(asked, jobs, before, clock, near),
        moved=moved,
        choices=choices_of(ask, jobs),
        left_out=tuple(jobs.vms[place] for place in due.vm[~known]),
    )


def _moved(names: tuple[str, ...], model: Model, outlook: Outlook, near: _Near) -> Bools:
    places = {model.jobs.vms[place]: at for at, place in enumerate(outlook.vm)}
    moved = np.zeros(len(outlook.vm), bool)
    for name in names:
        at = _place(name, places, "--move", near)
        if model.usual.is_guest[outlook.vm[at]]:
            raise UsageError(f"{name} is at guest level already", "--move", "leave it out")
        if not model.can_move[outlook.vm[at]]:
            raise UsageError(
                f"too little is known of {name} to say what it takes at guest level", "--move", "leave it out"
            )
        moved[at] = True
    return moved


def _place(name: str, places: dict[str, int], option: str, near: _Near) -> int:
    """The place of a name, whatever its case, of a volume by its last folder, too; UsageError where there is none."""
    if name in places:
        return places[name]
    folded = [known for known in places if known.casefold() == name.casefold()]
    folded = folded or [
        known for known in places if PureWindowsPath(known).name.casefold() == name.casefold()
    ]
    if len(folded) != 1:
        raise UsageError(f"no {name!r} among those of that night", option, near(name, places))
    return places[folded[0]]


def _capped(caps: tuple[tuple[str, int], ...], model: Model, near: _Near) -> Model:
    jobs, found = model.jobs, model.rules.caps
    for name, number in caps:
        labels = {
            label: (kind, place)
            for kind, plural in reversed(_KINDS)
            for place, label in enumerate(getattr(jobs, plural))
        }
        at = {label: index for index, label in enumerate(labels)}
        kind, place = list(labels.values())[_place(name, at, "--cap", near)]
        changed = getattr(found, kind).copy()
        changed[place] = number
        found = replace(found, **{kind: changed})
    return replace(model, rules=replace(model.rules, caps=found))


def _restarted(asked: Asked, jobs: Jobs, before: Outlook, clock: Clockwork, near: _Near) -> Outlook:
    after = before
    if asked.window is not None:
        opens_s = clock.at(before.opens_s, asked.window[0])
        close_s = clock.after(opens_s, asked.window[1])
        shifted: Floats = before.release_s + (opens_s - before.opens_s)
        after = replace(after, opens_s=opens_s, release_s=shifted, close_s=np.full(len(before.vm), close_s))
    if asked.starts:
        places = {jobs.vms[place]: at for at, place in enumerate(before.vm)}
        release_s = after.release_s.copy()
        for name, day_s in asked.starts:
            release_s[_place(name, places, "--start", near)] = clock.at(before.opens_s, day_s)
        after = after.released(release_s)
    return after
