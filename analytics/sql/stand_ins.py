"""Empty relations that stand in for those that are made when they are first named."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from analytics.sql.catalogue import model_queries
from analytics.sql.engines import Engine
from analytics.sql.order import VIEWS_ONLY, relations
from analytics.tables import Table

__all__ = ["StandIns"]

_WORD = re.compile(r"\w+")
# what lists relations, or builds their names from text
_NAMES_ANY = frozenset(
    {"describe", "information_schema", "query", "query_table", "show", "sqlite_master", "summarize"}
)
_LISTS = ("duckdb_", "pg_", "pragma")


class StandIns:
    """An empty table per declaration, and the views that are read through, each made when a text first names it.

    All of them together take longer than a small question. Names that are `present` have their rows already.
    """

    def __init__(self, engine: Engine, tables: Iterable[Table], present: Collection[str]) -> None:
        self._engine, self._present = engine, present
        self._tables = {table.name: table for table in tables}
        self._views = set(VIEWS_ONLY)

    def bring(self, text: str) -> None:
        """Make those that a text of SQL may name: rather too many."""
        words = set(_WORD.findall(text.lower()))
        if words & _NAMES_ANY or any(word.startswith(_LISTS) for word in words):
            self.bring_all()
        else:
            self.make(words)

    def bring_all(self) -> None:
        """Make all that are not there, so that an unknown name is told its nearest ones."""
        self.make([*self._tables, *self._views])

    def make(self, names: Iterable[str]) -> None:
        """Make some; other names, and those that are there, are passed over."""
        for name in sorted(self._tables.keys() & names):
            table = self._tables.pop(name)
            if name not in self._present:
                self._engine.add_files(name, table, ())
        for name in sorted(self._views.intersection(names)):
            self._views.discard(name)
            self.make(relations(name))
            self._engine.add_view(name, model_queries()[name].sql)
