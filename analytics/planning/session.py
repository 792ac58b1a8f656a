"""Sessions that know the tables of planning by name, too."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from analytics.site import Site
from analytics.sql import Ask, Limits, Planned, Session
from analytics.sql import open_session as open_plain
from analytics.sql.session import HasParts
from analytics.tables import PLANNED

if TYPE_CHECKING:
    from analytics.planning.estimates import Estimates

__all__ = ["open_session"]


class _Maker(NamedTuple):
    """The function of a module here that makes a table, and what it reads besides the jobs."""

    module: str
    function: str
    reads: frozenset[str] = frozenset()


_ADVISED = frozenset({"guest_choices", "next_nights", "sla", "sla_windows", "vm_measures"})
_MAKERS = {
    "job_causes": _Maker("estimate_tables", "job_causes_of", frozenset({"phases"})),
    "bottlenecks": _Maker("estimate_tables", "bottlenecks_of"),
    "transfer_rates": _Maker("estimate_tables", "transfer_rates_of"),
    "predictions": _Maker("estimate_tables", "predictions_of", frozenset({"next_nights"})),
    "guest_estimates": _Maker("estimate_tables", "guest_estimates_of"),
    "forecasts": _Maker("outlook_tables", "forecasts_of", frozenset({"sla_rules", "vm_disks"})),
    "proofs": _Maker("outlook_tables", "proofs_of"),
    "candidates": _Maker("advice_tables", "candidates_of", _ADVISED),
    "remedies": _Maker("advice_tables", "remedies_of", _ADVISED),
}
_JOBS = frozenset({"job_times", "site"})


def open_session(
    store: HasParts,
    site: Site | None = None,
    *,
    confined: bool = True,
    keep: bool = True,
    limits: Limits | None = None,
    now: datetime | None = None,
) -> Session:
    """Connect to the last commit of a store, with every table of the contract by name; see analytics.sql.open_session.

    Raises StoreError where the store's files do not open.
    """
    return open_plain(
        store, site, confined=confined, keep=keep, limits=limits, now=now, planned=_planned_tables()
    )


def _planned_tables() -> tuple[Planned, ...]:
    """The tables that are computed here; what computes them is imported when the first is asked for."""
    known: list[Estimates] = []  # one for all tables of a session
    return tuple(
        Planned(table, _MAKERS[table.name].reads | _JOBS, partial(_made, _MAKERS[table.name], known), _code)
        for table in PLANNED
    )


def _made(maker: _Maker, known: list[Estimates], ask: Ask) -> pa.Table:
    from threadpoolctl import threadpool_limits

    from analytics.planning.estimates import Estimates  # brings numpy, whose threads are limited

    if not known:
        known.append(Estimates(ask))
    make: Callable[[Ask, Estimates], pa.Table]
    make = getattr(import_module(f"analytics.planning.{maker.module}"), maker.function)
    # hundreds of equations of a hundred unknowns: a second thread would spin more than it solves
    with threadpool_limits(1, "blas"):
        return make(ask, known[0])


@cache
def _code() -> str:
    """What estimates depend on beside the logs: the code of this folder, numpy and scipy."""
    from importlib.metadata import version  # loads the parser of mails: no question needs that

    here = Path(__file__).parent
    found = hashlib.sha256()
    for path in sorted(here.glob("*.py")):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{found.hexdigest()} numpy {version('numpy')} scipy {version('scipy')}"
