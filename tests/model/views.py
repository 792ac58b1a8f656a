"""One view of the model over rows that a test gives, without a store."""

from __future__ import annotations

import re
from typing import Any

import duckdb
import pyarrow as pa

from analytics.site import Site
from analytics.sql import model_queries
from analytics.sql.engines.duckdb import register_macros
from analytics.sql.givens import givens
from analytics.tables import TABLES

Row = dict[str, Any]


def rows_of(view: str, site: Site | None = None, /, **given: list[Row]) -> list[Row]:
    """The rows of a view where the relations that it reads hold the given rows; those that are not given are empty.

    A column that a row does not name is NULL.
    """
    site = site or Site(time_zone="UTC")
    fixed = givens(site, tuple)
    with duckdb.connect() as connection:
        connection.execute(f"SET TimeZone = '{site.time_zone}'")
        register_macros(connection)
        named = set(re.findall(r"\w+", model_queries()[view].sql))
        for name, table in TABLES.items():
            if name not in named:
                continue
            rows = [dict.fromkeys(table.column_names) | row for row in given.get(name, [])]
            held = pa.Table.from_pylist(rows, schema=table.schema)
            connection.register(name, fixed[name]() if name in fixed and name not in given else held)
        return connection.sql(model_queries()[view].sql).to_arrow_table().to_pylist()
