"""Queries over one state of a store, with every table of the contract by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

import pyarrow as pa

from analytics.errors import QueryError
from analytics.site import Site
from analytics.sql.catalogue import Query, find_query, model_queries
from analytics.sql.engines import Answer, Engine
from analytics.sql.engines.duckdb import open_engine
from analytics.sql.givens import StoreState, givens, settled
from analytics.sql.limits import Limits, stoppable
from analytics.sql.order import STORED_NAMES, VIEWS_ONLY, behind, in_order
from analytics.tables import DERIVED, GIVENS, INTERNAL, RAW, RULES, TABLES

__all__ = ["HasParts", "Parts", "Session", "open_session"]

_Result = TypeVar("_Result")
_PATHS_NAMED = 3


class _Ingest(Protocol):
    """What is noted of an ingest."""

    @property
    def begun_at(self) -> datetime | None:
        """When it began, UTC."""

    @property
    def is_running(self) -> bool:
        """Whether it runs."""

    @property
    def ended_early(self) -> bool:
        """Whether it neither completed nor runs any more."""


class _Loss(Protocol):
    """A source that lost records with a damaged part, or may have."""

    @property
    def path(self) -> str:
        """Where it was read."""

    @property
    def records(self) -> int:
        """How many are known to be lost."""


class Parts(Protocol):
    """The Parquet files of each raw table as of one commit; in practice a store's Snapshot."""

    @property
    def ingest(self) -> _Ingest | None:
        """The last ingest, None where none is noted."""

    def files(self, table: str) -> list[Path]:
        """The files of a table."""

    def losses(self) -> Sequence[_Loss]:
        """What was lost and not read again since."""

    def close(self) -> None:
        """Let go of the files, which stay until then."""


class HasParts(Protocol):
    """Whatever gives its parts as of its last commit; in practice a Store."""

    def snapshot(self) -> Parts:
        """The parts of the last commit."""


@dataclass
class Session:
    """Queries over one state of a store; times are in the site's zone.

    Derived tables are computed when a query first names them, and kept for the session; so are those that the model is
    given beside the store, of which `pending` makes the ones that no query has needed yet.
    """

    site: Site
    engine: Engine
    parts: Parts
    confined: bool = True
    timeout_s: float | None = None
    computed: set[str] = field(default_factory=set)
    pending: dict[str, Callable[[], pa.Table]] = field(default_factory=dict)

    def run(self, name: str, /, **parameters: Any) -> pa.Table:
        """Run a named query; parameters that are left out take their defaults.

        Raises UnknownQueryError, and QueryError for a parameter that the query does not have.
        """
        query = find_query(name)
        return self._result(query.sql, query.name, self._bound(query, parameters))

    def sql(self, text: str, /, **parameters: Any) -> pa.Table:
        """Run SQL with parameters bound as $name; of several statements the last gives the result.

        Raises QueryError where it does not run, or where it does more than ask in a session that is confined.
        """
        self._check(text, parameters)
        return self._result(text, text, parameters)

    def stream(self, text: str, sink: Callable[[Answer], _Result], /, **parameters: Any) -> _Result:
        """Run SQL as `sql` does, but give its rows to `sink` while they are computed: they need not fit into memory.

        `sink` runs in a thread of its own. Gives what it gives.
        """
        self._check(text, parameters)
        return self._ask(text, lambda: self.engine.stream(text, parameters, text, sink))

    def close(self) -> None:
        """Let go of the store's files."""
        self.engine.close()
        self.parts.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check(self, text: str, parameters: Mapping[str, Any]) -> None:
        if self.confined:
            self.engine.require_question(text)
        self.engine.require_known(text, parameters)

    def _result(self, text: str, where: str, parameters: Mapping[str, Any]) -> pa.Table:
        return self._ask(text, lambda: self.engine.result(text, parameters, where))

    def _ask(self, text: str, answer: Callable[[], _Result]) -> _Result:
        def work() -> _Result:
            named = self.engine.names_in(text)
            self._compute(TABLES.keys() if named is None else named)
            return answer()

        return stoppable(work, self.engine.interrupt, self.timeout_s)

    def _bound(self, query: Query, given: Mapping[str, Any]) -> dict[str, Any]:
        known = {parameter.name: parameter for parameter in query.parameters}
        for name in given:
            if name not in known:
                listed = ", ".join(known) or "none"
                raise QueryError(f"no parameter {name!r}", query.name, f"it has: {listed}")
        defaults = {p.name: self._default(p.default, query) for p in query.parameters if p.name not in given}
        return {**defaults, **given}

    def _default(self, text: str, query: Query) -> Any:
        return self.engine.result(f"SELECT {text} AS value", {}, query.name).to_pylist()[0]["value"]

    def _compute(self, names: Iterable[str]) -> None:
        names = frozenset(names)
        for name in behind(names) & self.pending.keys():
            self.engine.add_rows(name, self.pending.pop(name)())
        for name in in_order(names):
            if name not in self.computed:
                self.engine.keep(name, model_queries()[name].sql)
                self.computed.add(name)


def open_session(
    store: HasParts,
    site: Site | None = None,
    *,
    confined: bool = True,
    limits: Limits | None = None,
    now: datetime | None = None,
) -> Session:
    """Connect to the last commit of a store; the zone is the site's, else the DPM server's as collected, else UTC.

    `now`, with a zone, is the moment by which the view `trust` judges how old the newest evidence is; None: it does
    not. `confined` keeps SQL to the store: it asks, and reaches no other file, no network and no setting; False opens
    all of the engine. Raises StoreError where the store's files do not open.
    """
    limits = limits or Limits()
    with ExitStack() as opened:
        parts = store.snapshot()
        opened.callback(parts.close)
        engine = open_engine(limits)
        opened.callback(engine.close)
        _add_all(engine, parts)
        known, zone_from = _settled(engine, site or Site())
        engine.set_zone(known.time_zone or "UTC")
        if confined:
            engine.confine()
        opened.pop_all()  # from here on the session closes both
    pending = givens(known, zone_from, lambda: _state_of(parts, now))
    return Session(known, engine, parts, confined, limits.timeout_s, pending=pending)


def _add_all(engine: Engine, parts: Parts) -> None:
    """Every relation by its name; empty ones stand in for those that are made when they are first named."""
    for table in RAW:
        engine.add_files(STORED_NAMES.get(table.name, table.name), table, parts.files(table.name))
    for table in (*GIVENS, *RULES, *DERIVED, *INTERNAL):
        engine.add_files(table.name, table, ())
    for name in sorted(VIEWS_ONLY):
        engine.add_view(name, model_queries()[name].sql)


def _state_of(parts: Parts, now: datetime | None) -> StoreState:
    last, losses = parts.ingest, parts.losses()
    return StoreState(
        _last_ingest(last),
        last.begun_at if last else None,
        sum(loss.records for loss in losses),
        len(losses),
        tuple(loss.path for loss in losses if loss.path)[:_PATHS_NAMED],
        now,
    )


def _last_ingest(last: _Ingest | None) -> str:
    if last is None:
        return "ingest_not_noted"
    if last.is_running:
        return "ingest_running"
    return "ingest_ended_early" if last.ended_early else "ingest_completed"


def _settled(engine: Engine, site: Site) -> tuple[Site, str]:
    collections = engine.result("SELECT role, time_zone FROM collections", {}, "collections")
    return settled(site, collections.to_pylist())
