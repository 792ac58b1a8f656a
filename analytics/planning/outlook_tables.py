"""Rows of the planned tables that look along time: forecasts and proofs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from analytics.arrow import floats_of, wholes_of
from analytics.planning.estimates import Estimates
from analytics.planning.forecast import Forecast, Past, Sizes, forecast
from analytics.planning.jobs import Floats, Jobs, by_vm, chosen, first_each_night, typical
from analytics.planning.proof import proofs
from analytics.planning.rates import Rates
from analytics.planning.table_rows import rows_of
from analytics.sql import Ask
from analytics.tables.planned import FORECASTS, PROOFS

__all__ = ["forecasts_of", "proofs_of"]

_DAY_S = 86_400.0
# a share of the scan that is known less closely tells nothing of growth
_WIDEST_SHARE = 0.3
_NONE = Sizes(np.empty(0), np.empty(0))


class _Rule(NamedTuple):
    """A rule that limits the time of a VM: openings of its windows by night, NaN where time counts from the start."""

    vm: str
    rule: str
    limit_s: float
    opens_s: dict[int, float]


def proofs_of(_ask: Ask, known: Estimates) -> pa.Table:
    """The table proofs."""
    found = [asdict(proof) | {"vm": known.jobs.vms[proof.vm]} for proof in proofs(known.jobs)]
    return rows_of(found, PROOFS.schema)


def forecasts_of(ask: Ask, known: Estimates) -> pa.Table:
    """The table forecasts: a row per VM with backups at host level and rule of its last night."""
    jobs = known.jobs
    good = jobs.is_good & jobs.is_full & ~jobs.is_guest & ~np.isnan(jobs.ended_s)
    own = {jobs.vms[vm]: at for vm, at in by_vm(jobs, first_each_night(jobs, good, jobs.ended_s)).items()}
    sizes = _sizes(ask("vm_disks"))
    rows = [
        _row(rule, chosen(jobs, own[rule.vm]), sizes.get(rule.vm, _NONE), known.rates)
        for rule in _rules(ask("sla_rules"))
        if rule.vm in own
    ]
    return rows_of(rows, FORECASTS.schema)


def _row(rule: _Rule, jobs: Jobs, sizes: Sizes, rates: Rates) -> dict[str, Any]:
    """One VM's forecast; `jobs` are its own, one a night."""
    begun_s = np.array([rule.opens_s.get(int(night), np.nan) for night in jobs.night])
    taken_s = jobs.ended_s - (begun_s if rule.rule == "backup_window" else jobs.started_s)
    known = ~np.isnan(taken_s)
    past = Past(jobs.night[known], taken_s[known], jobs.transfer_s[known])
    volume = jobs.volume[-1]
    if not jobs.is_compared[-1]:
        told = Forecast("no_trend", "tracked")
    else:
        told = forecast(past, sizes, _scan_share(jobs, rates), rule.limit_s)
    return {
        "vm": rule.vm,
        "rule": rule.rule,
        "limit_s": rule.limit_s,
        "level_s": past.level_s,
        "grade": "D" if told.verdict == "not_enough_data" or volume < 0 else rates.grade[volume],
        **asdict(told),
    }


def _scan_share(jobs: Jobs, rates: Rates) -> Floats:
    """The part of the data move that grows with the disks, a draw each; NaN where the split is unknown."""
    volume, server = jobs.volume[-1], jobs.server[-1]
    vhd_gb, sent_gb = typical(jobs.vhd_gb), typical(jobs.sent_gb)
    unknown = np.full(len(rates.overhead_s), np.nan)
    if volume < 0 or server < 0 or not rates.is_scan_known[volume]:
        return unknown
    scan_s = rates.scan_s_per_gb[:, volume] * vhd_gb
    whole_s = rates.overhead_s + scan_s + rates.sent_s_per_gb[:, server] * sent_gb
    share = scan_s / np.where(whole_s > 0, whole_s, np.nan)
    low, high = np.quantile(share, [0.05, 0.95])
    return share if high - low <= _WIDEST_SHARE else unknown


def _sizes(rows: pa.Table) -> dict[str, Sizes]:
    """Sizes by VM, in the order of time; what was collected at an unknown time does not count."""
    rows = rows.sort_by([("vm", "ascending"), ("collected_at", "ascending")])
    day = floats_of(rows["collected_at"].cast(pa.int64()), 1e6 * _DAY_S)
    gb = floats_of(rows["vhd_bytes"], 1e9)
    usable = (day > 0) & (gb > 0)
    places: dict[str, list[int]] = {}
    for place, vm in enumerate(rows["vm"].to_pylist()):
        if usable[place]:
            places.setdefault(vm, []).append(place)
    return {vm: Sizes(day[found], gb[found]) for vm, found in places.items()}


def _rules(rows: pa.Table) -> Iterator[_Rule]:
    """The rules that limit time, as of each VM's last night."""
    rows = rows.sort_by([("vm", "ascending"), ("rule", "ascending"), ("night", "ascending")])
    opens_s = floats_of(rows["opens_at"].cast(pa.int64()), 1e6)
    closes_s = floats_of(rows["closes_at"].cast(pa.int64()), 1e6)
    night = wholes_of(rows["night"])
    threshold_s = floats_of(rows["threshold_s"])
    groups: dict[tuple[str, str], list[int]] = {}
    for place, key in enumerate(zip(rows["vm"].to_pylist(), rows["rule"].to_pylist(), strict=True)):
        groups.setdefault(key, []).append(place)
    for (vm, rule), at in groups.items():
        if rule == "backup_window":
            limit_s = float(closes_s[at[-1]] - opens_s[at[-1]])
            yield _Rule(vm, rule, limit_s, dict(zip(night[at].tolist(), opens_s[at].tolist(), strict=True)))
        elif rule == "max_duration":
            yield _Rule(vm, rule, float(threshold_s[at[-1]]), {})
