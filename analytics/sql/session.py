"""Queries over one state of a store, with every table of the contract by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar
from zoneinfo import ZoneInfo

import pyarrow as pa

from analytics.errors import QueryError, StoreError
from analytics.site import Site
from analytics.sql.catalogue import Query, find_query, model_queries
from analytics.sql.engines import Answer, Engine
from analytics.sql.engines.duckdb import open_engine
from analytics.sql.few import Few
from analytics.sql.givens import StoreState, givens, settled, state_of
from analytics.sql.keys import Keys
from analytics.sql.limits import Limits, stoppable
from analytics.sql.order import STORED_NAMES, VIEWS_ONLY, in_order, named_in, relations
from analytics.sql.planned import Planned
from analytics.sql.stand_ins import StandIns
from analytics.sql.united import add_united
from analytics.tables import DERIVED, GIVENS, INTERNAL, RAW, RULES, TABLES, Table

__all__ = ["HasParts", "Parts", "Session", "open_session"]

_Result = TypeVar("_Result")
_MOST_ROWS = 50_000
"""A table of more rows is read from its copy."""


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


class _Copies(Protocol):
    """Derived tables that earlier sessions computed; in practice a store's folder `derived`."""

    @property
    def own_folder(self) -> Path | None:
        """Where the copies lie; None where that folder leads elsewhere."""

    def paths(self) -> list[Path]:
        """The files of all copies."""

    def find(self, table: str, key: str) -> Path | None:
        """The copy of a table with this key, if there is a whole one."""

    def keep(self, table: str, key: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Path:
        """Write a copy and give where; raises OSError where the disk refuses."""


class Parts(Protocol):
    """The Parquet files of each raw table as of one commit; in practice a store's Snapshot."""

    @property
    def members(self) -> Mapping[str, Parts]:
        """The parts of each store by its name, where several are read as one; else empty."""

    @property
    def ingest(self) -> _Ingest | None:
        """The last ingest, None where none is noted."""

    @property
    def derived(self) -> _Copies:
        """What earlier sessions computed from these parts or others."""

    def state(self, table: str) -> str:
        """A text that is equal where a raw table holds the same."""

    def files(self, table: str) -> list[Path]:
        """The files of a table."""

    def losses(self) -> Sequence[_Loss]:
        """What was lost and not read again since."""

    def close(self) -> None:
        """Let go of the files, which stay until then."""


class HasParts(Protocol):
    """Whatever gives its parts as of its last commit; in practice a Store, or Stores that are read as one."""

    def snapshot(self) -> Parts:
        """The parts of the last commit."""


@dataclass
class Session:
    """Queries over one state of a store; times are in the site's zone.

    Derived tables are computed when a query first names them, and kept beside the store for the sessions that follow
    (`keeps`); `not_kept` says why one could not be. `given` makes what the model reads beside the store, `planned` are
    the tables that Python computes.
    """

    site: Site
    engine: Engine
    parts: Parts
    given: Mapping[str, Callable[[], pa.Table]]
    planned: Mapping[str, Planned] = field(default_factory=dict)
    confined: bool = True
    timeout_s: float | None = None
    keeps: bool = True
    not_kept: str | None = None
    present: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._rows = cache(lambda name: self.given[name]())
        given = partial(state_of, site=self.site, rows=self._rows)
        self._keys = Keys(self.engine.identity, self.parts.state, given, self.planned)
        planned = (entry.table for entry in self.planned.values())
        self._stand_ins = StandIns(
            self.engine, (*GIVENS, *RULES, *DERIVED, *INTERNAL, *planned), self.present
        )
        if not self.confined:  # such SQL may keep names for later
            self._stand_ins.bring_all()

    def run(self, name: str, /, **parameters: Any) -> pa.Table:
        """Run a named query; parameters that are left out take their defaults.

        Raises UnknownQueryError, and QueryError for a parameter that the query does not have.
        """
        query = find_query(name)
        bound = self._bound(query, parameters)
        # what our own queries read is known without parsing them
        return self._ask(
            query.sql, lambda: self.engine.result(query.sql, bound, query.name), named_in(query.sql)
        )

    def sql(self, text: str, /, **parameters: Any) -> pa.Table:
        """Run SQL with parameters bound as $name; of several statements the last gives the result.

        Raises QueryError where it does not run, or where it does more than ask in a session that is confined.
        """
        self._check(text, parameters)
        return self._ask(text, lambda: self.engine.result(text, parameters, text))

    def relation(self, name: str, /) -> pa.Table:
        """All rows of a relation of the model in the order of its key: the engine's own changes from run to run."""
        return self.sql(self._ordered(name))

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
        self._stand_ins.bring(text)
        try:
            self.engine.require_known(text, parameters)
        except QueryError:
            self._stand_ins.bring_all()
            self.engine.require_known(text, parameters)

    def _ask(self, text: str, answer: Callable[[], _Result], named: frozenset[str] | None = None) -> _Result:
        """Compute what a text names (parsed out of it where that is not known), and answer it."""

        def work() -> _Result:
            self._stand_ins.bring(text)
            wanted = named or self.engine.names_in(text)
            self._compute(TABLES.keys() | self.planned.keys() if wanted is None else wanted)
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
        wanted = frozenset(names)
        lacking = self._lacking(wanted)
        self._stand_ins.make(lacking)
        for name in in_order(lacking):
            if name in lacking:
                self._make(name, model_queries()[name].sql)
        for name in sorted(wanted & self.planned.keys() - self.present):
            if self._is_kept(name):
                self.present.add(name)
            else:
                self._plan(self.planned[name])

    def _make(self, name: str, text: str) -> None:
        """Compute a table of the model."""
        if not self._is_copied(name, lambda write: self.engine.stream(text, {}, name, write)):
            self.engine.keep(name, text)
        self.present.add(name)

    def _plan(self, planned: Planned) -> None:
        """Compute a table in Python from what it reads."""
        self._compute(planned.reads)

        def ask(name: str) -> pa.Table:
            if name not in planned.reads:  # its key would not change with that one
                raise LookupError(f"{planned.table.name} does not declare that it reads {name}")
            return self.engine.result(self._ordered(name), {}, name)

        name, rows = planned.table.name, planned.compute(ask).cast(planned.table.schema)
        if not self._is_copied(name, lambda write: write(Answer.of(rows))):
            self.engine.add_rows(name, rows)
        self.present.add(name)

    def _lacking(self, names: Iterable[str]) -> set[str]:
        """The derived tables that must be computed; copies and givens that stand in front of others are added."""
        waiting, lacking = list(names), set[str]()
        while waiting:
            name = waiting.pop()
            if name in self.present or name in lacking:
                continue
            if name in self.given:
                self.engine.add_rows(name, self._rows(name))
                self.present.add(name)
            elif name in model_queries():
                if self._is_kept(name):
                    self.present.add(name)
                else:
                    lacking.add(name)
                    waiting.extend(relations(name) - {name})
        return lacking

    def _is_kept(self, name: str) -> bool:
        """Take the copy of an earlier session, if there is one."""
        if not self.keeps or name in VIEWS_ONLY:
            return False
        copy = self.parts.derived.find(name, self._keys.of(name))
        if copy is None:
            return False
        return self._is_read_from(copy, name)

    def _is_read_from(self, copy: Path, name: str) -> bool:
        """Read a table from its copy from now on; False where that is none of ours, or closed to the engine."""
        try:
            self.engine.add_files(name, self._declared(name), [copy])
        except StoreError:
            return False
        return True

    def _ordered(self, name: str) -> str:
        key = ", ".join(f'"{column}"' for column in self._declared(name).key)
        return f'SELECT * FROM "{name}"' + (f" ORDER BY {key}" if key else "")

    def _declared(self, name: str) -> Table:
        return self.planned[name].table if name in self.planned else TABLES[name]

    def _is_copied(self, name: str, compute: Callable[[Callable[[Answer], Path]], Path]) -> bool:
        """Compute a table straight into a copy for later sessions, where that is wanted and the disk has room.

        Of few rows it is in memory then, too; many are read from the copy, so that no table need fit into memory.
        """
        if not self.keeps or self.not_kept is not None:
            return False
        few = Few(_MOST_ROWS)

        def write(answer: Answer) -> Path:
            key, batches = self._keys.of(name), few.seeing(answer)
            return self.parts.derived.keep(name, key, answer.schema, batches)

        try:
            copy = compute(write)
        except OSError as error:
            self.not_kept = error.strerror or str(error)
            return False
        if few.seen is None:
            return self._is_read_from(copy, name)
        self.engine.add_rows(name, few.seen)
        return True


def open_session(
    store: HasParts,
    site: Site | None = None,
    *,
    confined: bool = True,
    keep: bool = True,
    limits: Limits | None = None,
    now: datetime | None = None,
    planned: Iterable[Planned] = (),
) -> Session:
    """Connect to the last commit of a store, or of several as one.

    The zone is the site's, else the DPM server's as collected, else UTC. `now` is the moment by which the view `trust`
    judges how old the newest evidence is, by the site's clock where it has no zone; None: it does not. `confined` keeps
    SQL to the store: it asks, and reaches no other file, no network and no setting; False opens all of the engine,
    which then keeps nothing. `keep` keeps derived tables beside the store (the first of several) and takes them from
    there. `planned` are tables that Python computes when they are first named. Raises StoreError where the store's
    files do not open.
    """
    limits, plans = limits or Limits(), {entry.table.name: entry for entry in planned}
    with ExitStack() as opened:
        parts = store.snapshot()
        opened.callback(parts.close)
        engine = open_engine(limits)
        opened.callback(engine.close)
        _add_stored(engine, parts)
        known, zone_from = _settled(engine, site or Site())
        engine.set_zone(known.time_zone or "UTC")
        if confined:
            engine.confine(*(parts.derived.paths(), parts.derived.own_folder) if keep else ())
        opened.pop_all()  # from here on the session closes both
    if now is not None and now.tzinfo is None:
        now = now.replace(tzinfo=ZoneInfo(known.time_zone or "UTC"))
    given = givens(known, zone_from, lambda: _state_of(parts, now))
    return Session(known, engine, parts, given, plans, confined, limits.timeout_s, keeps=keep and confined)


def _add_stored(engine: Engine, parts: Parts) -> None:
    """Every raw relation by its name."""
    if parts.members:
        add_united(engine, parts.members)
    else:
        for table in RAW:
            engine.add_files(STORED_NAMES.get(table.name, table.name), table, parts.files(table.name))


def _state_of(parts: Parts, now: datetime | None) -> StoreState:
    last = parts.ingest
    lost = tuple((loss.path, loss.records) for loss in parts.losses())
    return StoreState(_last_ingest(last), last.begun_at if last else None, lost, now)


def _last_ingest(last: _Ingest | None) -> str:
    if last is None:
        return "ingest_not_noted"
    if last.is_running:
        return "ingest_running"
    return "ingest_ended_early" if last.ended_early else "ingest_completed"


def _settled(engine: Engine, site: Site) -> tuple[Site, str]:
    collections = engine.result("SELECT role, time_zone FROM collections", {}, "collections")
    return settled(site, collections.to_pylist())
