"""What a derived table is computed from, as one short text: equal keys mean equal rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from analytics.sql.catalogue import model_queries
from analytics.sql.order import STORED_NAMES, relations
from analytics.sql.planned import Planned
from analytics.tables import RAW
from analytics.version import VERSION

__all__ = ["Keys"]

_RAW = {STORED_NAMES.get(table.name, table.name): table.name for table in RAW}


class Keys:
    """The keys of derived tables in one session, each worked out when it is first asked for.

    `engine` says which engine computes, with its version; `stored` gives the state of a raw table, `given` that of
    a table that the session adds; `planned` are the tables that Python computes.
    """

    def __init__(
        self,
        engine: str,
        stored: Callable[[str], str],
        given: Callable[[str], str],
        planned: Mapping[str, Planned],
    ) -> None:
        self._base = f"{VERSION} {engine}"
        self._stored, self._given, self._planned = stored, given, planned
        self._known: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The key of a relation: of a derived one from its SQL or code and the keys of all that it reads."""
        if name not in self._known:
            self._known[name] = self._worked_out(name)
        return self._known[name]

    def _worked_out(self, name: str) -> str:
        if name in self._planned:
            planned = self._planned[name]
            return self._made_by(name, planned.identity(), planned.reads)
        query = model_queries().get(name)
        return self._state(name) if query is None else self._made_by(name, query.sql, relations(name))

    def _made_by(self, name: str, maker: str, behind: frozenset[str]) -> str:
        read = (f"{other}={self.of(other)}" for other in sorted(behind - {name}))
        return _digest(self._base, name, maker, *read)

    def _state(self, name: str) -> str:
        return self._stored(_RAW[name]) if name in _RAW else self._given(name)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()
