"""What differs between the engines that can run the model: one module per engine, each an `Engine`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pyarrow as pa

from analytics.tables import Table

__all__ = ["Answer", "Engine"]

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a query as they come; reading them computes them, once."""

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]

    @classmethod
    def of(cls, table: pa.Table) -> Answer:
        """The rows of a table."""
        return cls(table.schema, iter(table.to_batches(max_chunksize=10_000)))


class Engine(Protocol):
    """Relations by name and SQL over them.

    Raises QueryError for SQL that does not run, StoreError for files that do not open, KeyboardInterrupt for Ctrl+C.
    """

    @property
    def identity(self) -> str:
        """What a result depends on beside the SQL and what it reads: the engine, its version, zone and functions."""

    def set_zone(self, zone: str) -> None:
        """Show times in this IANA zone."""

    def add_files(self, name: str, table: Table, files: Sequence[Path]) -> None:
        """A relation over Parquet files; columns that a file lacks are NULL; without files it is empty."""

    def add_rows(self, name: str, rows: pa.Table) -> None:
        """A relation of few rows, instead of the one of that name."""

    def add_view(self, name: str, text: str) -> None:
        """A relation that is read through each time."""

    def keep(self, name: str, text: str) -> None:
        """Compute a SELECT once; its rows replace the relation of that name."""

    def names_in(self, text: str) -> frozenset[str] | None:
        """Lower-case names of relations that a text of SQL may read, rather too many; None: any relation."""

    def result(self, text: str, parameters: Mapping[str, Any], where: str) -> pa.Table:
        """Run SQL with parameters bound as $name; errors say `where`."""

    def stream(
        self, text: str, parameters: Mapping[str, Any], where: str, sink: Callable[[Answer], _Result]
    ) -> _Result:
        """Like `result`, but give the rows to `sink` while they are computed."""

    def require_known(self, text: str, parameters: Mapping[str, Any]) -> None:
        """Raise QueryError where a query names what no relation has, without running it."""

    def confine(self, more: Iterable[Path] = (), folder: Path | None = None) -> None:
        """From now on: no file but those added, `more` and those in `folder`, no network, no change of a setting."""

    def require_question(self, text: str) -> None:
        """Raise QueryError where a text does more than ask; for an engine that is confined."""

    def interrupt(self) -> None:
        """End what runs at the moment, from another thread; it raises KeyboardInterrupt there."""

    def close(self) -> None:
        """Let go of memory and files."""
