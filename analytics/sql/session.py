"""A DuckDB connection over a store, with every table of the contract by name."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Protocol, Self

import pyarrow as pa

from analytics.errors import QueryError, StoreError
from analytics.places import queries_folder
from analytics.site import Site
from analytics.sql.catalogue import Query, find_query, model_queries
from analytics.sql.engines.duckdb import register_macros
from analytics.tables import DERIVED, RAW, Table

STORED_NAMES = {"trace": "trace_stored"}
RULES = {
    "event_channels": "channels.csv",
    "event_rules": "events.csv",
    "explanations": "explanations.csv",
    "job_categories": "job_categories.csv",
    "job_statuses": "job_statuses.csv",
    "marker_rules": "errlog.csv",
}
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
BARE_AT = re.compile(r"(?<![.\w\"'])at(?![\w\"'])", re.IGNORECASE)
DAY_S = 86400


class Parts(Protocol):
    """The Parquet files of each raw table as of one commit; in practice a store's Snapshot."""

    def files(self, table: str) -> list[Path]:
        """The files of a table."""

    def close(self) -> None:
        """Let go of the files, which stay until then."""


class HasParts(Protocol):
    """Whatever gives its parts as of its last commit; in practice a Store."""

    def snapshot(self) -> Parts:
        """The parts of the last commit."""


@dataclass
class Session:
    """Queries over one state of a store; times are in the site's zone.

    Derived tables are computed when a query first names them, and kept for the session.
    """

    site: Site
    connection: Any
    parts: Parts
    computed: set[str]

    def run(self, name: str, /, **parameters: Any) -> pa.Table:
        """Run a named query; parameters that are left out take their defaults.

        Raises UnknownQueryError, and QueryError for a parameter that the query does not have.
        """
        query = find_query(name)
        return self._result(query.sql, query.name, self._bound(query, parameters))

    def sql(self, text: str, /, **parameters: Any) -> pa.Table:
        """Run one SQL statement with parameters bound as $name; QueryError where it does not run."""
        return self._result(text, text, parameters)

    def close(self) -> None:
        """Close the connection and let go of the store's files."""
        self.connection.close()
        self.parts.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _result(self, text: str, where: str, parameters: Mapping[str, Any]) -> pa.Table:
        self._compute_for(text)
        with _query_errors(where):
            relation = (
                self.connection.sql(text, params=parameters) if parameters else self.connection.sql(text)
            )
            # to_arrow_table alone answers Ctrl+C only when the query is over
            return relation.materialize().to_arrow_table() if relation is not None else pa.table({})

    def _bound(self, query: Query, given: Mapping[str, Any]) -> dict[str, Any]:
        known = {parameter.name: parameter for parameter in query.parameters}
        for name in given:
            if name not in known:
                listed = ", ".join(known) or "none"
                raise QueryError(f"no parameter {name!r}", query.name, f"it has: {listed}")
        defaults = {p.name: self._default(p.default) for p in query.parameters if p.name not in given}
        return {**defaults, **given}

    def _default(self, text: str) -> Any:
        return self.connection.sql(f"SELECT {text}").fetchall()[0][0]

    def _compute_for(self, text: str) -> None:
        for name in _needed(text):
            self._compute(name)

    def _compute(self, name: str) -> None:
        if name in self.computed:
            return
        query = model_queries()[name]
        for other in _dependencies(query):
            if other not in VIEWS_ONLY:
                self._compute(other)
        with _query_errors(query.name):
            self.connection.execute(f'CREATE TABLE "{name}_computed" AS {query.sql}')
            self.connection.execute(f'DROP TABLE IF EXISTS "{name}"')
            self.connection.execute(f'ALTER TABLE "{name}_computed" RENAME TO "{name}"')
        self.computed.add(name)


VIEWS_ONLY = {"trace"}


def _needed(text: str) -> list[str]:
    """Derived tables that a statement names. Naming one too many costs time, not correctness."""
    words = set(re.findall(r"\w+", COMMENT.sub(" ", text).lower()))
    return [name for name in model_queries() if name in words and name not in VIEWS_ONLY]


