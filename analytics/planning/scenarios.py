"""A night that is due, drawn in scenarios: bootstrap draws, night and job noise, changed data of the VM's own nights.

Work is in seconds that a data move takes alone, so that the simulator's pace alone is 1 second a unit. The same seed
gives the same numbers to the same VMs, whatever is changed: common random numbers (reference/model.md 2.4, 6 and 3.1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analytics.planning.guest import GuestTimes, guest_times
from analytics.planning.jobs import Bools, Floats, Ints, Jobs, completed
from analytics.planning.night import Caps, Form, Law, Night
from analytics.planning.normals import normals, shares, turns
from analytics.planning.overlap import loads
from analytics.planning.queue_rules import QueueRules, inferred
from analytics.planning.rates import Rates, fitted
from analytics.planning.sample import medians_by
from analytics.planning.usual import Usual, usual

__all__ = ["Model", "model_of", "night_in_scenarios"]

# Errors of the law itself where something changes, by volume (model.md 0, 7); those of a move are in its own draws.
_VOLUME_SD = 0.15
_FEW_RESIDUALS = 20
_RECENT = 28


@dataclass(frozen=True, slots=True)
class Model:
    """What an estate's logs imply. Arrays by VM (`jobs.vms`); places that are unknown count as one more at the end."""

    jobs: Jobs
    rates: Rates
    rules: QueueRules
    guest: GuestTimes
    usual: Usual
    volume: Ints
    host: Ints
    server: Ints
    before_s: Floats
    """From the granted claim to the data move, at host level."""
    own_s: Floats
    """(vms, nights): what its last data moves, made as they are now, took as if alone; NaN at the end."""
    guest_before_s: Floats
    """From the release to the data move, of a VM that is at guest level now; its whole job where no more is known."""
    is_expected: Bools
    """Whether the rates speak of it: what is read as a whole at host level. Else its own data moves do."""
    turn: Ints
    """Place of each VM's random numbers; it does not depend on names."""

    @property
    def is_known(self) -> Bools:
        """Whether enough is known of a VM to simulate it as it is backed up now."""
        expected = _expected_s(self, np.zeros(1, np.int64), self.typical_gb[None])[0]
        host = ~np.isnan(expected) | ~np.isnan(self.own_s[:, 0])
        return np.where(self.usual.is_guest, ~np.isnan(self.guest_before_s), host)

    @property
    def can_move(self) -> Bools:
        """Whether something can be said of the VM at guest level, where it is not yet."""
        guest = self.guest
        return ~self.usual.is_guest & ~(np.isnan(guest.before_s) | np.isnan(guest.alone_s)).any(axis=0)

    @property
    def typical_gb(self) -> Floats:
        """Changed data of a night, the VM's middle, else the share of its disks that is typical of the estate."""
        return _filled(self.usual.typical_gb, self.usual.vhd_gb)


def model_of(jobs: Jobs, rates: Rates | None = None, guest: GuestTimes | None = None) -> Model:
    """Everything that is inferred from the jobs, but for what is known of them already."""
    filled = completed(jobs)
    rates = rates or fitted(jobs)
    rules, now = inferred(jobs), usual(filled)
    is_host = ~filled.is_guest & (filled.vm >= 0)
    vm, vms = filled.vm[is_host], len(jobs.vms)
    begun = np.where(np.isnan(filled.granted_s), filled.started_s, filled.granted_s)
    as_now = filled.is_good & filled.is_full & (filled.vm >= 0) & (filled.is_guest == now.is_guest[filled.vm])
    as_now &= filled.is_guest | (filled.is_compared == ~now.is_tracked[filled.vm])
    own = np.where(as_now, filled.transfer_s / slowed(rates, filled), np.nan)
    return Model(
        jobs=jobs,
        rates=rates,
        rules=rules,
        guest=guest or guest_times(jobs, rates),
        usual=now,
        volume=_known_place(now.volume, len(jobs.volumes)),
        host=_known_place(_last_host(filled), len(jobs.hosts)),
        server=_known_place(now.server, len(jobs.servers)),
        before_s=_or_typical(medians_by(vm, np.maximum(filled.moving_s - begun, 0)[is_host], vms)),
        own_s=_last_of_each(filled, own),
        guest_before_s=_guest_before(filled, as_now & filled.is_guest),
        is_expected=~now.is_tracked,
        turn=turns(jobs),
    )


