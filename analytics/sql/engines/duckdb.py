"""DuckDB: the model's macros in its own functions, its settings, its errors as ours."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from analytics.errors import QueryError, StoreError
from analytics.sql.engines.duckdb_names import names_read
from analytics.tables import Table

__all__ = ["SETTINGS", "DuckDB", "open_engine", "register_macros"]

SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    # networks of backup servers are closed, and a log needs no extension
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # a variable of Python must never pass for a table
    "python_enable_replacements": False,
}

_GUID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_SNAPSHOT = (
    r"^(?:\\\\\?\\(?:globalroot\\)?(?:device\\)?(?:volume\{?[0-9a-f-]{36}\}?|harddiskvolumeshadowcopy\d+)"
    r"|\\device\\harddiskvolumeshadowcopy\d+)\\"
)
_VOLUME = (
    r"^(?:\\\\\?\\(?:globalroot\\)?(?:device\\)?[^\\]+\\|\\device\\[^\\]+\\"
    r"|[a-z]:\\clusterstorage\\[^\\]+\\|[a-z]:\\)"
)

_MACROS: tuple[tuple[str, str], ...] = (
    # microseconds since 1970, UTC, of an instant; and back
    ("us_of(instant)", "epoch_us(instant)"),
    ("moment_of(us)", "make_timestamptz(us)"),
    # wall time of a zone at an instant; the instant of a wall time in a zone
    ("local_of(zone, instant)", "timezone(zone, CAST(instant AS TIMESTAMPTZ))"),
    ("instant_of(zone, local)", "timezone(zone, CAST(local AS TIMESTAMP))"),
    # the night that an instant belongs to: its local date less the shift of the site's night
    (
        "night_of(zone, night_shift_s, instant)",
        "CAST(timezone(zone, CAST(instant AS TIMESTAMPTZ)) - night_shift_s * INTERVAL 1 SECOND AS DATE)",
    ),
    # one field of a JSON payload as text; A|B names two, of which the first that is there counts
    (
        "field_of(payload, name)",
        "coalesce(payload ->> nullif(split_part(name, '|', 1), ''), payload ->> nullif(split_part(name, '|', 2), ''))",
    ),
    # a field of a JSON payload that is a list of texts, as one text
    ("list_of(payload, name)", "nullif(array_to_string(TRY_CAST(payload -> name AS VARCHAR[]), ', '), '')"),
    # what computers are compared by: small letters without the domain, as ingest writes the columns *_key
    (
        "host_key_of(host)",
        (
            "CASE WHEN regexp_full_match(trim(host), '[\\d.]*\\d') THEN trim(host)"
            " ELSE nullif(lower(split_part(trim(host), '.', 1)), '') END"
        ),
    ),
    # continuous quantile, an aggregate
    ("quantile_of(x, share)", "quantile_cont(x, share)"),
    # what event logs are compared by: exports write the slash of a channel's name as a dash
    ("channel_key_of(channel)", "lower(replace(channel, '/', '-'))"),
    # the first GUID in a text, in small letters
    ("guid_of(text)", f"nullif(regexp_extract(lower(text), '{_GUID}', 0), '')"),
    # whether a path lies on a snapshot device; what follows its volume, in small letters: the same on disk and snapshot
    ("is_on_snapshot(path)", f"regexp_matches(lower(path), '{_SNAPSHOT}')"),
    ("disk_key_of(path)", f"regexp_replace(lower(path), '{_VOLUME}', '')"),
)


def register_macros(connection: Any) -> None:
    """Give a connection the names of the model that DuckDB spells otherwise."""
    for head, body in _MACROS:
        connection.execute(f"CREATE MACRO {head} AS {body}")


def open_engine() -> DuckDB:
    """An empty database in memory; its times are UTC until a zone is set."""
    import duckdb

    connection = duckdb.connect(config=SETTINGS)
    connection.execute(f"SET temp_directory = {_quoted(tempfile.gettempdir())}")
    connection.execute("SET TimeZone = 'UTC'")
    register_macros(connection)
    return DuckDB(connection)


class DuckDB:
    """The Engine over one connection of DuckDB."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def set_zone(self, zone: str) -> None:
        """Show times in this IANA zone; QueryError where DuckDB does not know it."""
        self._execute(f"SET TimeZone = {_quoted(zone)}", "time zone")

    def add_files(self, name: str, table: Table, files: Sequence[Path]) -> None:
        """A view over Parquet files, or an empty table; StoreError where a file does not open."""
        if not files:
            columns = ", ".join(f'"{column.name}" {column.sql_type}' for column in table.columns)
            self._execute(f'CREATE TABLE "{name}" ({columns})', name)
            return
        listed = ", ".join(_quoted(str(file)) for file in files)
        source = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
        with _errors(name):
            described = self.connection.sql(f"DESCRIBE SELECT * FROM {source}").fetchall()
        present = {row[0] for row in described}
        columns = ", ".join(
            f'"{column.name}"' if column.name in present else f'NULL::{column.sql_type} AS "{column.name}"'
            for column in table.columns
        )
        self._execute(f'CREATE VIEW "{name}" AS SELECT {columns} FROM {source}', name)

    def add_rows(self, name: str, rows: pa.Table) -> None:
        """A table of few rows."""
        with _errors(name):
            self.connection.register("added_rows", rows)
            self.connection.execute(f'CREATE TABLE "{name}" AS FROM added_rows')
            self.connection.unregister("added_rows")

    def add_view(self, name: str, text: str) -> None:
        """A view."""
        self._execute(f'CREATE VIEW "{name}" AS {text}', name)

    def keep(self, name: str, text: str) -> None:
        """Compute a SELECT once; its rows replace the table of that name."""
        self._execute(f'CREATE OR REPLACE TABLE "{name}" AS {text}', name)

    def names_in(self, text: str) -> frozenset[str] | None:
        """Lower-case names of relations that a text of SQL may read, rather too many; None: any relation."""
        return names_read(self.connection, text)

    def result(self, text: str, parameters: Mapping[str, Any], where: str) -> pa.Table:
        """Run SQL with parameters bound as $name; errors say `where`."""
        with _errors(where, text):
            relation = self.connection.sql(text, params=dict(parameters) or None)
            # to_arrow_table alone answers Ctrl+C only when the query is over
            return relation.materialize().to_arrow_table() if relation is not None else pa.table({})

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def _execute(self, text: str, where: str) -> None:
        with _errors(where):
            self.connection.execute(text)


_BARE_AT = re.compile(r"(?<![.\w\"'])at(?![\w\"'])", re.IGNORECASE)


@contextmanager
def _errors(where: str, text: str = "") -> Iterator[None]:
    """DuckDB's errors as ours; `text` is the SQL of the user, if it is that."""
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
        raise QueryError(_first_line(error), _shortened(where), _remedy(error, text)) from error


def _remedy(error: Exception, text: str) -> str:
    """What would be right where a column has the name of a key word."""
    is_at = "syntax error" in str(error) and _BARE_AT.search(text)
    return 'the column at is also a key word: write trace.at or "at"' if is_at else ""


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = re.sub(r"^\w+ Error: ", "", lines[0]) if lines else type(error).__name__
    hints = [line for line in lines[1:] if line.startswith(("Candidate", "Did you mean"))]
    return " ".join([text, *hints])


def _quoted(value: str) -> str:
    """A string literal of SQL."""
    return "'" + value.replace("'", "''") + "'"


def _shortened(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else flat[:57] + "..."