def open_session(store: HasParts, site: Site | None = None) -> Session:
    """Connect to the last commit of a store; the zone is the site's, else the DPM server's as collected, else UTC."""
    parts = store.snapshot()
    try:
        return _session(parts, site or Site())
    except BaseException:
        parts.close()
        raise


def _session(parts: Parts, site: Site) -> Session:
    import duckdb

    connection = duckdb.connect(config=SETTINGS)
    connection.execute(f"SET temp_directory = {_text(tempfile.gettempdir())}")
    connection.execute("SET TimeZone = 'UTC'")
    register_macros(connection)
    with _query_errors("opening the store"):
        for table in RAW:
            _make_stored(connection, parts, table)
        settled = settle_zone(connection, site)
        connection.execute(f"SET TimeZone = {_text(settled.time_zone or 'UTC')}")
        _make_site(connection, settled)
        for name, file in RULES.items():
            _make_rules(connection, name, file)
        _apply_site_rules(connection, settled)
        _make_views(connection)
    return Session(settled, connection, parts, set())


def _make_stored(connection: Any, parts: Parts, table: Table) -> None:
    name = STORED_NAMES.get(table.name, table.name)
    files = parts.files(table.name)
    if files:
        listed = ", ".join(_text(str(file)) for file in files)
        source = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
        present = {row[0] for row in connection.sql(f"DESCRIBE SELECT * FROM {source}").fetchall()}
        columns = ", ".join(
            f'"{column.name}"'
            if column.name in present
            else f'CAST(NULL AS {column.sql_type}) AS "{column.name}"'
            for column in table.columns
        )
        connection.execute(f'CREATE VIEW "{name}" AS SELECT {columns} FROM {source}')
    else:
        connection.execute(f'CREATE TABLE "{name}" ({columns_sql(table)})')


def columns_sql(table: Table) -> str:
    """Columns of a table as DDL."""
    return ", ".join(f'"{column.name}" {column.sql_type}' for column in table.columns)


def settle_zone(connection: Any, site: Site) -> Site:
    """Fill in the zone that the site file leaves open: that of the DPM server, else the one most computers have."""
    if site.time_zone:
        return site
    row = connection.sql(
        "SELECT time_zone FROM collections WHERE time_zone IS NOT NULL"
        " GROUP BY time_zone ORDER BY max(role = 'dpm-server') DESC, count(*) DESC, time_zone LIMIT 1"
    ).fetchall()
    return replace(site, time_zone=row[0][0] if row and _is_zone(connection, row[0][0]) else "UTC")


def _is_zone(connection: Any, name: str) -> bool:
    found = connection.sql(
        "SELECT count(*) FROM pg_timezone_names() WHERE name = $name", params={"name": name}
    )
    return bool(found.fetchall()[0][0])


def _make_site(connection: Any, site: Site) -> None:
    """The one-row table `site` that the model reads, and the VMs that the site leaves out."""
    start, end = (_seconds(clock) for clock in (site.window_start, site.window_end))
    middle = (end + (start - end) % DAY_S // 2) % DAY_S
    # A night is the date of a moment less this: its window opens on that date, whichever side of midnight that is.
    shift = middle - DAY_S if middle > start else middle
    connection.execute(
        "CREATE TABLE site AS SELECT $zone::VARCHAR AS time_zone,"
        " $opens::TIME AS window_start, $closes::TIME AS window_end,"
        " $start::BIGINT AS window_start_s, $end::BIGINT AS window_end_s, $shift::BIGINT AS night_shift_s,"
        " $window::DOUBLE AS window_s, $wait::DOUBLE AS retry_wait_s, nullif($tracking, '')::VARCHAR AS tracking,"
        " $overhead::DOUBLE AS link_overhead_s",
        {
            "zone": site.time_zone,
            "opens": site.window_start,
            "closes": site.window_end,
            "start": start,
            "end": end,
            "shift": shift,
            "window": site.window_s,
            "wait": site.retry_wait_s,
            "tracking": site.tracking,
            "overhead": site.link_overhead_s,
        },
    )
    connection.execute("CREATE TABLE excluded_vms (vm VARCHAR)")
    names = connection.sql(
        "SELECT vm FROM vms UNION SELECT split_part(data_source, '\\', -1) FROM job_records"
    ).fetchall()
    excluded = sorted({name for (name,) in names if name and _is_excluded(name, site)})
    if excluded:
        connection.executemany("INSERT INTO excluded_vms VALUES ($1)", [[name] for name in excluded])


def _is_excluded(name: str, site: Site) -> bool:
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in site.vms_exclude)


