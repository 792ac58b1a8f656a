"""One view of the model over rows that a test gives, without a store."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from analytics.site import Site
from analytics.sql import model_queries
from analytics.sql.givens import givens
from analytics.sql.order import STORED_NAMES
from analytics.tables import TABLES
from tests.database import connection_in, empty_database

Row = dict[str, Any]

S = 1_000_000  # microseconds; instants of given rows may be whole numbers of microseconds since 1970
MS = 1_000


def rows_of(
    view: str, site: Site | None = None, /, *, through: Sequence[str] = (), **given: Sequence[Row]
) -> list[Row]:
    """The rows of a view where the relations that it reads hold the given rows; those that are not given are empty.

    The views that it goes `through`, in their order, are computed as well. A column that a row does not name is NULL.
    """
    site = site or Site(time_zone="UTC")
    makers = givens(site)
    texts = {name: model_queries()[name].sql for name in (*through, view)}
    with connection_in(empty_database(), site.time_zone or "UTC") as connection:
        named = set(re.findall(r"\w+", " ".join(texts.values()))) - {*through, view}
        stored = {kept: TABLES[name] for name, kept in STORED_NAMES.items()}
        for name, table in (TABLES | stored).items():
            if name not in named:
                continue
            rows = list(given.get(name, ()))
            is_fixed = name in makers and name not in given
            connection.register(
                name, makers[name]() if is_fixed else pa.Table.from_pylist(rows, schema=table.schema)
            )
        for name in through:
            connection.execute(f"CREATE TEMP TABLE {name} AS {texts[name]}")
        return connection.sql(texts[view]).to_arrow_table().to_pylist()