def slowed(rates: Rates, jobs: Jobs) -> Floats:
    """By how much each job's data move was slowed by those beside it, 1 where unknown."""
    volume_load, server_load = (np.nan_to_num(load) for load in loads(jobs))
    on_volume = _with_unknown(rates.volume_contention[:1], 0.0)[0][jobs.volume]
    on_server = _with_unknown(rates.server_contention[:1], 0.0)[0][jobs.server]
    return np.asarray(1 + on_volume * volume_load + on_server * server_load)


def night_in_scenarios(
    model: Model,
    vms: Ints,
    release_s: Floats,
    *,
    scenarios: int,
    seed: int,
    caps: Caps | None = None,
    is_changed: Bools | None = None,
) -> Night:
    """These VMs, released at these moments, in scenarios.

    `is_changed` (volumes with the unknown one): where the law is used outside of what was seen, which widens it.
    """
    rng = np.random.default_rng([seed, 20_261_128])
    turn, rates = model.turn, model.rates
    draw = _rows(rng, len(rates.overhead_s), scenarios)
    sent_gb = _own_nights(model, shares(rng, scenarios, turn))
    places = len(model.jobs.volumes) + 1
    by_volume = _turn_of_places(model.volume, turn, places)
    shock = _finite(rates.night_sd) * normals(rng, scenarios, by_volume)
    structure = _VOLUME_SD * normals(rng, scenarios, by_volume)
    shock = shock + (0.0 if is_changed is None else structure * is_changed)
    noise = _noise(model, shares(rng, scenarios, turn))
    guest_row = _rows(rng, len(model.guest.before_s) + 1, scenarios) - 1
    factor = np.exp(shock[:, model.volume] + noise)
    alone_s = _expected_s(model, draw, sent_gb) * factor
    own_s = _drawn(model.own_s, shares(rng, scenarios, turn))
    alone_s = np.where(np.isnan(alone_s), own_s, alone_s)
    ones = np.ones((scenarios, 1))
    at_host = Form(ones * model.before_s, alone_s, ones * model.usual.after_s)
    guest = model.guest
    is_guest = model.usual.is_guest
    at_guest = Form(
        np.where(is_guest, model.guest_before_s, guest.before_s[guest_row]),
        np.where(is_guest, own_s, guest.alone_s[guest_row]),
        ones * np.where(is_guest, model.usual.after_s, guest.after_s),
    )
    law = Law(
        np.ones(places),
        _with_unknown(rates.volume_contention[draw], 0.0),
        _with_unknown(rates.server_contention[draw], 0.0),
    )
    whole = Night(
        np.zeros(len(turn)), model.volume, model.host, model.server, _finite_form(at_host),
        _finite_form(at_guest), law, caps or model.rules.caps,
    )  # fmt: skip
    return replace(whole.part(vms), release_s=release_s)


def _expected_s(model: Model, draw: Ints, sent_gb: Floats) -> Floats:
    """(draws, vms): seconds alone that the rates expect."""
    rates = model.rates
    scan = _with_unknown(rates.scan_s_per_gb[draw], None)[:, model.volume]
    sent = _with_unknown(rates.sent_s_per_gb[draw], None)[:, model.server]
    found = rates.overhead_s[draw][:, None] + scan * model.usual.vhd_gb + sent * sent_gb
    return np.where(model.is_expected, found * rates.vm_factor[draw], np.nan)


def _with_unknown(values: Floats, value: float | None) -> Floats:
    """Rates by place with one more for an unknown place: the value, else the median of the others."""
    if value is not None:
        return np.column_stack([np.nan_to_num(values, nan=value), np.full(len(values), value)])
    known = ~np.isnan(values).all(axis=1) if values.shape[1] else np.zeros(len(values), bool)
    middle = np.full(len(values), np.nan)
    middle[known] = np.nanmedian(values[known], axis=1)
    return np.column_stack([values, middle])


def _own_nights(model: Model, share: Floats) -> Floats:
    """Changed data of one of each VM's own nights, (draws, vms)."""
    drawn = _drawn(model.usual.sent_gb, share)
    return np.where(np.isnan(drawn), model.typical_gb, drawn)


def _drawn(values: Floats, share: Floats) -> Floats:
    """One of each VM's values, (draws, vms); those of a VM stand at the beginning of its row."""
    count = np.maximum((~np.isnan(values)).sum(axis=1), 1)
    return np.asarray(values[np.arange(len(count)), np.minimum((share * count).astype(np.int64), count - 1)])