def _seconds(clock: Any) -> int:
    return int(clock.hour * 3600 + clock.minute * 60 + clock.second)


def _make_rules(connection: Any, name: str, file: str) -> None:
    path = _text(str(queries_folder() / "model" / "rules" / file))
    connection.execute(
        f"CREATE TABLE {name} AS"
        f" SELECT * FROM read_csv({path}, header = true, all_varchar = true, quote = '\"')"
    )


def _apply_site_rules(connection: Any, site: Site) -> None:
    """Leave out the rules that are off, but for those that the site switches on; put the site's explanations first."""
    connection.execute("ALTER TABLE job_statuses ALTER is_final TYPE BOOLEAN")
    connection.execute("DELETE FROM marker_rules WHERE enabled <> 'true'")
    connection.execute(
        "DELETE FROM event_rules WHERE enabled <> 'true' AND NOT list_contains($on, event_provider || '/' || event_id)",
        {"on": list(site.event_rules)},
    )
    for name, sentence in site.explanations.items():
        kind, _, key = name.partition("/")
        values = {"kind": kind, "key": key, "sentence": sentence}
        connection.execute(
            "DELETE FROM explanations WHERE kind = $kind AND lower(key) = lower($key)",
            {"kind": kind, "key": key},
        )
        connection.execute("INSERT INTO explanations VALUES ($kind, $key, $sentence, 'site file')", values)


def _make_views(connection: Any) -> None:
    """The view `trace`, and empty stand-ins for the derived tables, which are computed when they are first named."""
    connection.execute(f"CREATE VIEW trace AS {model_queries()['trace'].sql}")
    for table in DERIVED:
        connection.execute(f'CREATE TABLE "{table.name}" ({columns_sql(table)})')


def _dependencies(query: Query) -> list[str]:
    named = set(re.findall(r"\b(?:FROM|JOIN)\s+(\w+)", COMMENT.sub(" ", query.sql), re.IGNORECASE))
    return [name for name in model_queries() if name in named and name != query.name]


def _text(value: str) -> str:
    """A string literal of SQL."""
    return "'" + value.replace("'", "''") + "'"


@contextmanager
def _query_errors(where: str) -> Iterator[None]:
    import duckdb

    try:
        yield
    except (duckdb.InterruptException, RuntimeError) as error:
        # DuckDB turns a Ctrl+C into its own errors; a signal comes as a bare RuntimeError
        if isinstance(error, duckdb.InterruptException) or "interrupted" in str(error).lower():
            raise KeyboardInterrupt from error
        raise
    except duckdb.IOException as error:
        raise StoreError(_first_line(error), "the store", "was it changed meanwhile? run again") from error
    except duckdb.Error as error:
        raise QueryError(_first_line(error), _short(where), _remedy(error, where)) from error


def _remedy(error: Exception, text: str) -> str:
    """What would be right where a column has the name of a key word."""
    is_at = "syntax error" in str(error) and BARE_AT.search(COMMENT.sub(" ", text))
    return 'the column at is also a key word: write trace.at or "at"' if is_at else ""


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = re.sub(r"^\w+ Error: ", "", lines[0]) if lines else type(error).__name__
    hints = [line for line in lines[1:] if line.startswith(("Candidate", "Did you mean"))]
    return " ".join([text, *hints])


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else flat[:57] + "..."
