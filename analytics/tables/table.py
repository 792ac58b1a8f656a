"""What a table is: a name, a grain and columns with type and meaning."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

TEXT = pa.string()
WHOLE = pa.int64()
SMALL = pa.int32()
SECONDS = pa.float64()
REAL = pa.float64()
FLAG = pa.bool_()
DAY = pa.date32()
INSTANT = pa.timestamp("us", tz="UTC")

SQL_TYPES: dict[pa.DataType, str] = {
    TEXT: "VARCHAR",
    WHOLE: "BIGINT",
    SMALL: "INTEGER",
    REAL: "DOUBLE",
    FLAG: "BOOLEAN",
    DAY: "DATE",
    INSTANT: "TIMESTAMP WITH TIME ZONE",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name carries the unit, its meaning is one sentence."""

    name: str
    type: pa.DataType
    meaning: str

    @property
    def sql_type(self) -> str:
        """The type as DuckDB and Spark spell it."""
        return SQL_TYPES[self.type]


@dataclass(frozen=True)
class Table:
    """One table: `grain` says what one row is; `time` names the column that weekly partitions go by, if any."""

    name: str
    grain: str
    columns: tuple[Column, ...]
    time: str | None = None

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema; instants are UTC with microseconds."""
        return pa.schema([(column.name, column.type) for column in self.columns])

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """The names in their declared order."""
        return tuple(column.name for column in self.columns)


def columns(*declarations: tuple[str, pa.DataType, str]) -> tuple[Column, ...]:
    """Turn (name, type, meaning) triples into columns."""
    return tuple(Column(*declaration) for declaration in declarations)