def _last_of_each(jobs: Jobs, values: Floats) -> Floats:
    """(vms, nights): the last known values of each VM."""
    at = np.flatnonzero(~np.isnan(values) & (jobs.vm >= 0))
    at = at[np.lexsort((-jobs.ended_s[at], jobs.vm[at]))]
    vm = jobs.vm[at]
    place = np.arange(len(at)) - np.searchsorted(vm, vm)
    at, vm, place = at[place < _RECENT], vm[place < _RECENT], place[place < _RECENT]
    found = np.full((len(jobs.vms), _RECENT), np.nan)
    found[vm, place] = values[at]
    return found


def _filled(sent_gb: Floats, vhd_gb: Floats) -> Floats:
    part = sent_gb / np.where(vhd_gb > 0, vhd_gb, np.nan)
    typical = float(np.nanmedian(part)) if (~np.isnan(part)).any() else 0.0
    return np.where(np.isnan(sent_gb), typical * vhd_gb, sent_gb)


def _noise(model: Model, share: Floats) -> Floats:
    """Logs of the noise of single jobs, as the jobs show it once what their volume's night shares is taken off."""
    jobs, residual = model.jobs, model.rates.residual
    _, cell = np.unique(jobs.night * (len(jobs.volumes) + 1) + jobs.volume, return_inverse=True)
    rest = residual - medians_by(cell, residual, int(cell.max(initial=-1)) + 1)[cell]
    seen = np.sort(rest[~np.isnan(rest) & (np.bincount(cell)[cell] >= 3)]) if len(cell) else rest
    if seen.size >= _FEW_RESIDUALS:
        return np.asarray(np.quantile(seen, share))
    return np.asarray((_finite(model.rates.job_sd) or 0.2) * _normals_of(share))


def _normals_of(share: Floats) -> Floats:
    """Standard normal numbers of these shares below them."""
    from statistics import NormalDist

    inverse = np.vectorize(NormalDist().inv_cdf, otypes=[float])
    return np.asarray(inverse(share))


def _turn_of_places(place: Ints, turn: Ints, places: int) -> Ints:
    """Of each place its turn, by the VM that comes first there, not by its name."""
    first = np.full(places, len(turn), np.int64)
    np.minimum.at(first, place, turn)
    order = np.empty(places, np.int64)
    order[np.argsort(first, kind="stable")] = np.arange(places)
    return order


def _rows(rng: np.random.Generator, draws: int, scenarios: int) -> Ints:
    """Rows of a bootstrap, each as often as the others; row 0 is the estimate and taken only where it is alone."""
    if draws <= 1:
        return np.zeros(scenarios, np.int64)
    again = -(-scenarios // (draws - 1))
    found = np.concatenate([rng.permutation(draws - 1) for _ in range(again)]) + 1
    return np.asarray(found[:scenarios], dtype=np.int64)


def _known_place(place: Ints, places: int) -> Ints:
    return np.where(place < 0, places, place)


def _last_host(jobs: Jobs) -> Ints:
    """Of each VM the host of its last job at host level, -1 where none is known."""
    at = np.flatnonzero(~jobs.is_guest & (jobs.host >= 0) & (jobs.vm >= 0))
    at = at[np.argsort(jobs.started_s[at], kind="stable")]
    found = np.full(len(jobs.vms), -1, np.int64)
    found[jobs.vm[at]] = jobs.host[at]
    return found


def _guest_before(jobs: Jobs, which: Bools) -> Floats:
    """By VM, from the release to the data move of these jobs, the middle; to the end where no data move is logged."""
    begun = np.fmin(jobs.scheduled_s, jobs.started_s)
    vms = len(jobs.vms)
    vm = np.maximum(jobs.vm, 0)
    before, whole = (
        medians_by(vm, np.where(which, end - begun, np.nan), vms) for end in (jobs.moving_s, jobs.ended_s)
    )
    return np.where(np.isnan(before), whole, before)


def _or_typical(values: Floats) -> Floats:
    typical = float(np.nanmedian(values)) if (~np.isnan(values)).any() else 0.0
    return np.where(np.isnan(values), typical, values)


def _finite(value: float) -> float:
    return value if np.isfinite(value) else 0.0


def _finite_form(form: Form) -> Form:
    """What is unknown as 0, so that the simulator never meets it: who asks looks at `is_known` and `can_move`."""
    return Form(np.nan_to_num(form.before_s), np.nan_to_num(form.work_gb), np.nan_to_num(form.after_s))
