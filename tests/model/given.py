"""One view of the model over relations that a test gives row by row: what it makes of exactly these rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from analytics.site import Site
from analytics.sql import model_queries, open_session
from analytics.sql.givens import site_row
from analytics.sql.order import STORED_NAMES, VIEWS_ONLY, relations
from analytics.store import Store
from analytics.tables import GIVENS, RULES, TABLES

S = 1_000_000  # microseconds; times of given rows are whole numbers of them since 1970, in columns of instants too
MS = 1_000

Row = dict[str, Any]

SETTLED = {table.name for table in (*GIVENS, *RULES)}  # what a session gives: these stay as they are


class Given:
    """A session over an empty store whose relations are replaced by those that a test gives."""

    def __init__(self, folder: Path) -> None:
        self.session = open_session(Store.create_or_open(folder), confined=False)

    def view(
        self, name: str, /, *, through: Sequence[str] = (), site: Site | None = None, **given: list[Row]
    ) -> list[Row]:
        """The rows of a view, computed by its SQL and that of the views it goes `through`.

        All other relations are as given, or empty; cells that a row leaves out are NULL.
        """
        read = {each for view in (name, *through, *VIEWS_ONLY) for each in relations(view)}
        read -= {name, *through, *VIEWS_ONLY}
        assert {*given} <= {*map(_declared, read)}, "not read"
        for stored in read - SETTLED:
            self._replace(stored, given.get(_declared(stored), ()))
        self._replace("site", site_row(site or Site(time_zone="UTC")).to_pylist())
        self.session.computed = {*model_queries()} - {name, *through}
        return self.session.sql(f'SELECT * FROM "{name}"').to_pylist()

    def _replace(self, stored: str, rows: Sequence[Row]) -> None:
        table = TABLES[_declared(stored)]
        strange = {cell for row in rows for cell in row} - {*table.column_names}
        assert not strange, f"{table.name} has no {strange}"
        connection = self.session.engine.connection
        connection.register("given_rows", pa.Table.from_pylist(list(rows), schema=table.schema))
        connection.execute(f'CREATE OR REPLACE TABLE "{stored}" AS FROM given_rows')
        connection.unregister("given_rows")


def _declared(stored: str) -> str:
    """The name under which a relation is declared."""
    return next((name for name, under in STORED_NAMES.items() if under == stored), stored)
