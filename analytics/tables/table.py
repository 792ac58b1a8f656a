"""What a table is: a name, a grain and columns with type and meaning."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from analytics.tables.value import Value, Vocabulary

TEXT = pa.string()
WHOLE = pa.int64()
SMALL = pa.int32()
SECONDS = pa.float64()
REAL = pa.float64()
FLAG = pa.bool_()
DAY = pa.date32()
CLOCK = pa.time64("us")
INSTANT = pa.timestamp("us", tz="UTC")

_DUCKDB: dict[pa.DataType, str] = {
    TEXT: "VARCHAR",
    WHOLE: "BIGINT",
    SMALL: "INTEGER",
    REAL: "DOUBLE",
    FLAG: "BOOLEAN",
    DAY: "DATE",
    CLOCK: "TIME",
    INSTANT: "TIMESTAMP WITH TIME ZONE",
}


_BY_DUCKDB = {spelled: kind for kind, spelled in _DUCKDB.items()}


def type_of(spelled: str) -> pa.DataType:
    """The type that DuckDB spells so; text for what no column of ours has."""
    return _BY_DUCKDB.get(spelled, TEXT)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name carries the unit, its meaning is one sentence.

    `values` is the vocabulary that its values are from, where it has one.
    """

    name: str
    type: pa.DataType
    meaning: str
    values: Vocabulary[Value] | None = None

    @property
    def sql_type(self) -> str:
        """The type as DuckDB spells it; another engine has its own spelling."""
        return _DUCKDB[self.type]

    @property
    def sentence(self) -> str:
        """The meaning with the values that the column may hold."""
        if self.values is None:
            return self.meaning
        return f"{self.meaning.rstrip('.')}: {', '.join(self.values.names)}."


@dataclass(frozen=True)
class Table:
    """One table: `grain` says what one row is, `question` what it answers.

    `time` names the column that weekly partitions go by, `key` the columns that no two rows share, `floor` the folder
    of queries/model/ that computes it, `answers` the columns that a narrow screen shows first; each empty where there
    is none.
    """

    name: str
    grain: str
    columns: tuple[Column, ...]
    time: str | None = None
    question: str = ""
    key: tuple[str, ...] = ()
    floor: str = ""
    answers: tuple[str, ...] = ()

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema; instants are UTC with microseconds."""
        return pa.schema([(column.name, column.type) for column in self.columns])

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """The names in their declared order."""
        return tuple(column.name for column in self.columns)


def columns(
    *declarations: tuple[str, pa.DataType, str] | tuple[str, pa.DataType, str, Vocabulary[Value]],
) -> tuple[Column, ...]:
    """Turn (name, type, meaning) into columns; a fourth part is the vocabulary of a column's values."""
    return tuple(Column(*declaration) for declaration in declarations)
