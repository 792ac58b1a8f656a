"""DuckDB: the model's macros in its own functions, its settings, its errors as ours."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any, TypeVar
from uuid import uuid4

import pyarrow as pa

from analytics.errors import StoreError
from analytics.sql.engines import Answer
from analytics.sql.engines.duckdb_errors import translated
from analytics.sql.engines.duckdb_tree import is_one_query, names_read, parsed, require_question
from analytics.sql.limits import Limits
from analytics.tables import Column, Table
from analytics.tables.vocabulary import SERVICES

__all__ = ["SETTINGS", "DuckDB", "open_engine", "register_macros"]

SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    # networks of backup servers are closed, and a log needs no extension
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # a variable of Python must never pass for a table
    "python_enable_replacements": False,
}

_Result = TypeVar("_Result")
_BATCH_ROWS = 50_000
# DPMAC is no part of DPMAccessManager: a name ends before `Curr` or whatever is no letter. Folders do not count.
_SERVICE = rf"(?i)(?:^|[^a-z])({'|'.join(SERVICES.names)})(?:curr)?(?:[^a-z/\\!][^/\\!]*)?$"
_GUID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_SNAPSHOT = (
    r"^(?:\\\\\?\\(?:globalroot\\)?(?:device\\)?(?:volume\{?[0-9a-f-]{36}\}?|harddiskvolumeshadowcopy\d+)"
    r"|\\device\\harddiskvolumeshadowcopy\d+)\\"
)
_VOLUME = (
    r"^(?:\\\\\?\\(?:globalroot\\)?(?:device\\)?[^\\]+\\|\\device\\[^\\]+\\"
    r"|[a-z]:\\clusterstorage\\[^\\]+\\|[a-z]:\\)"
)

_KEPT = "kept / nullif(kept + broken, 0)"
_ZZ = "1.96 * 1.96 / nullif(kept + broken, 0)"
_HALF = f"1.96 * sqrt({_KEPT} * (1 - {_KEPT}) / nullif(kept + broken, 0) + {_ZZ} / (4.0 * nullif(kept + broken, 0)))"

_MACROS: tuple[tuple[str, str], ...] = (
    # microseconds since 1970, UTC, of an instant; and back
    ("us_of(instant)", "epoch_us(instant)"),
    ("moment_of(us)", "make_timestamptz(us)"),
    # by how much later than written a time may be: as precise as it looks, to the minute, the second, the millisecond
    (
        "slack_of(us)",
        (
            "CASE WHEN us % 60000000 = 0 THEN 60000000 WHEN us % 1000000 = 0 THEN 1000000"
            " WHEN us IS NOT NULL THEN 1000 END"
        ),
    ),
    # wall time of a zone at an instant; the instant of a wall time in a zone
    ("local_of(zone, instant)", "timezone(zone, CAST(instant AS TIMESTAMPTZ))"),
    ("instant_of(zone, local)", "timezone(zone, CAST(local AS TIMESTAMP))"),
    # the night that an instant belongs to: its local date less the shift of the site's night
    (
        "night_of(zone, night_shift_s, instant)",
        "CAST(timezone(zone, CAST(instant AS TIMESTAMPTZ)) - night_shift_s * INTERVAL 1 SECOND AS DATE)",
    ),
    # when a backup window of a night opens and closes; an end that is not after the start is on the next day
    (
        "opening_of(zone, night, start_s)",
        "timezone(zone, CAST(night AS TIMESTAMP) + start_s * INTERVAL 1 SECOND)",
    ),
    (
        "closing_of(zone, night, start_s, end_s)",
        (
            "timezone(zone, CAST(night AS TIMESTAMP)"
            " + (end_s + CASE WHEN end_s <= start_s THEN 86400 ELSE 0 END) * INTERVAL 1 SECOND)"
        ),
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
    # what computers are called: without the domain; an address stays whole
    (
        "computer_of(host)",
        "CASE WHEN regexp_full_match(trim(host), '[\\d.]*\\d') THEN trim(host) ELSE split_part(host, '.', 1) END",
    ),
    # up to three names of a list as one text, NULL for none; how many more there are
    ("first_names(names)", "nullif(array_to_string(list_slice(names, 1, 3), ', '), '')"),
    ("other_names(names)", "greatest(coalesce(len(names), 0) - 3, 0)"),
    # the list of all days from one to another, both with
    (
        "days_between(first, last)",
        "CAST(generate_series(CAST(first AS TIMESTAMP), CAST(last AS TIMESTAMP), INTERVAL 1 DAY) AS DATE[])",
    ),
    # the service that wrote an errlog; a store of an older version does not say it, but the name of the file does
    (
        "service_of(service, kind, path)",
        f"CASE WHEN kind IS NULL THEN nullif(regexp_extract(path, '{_SERVICE}', 1), '') ELSE service END",
    ),
    # whole days from one date to another; mon to sun
    ("day_count(first, last)", "date_diff('day', CAST(first AS DATE), CAST(last AS DATE))"),
    ("weekday_of(day)", "lower(left(dayname(CAST(day AS DATE)), 3))"),
    # a name and a pattern of the site file: * and ?, no upper and lower case
    ("name_fits(name, pattern)", "lower(name) GLOB replace(lower(pattern), '[', '[[]')"),
    # an id and its first characters, as a narrow screen shows them; without any none fits
    ("id_fits(id, first)", "first <> '' AND starts_with(id, rtrim(upper(first), '…'))"),
    # seconds as whole microseconds, whose sum is the same in whichever order threads add them up
    ("to_us(seconds)", "CAST(round(seconds * 1000000) AS BIGINT)"),
    # continuous quantile, an aggregate
    ("quantile_of(x, share)", "quantile_cont(x, share)"),
    # ends of Wilson's interval (95 %) of the share kept of known nights, NULL without any
    (
        "wilson_low_of(kept, broken)",
        f"greatest(({_KEPT} + {_ZZ} / 2 - {_HALF}) / (1 + {_ZZ}), CASE WHEN kept + broken > 0 THEN 0 END)",
    ),
    (
        "wilson_high_of(kept, broken)",
        f"least(({_KEPT} + {_ZZ} / 2 + {_HALF}) / (1 + {_ZZ}), CASE WHEN kept + broken > 0 THEN 1 END)",
    ),
    # whether a night counts for compliance: the rule was due, or nobody knows whether it was kept
    ("is_slot(expected, reason)", "coalesce(expected, true) AND reason <> 'not_established'"),
    # what follows from the nights kept, broken and open
    (
        "compliance_of(kept, broken, unknown)",
        (
            "CASE WHEN kept + broken = 0 THEN 'not_established'"
            " WHEN (kept + unknown) / (kept + broken + unknown) < 0.95 OR wilson_high_of(kept, broken) < 0.95"
            " THEN 'breaks'"
            " WHEN broken = 0 AND unknown = 0 OR wilson_low_of(kept, broken) >= 0.95 THEN 'meets'"
            " ELSE 'at_risk' END"
        ),
    ),
    # most nights broken in a row; unknown ones between them neither count nor end it
    (
        "longest_streak_of(kept, night)",
        (
            "coalesce(list_max(list_transform(string_split(string_agg(CASE WHEN kept THEN '|' ELSE 'x' END, ''"
            " ORDER BY night) FILTER (WHERE kept IS NOT NULL), '|'), lambda streak: len(streak))), 0)"
        ),
    ),
    # whether a backup is due on a day: as a schedule of the site file says, NULL where it says nothing; and as on at
    # least half of at least two earlier nights of that day of the week, else of that kind of day (weekend or not)
    (
        "is_planned_on(schedule, weekday, is_weekend)",
        (
            "CASE schedule WHEN 'daily' THEN true WHEN 'weekdays' THEN NOT is_weekend"
            " ELSE schedule = 'weekly:' || weekday END"
        ),
    ),
    (
        "is_usual(weekday_nights, weekday_runs, kind_nights, kind_runs)",
        (
            "CASE WHEN weekday_nights >= 2 THEN weekday_runs * 2 >= weekday_nights"
            " WHEN kind_nights >= 2 THEN kind_runs * 2 >= kind_nights END"
        ),
    ),
    # what event logs are compared by: exports write the slash of a channel's name as a dash
    ("channel_key_of(channel)", "lower(replace(channel, '/', '-'))"),
    # the first GUID in a text, in small letters
    ("guid_of(text)", f"nullif(regexp_extract(lower(text), '{_GUID}', 0), '')"),
    # whether a path lies on a snapshot device; what follows its volume, in small letters: the same on disk and snapshot
    ("is_on_snapshot(path)", f"regexp_matches(lower(path), '{_SNAPSHOT}')"),
    ("disk_key_of(path)", f"regexp_replace(lower(path), '{_VOLUME}', '')"),
)


_NAMES_MACRO = re.compile(
    rf"\b(?:{'|'.join(head.partition('(')[0] for head, _ in _MACROS)}|duckdb_functions)\b", re.IGNORECASE
)


def register_macros(connection: Any) -> None:
    """Give a connection the names of the model that DuckDB spells otherwise."""
    # in one transaction, which takes half as long
    statements = "; ".join(f"CREATE MACRO {head} AS {body}" for head, body in _MACROS)
    connection.execute(f"BEGIN; {statements}; COMMIT")


def open_engine(limits: Limits | None = None) -> DuckDB:
    """An empty database in memory; its times are UTC until a zone is set.

    Raises QueryError for a size of memory that DuckDB does not know.
    """
    import duckdb

    limits = limits or Limits()
    # DuckDB makes it at the first spill; a name of our own lets us take away whatever it leaves
    spill = (limits.spill_folder or Path(tempfile.gettempdir())).absolute() / f"dpm-analytics-{uuid4().hex}"
    connection = duckdb.connect(config=SETTINGS)
    with translated("opening DuckDB"):
        connection.execute("SET temp_directory = $spill", {"spill": str(spill)})
        connection.execute("SET TimeZone = 'UTC'")
        if limits.memory is not None:
            connection.execute("SET memory_limit = $memory", {"memory": limits.memory})
    return DuckDB(connection, spill)


class DuckDB:
    """The Engine over one connection of DuckDB."""

    def __init__(self, connection: Any, spill: Path) -> None:
        self.connection = connection
        self._spill = spill
        self._zone = "UTC"
        self._files: set[str] = set()
        self._stopped = Event()
        self._has_macros = False
        self._last_parsed: tuple[str | None, Any] = (None, None)

    @property
    def identity(self) -> str:
        """DuckDB with its version, the zone of the session, and a digest of the macros."""
        import duckdb

        macros = hashlib.sha256(repr(_MACROS).encode("utf-8")).hexdigest()
        return f"duckdb {duckdb.__version__} {self._zone} {macros}"

    def set_zone(self, zone: str) -> None:
        """Show times in this IANA zone; QueryError where DuckDB does not know it."""
        self._execute(f"SET TimeZone = {_quoted(zone)}", "time zone")
        self._zone = zone

    def add_files(self, name: str, table: Table, files: Sequence[Path]) -> None:
        """A view over Parquet files, or an empty table.

        Raises StoreError where a file does not open or a column has another type than the one declared.
        """
        if not files:
            columns = ", ".join(f'"{column.name}" {column.sql_type}' for column in table.columns)
            self._execute(f'CREATE TABLE "{name}" ({columns})', name)
            return
        paths = [str(file.absolute()) for file in files]
        self._files.update(paths)
        source = f"read_parquet([{', '.join(map(_quoted, paths))}], union_by_name = true, hive_partitioning = false)"
        with translated(name, files=self._files):
            described = self.connection.sql(f"DESCRIBE SELECT * FROM {source}").fetchall()
        columns = ", ".join(
            _column(table, column, {row[0]: row[1] for row in described}) for column in table.columns
        )
        self._execute(f'DROP TABLE IF EXISTS "{name}"', name)  # the empty one that stood in for it
        self._execute(f'CREATE VIEW "{name}" AS SELECT {columns} FROM {source}', name)

    def add_rows(self, name: str, rows: pa.Table) -> None:
        """A table of few rows, instead of the one of that name."""
        with translated(name):
            self.connection.register("added_rows", rows)
            self.connection.execute(f'CREATE OR REPLACE TABLE "{name}" AS FROM added_rows')
            self.connection.unregister("added_rows")

    def add_view(self, name: str, text: str) -> None:
        """A view."""
        self._know_macros(text)
        self._execute(f'CREATE VIEW "{name}" AS {text}', name)

    def keep(self, name: str, text: str) -> None:
        """Compute a SELECT once; its rows replace the table of that name."""
        self._know_macros(text)
        self._execute(f'CREATE OR REPLACE TABLE "{name}" AS {text}', name)

    def names_in(self, text: str) -> frozenset[str] | None:
        """Lower-case names of relations that a text of SQL may read, rather too many; None: any relation."""
        return names_read(self._parsed(text), text)

    def result(self, text: str, parameters: Mapping[str, Any], where: str) -> pa.Table:
        """Run SQL with parameters bound as $name; errors say `where`."""
        self._know_macros(text)
        with translated(where, text, self._files):
            relation = self.connection.sql(text, params=dict(parameters) or None)
            return relation.to_arrow_table() if relation is not None else pa.table({})

    def require_known(self, text: str, parameters: Mapping[str, Any]) -> None:
        """Raise QueryError where a query names what no relation has, without running it."""
        import duckdb

        if not is_one_query(self._parsed(text)):
            return
        self._know_macros(text)
        with translated(text, text):
            try:
                self.connection.execute(f"EXPLAIN {text}", dict(parameters) or None).fetchall()
            except duckdb.Error as error:
                if isinstance(error, (duckdb.BinderException, duckdb.CatalogException)):
                    raise  # whatever else is wrong shows when it runs

    def stream(
        self, text: str, parameters: Mapping[str, Any], where: str, sink: Callable[[Answer], _Result]
    ) -> _Result:
        """Like `result`, but give the rows to `sink` while they are computed."""
        self._stopped.clear()
        self._know_macros(text)
        with translated(where, text, self._files):
            relation = self.connection.sql(text, params=dict(parameters) or None)
            if relation is None:
                return sink(Answer.of(pa.table({})))
            reader = relation.to_arrow_reader(_BATCH_ROWS)
        with closing(reader):
            return sink(Answer(reader.schema, self._batches(reader, text, where)))

    def _batches(self, reader: pa.RecordBatchReader, text: str, where: str) -> Iterator[pa.RecordBatch]:
        while True:
            if self._stopped.is_set():  # DuckDB may be done long before the last row is written
                raise KeyboardInterrupt
            with translated(where, text, self._files):
                try:
                    batch = reader.read_next_batch()
                except StopIteration:
                    return
            yield batch

    def confine(self, more: Iterable[Path] = (), folder: Path | None = None) -> None:
        """From now on: no file but those added, `more` and those in `folder`, no network, no change of a setting.

        DuckDB lets the files added be written as well as read: require_question keeps COPY away from them.
        """
        files = self._files | {str(path.absolute()) for path in more}
        self.connection.execute("SET allowed_paths = $files", {"files": sorted(files)})
        if folder:
            self.connection.execute(
                "SET allowed_directories = $folders", {"folders": [str(folder.absolute())]}
            )
        self.connection.execute("SET enable_external_access = false")
        self.connection.execute("SET lock_configuration = true")

    def require_question(self, text: str) -> None:
        """Raise QueryError where a text does more than ask."""
        with translated(text, text):
            require_question(self.connection, self._parsed(text), text)

    def interrupt(self) -> None:
        """End what runs at the moment, from another thread; it raises KeyboardInterrupt there."""
        self._stopped.set()
        self.connection.interrupt()

    def close(self) -> None:
        """Close the connection and take away what it spilled."""
        self.connection.close()
        shutil.rmtree(self._spill, ignore_errors=True)

    def _parsed(self, text: str) -> Any:
        """The tree of a text: three questions about it follow each other."""
        if self._last_parsed[0] != text:
            self._last_parsed = (text, parsed(self.connection, text))
        return self._last_parsed[1]

    def _know_macros(self, text: str) -> None:
        """Give the connection the macros when a text first names one or lists functions: all take 20 ms."""
        if not self._has_macros and _NAMES_MACRO.search(text):
            register_macros(self.connection)
            self._has_macros = True

    def _execute(self, text: str, where: str) -> None:
        with translated(where, files=self._files):
            self.connection.execute(text)


def _column(table: Table, column: Column, present: Mapping[str, str]) -> str:
    """A column of Parquet files by its declaration; a foreign store must not smuggle in another type."""
    found = present.get(column.name)
    if found is None:
        return f'NULL::{column.sql_type} AS "{column.name}"'
    if found != column.sql_type:
        raise StoreError(
            f"column {column.name} is {found}", f"the store's {table.name}", f"it should be {column.sql_type}"
        )
    return f'"{column.name}"'


def _quoted(value: str) -> str:
    """A string literal of SQL."""
    return "'" + value.replace("'", "''") + "'"
