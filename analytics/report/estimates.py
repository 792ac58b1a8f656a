"""Which queries of a report rest on estimates, and whether these can be had in a moment."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pyarrow as pa

from analytics.report.contents import Result
from analytics.report.sections import ALWAYS
from analytics.sql.catalogue import catalogue
from analytics.sql.order import named_in
from analytics.tables import INSTANT, PLANNED, type_of

if TYPE_CHECKING:
    from analytics.sql import Session

__all__ = ["is_affordable", "withheld"]

# estimates of more jobs take longer than all the rest of a report: then only those that are kept are shown, and those
# that a section needs which every report has
_MOST_JOBS = 60_000
_PLANNED = frozenset(table.name for table in PLANNED)
# results hold wall times
_WALL = pa.timestamp("us")


@cache
def _planned_in(name: str) -> frozenset[str]:
    """The planned tables that a query names."""
    return named_in(catalogue()[name].sql) & _PLANNED


def is_affordable(session: Session, name: str, jobs: int) -> bool:
    """Whether every report has the query, the jobs are few, or each planned table that it names is at hand."""
    return name in ALWAYS or jobs <= _MOST_JOBS or all(map(session.is_at_hand, _planned_in(name)))


def withheld(name: str) -> Result:
    """The result of a query that was not run: no rows."""
    query = catalogue()[name]
    kinds = {column.name: type_of(column.type) for column in query.columns}
    table = pa.schema(
        {name: _WALL if kind == INSTANT else kind for name, kind in kinds.items()}
    ).empty_table()
    return Result(name, query.title, query.question, query.sql.strip(), {}, table, is_withheld=True)
