"""Which queries of a report rest on estimates, and whether these can be had in a moment."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pyarrow as pa

from analytics.report.contents import Result
from analytics.sql.catalogue import catalogue
from analytics.tables import PLANNED

if TYPE_CHECKING:
    from analytics.sql import Session

__all__ = ["is_affordable", "withheld"]

# estimates of more jobs take longer than all the rest of a report: then only those that are kept are shown
_MOST_JOBS = 6_000
_PLANNED = re.compile(rf"\b({'|'.join(table.name for table in PLANNED)})\b")
_TYPES = {
    "DATE": pa.date32(),
    "DOUBLE": pa.float64(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "BOOLEAN": pa.bool_(),
    "TIMESTAMP WITH TIME ZONE": pa.timestamp("us"),
}


@cache
def _planned_in(name: str) -> frozenset[str]:
    """The planned tables that a query names."""
    code = re.sub(r"--.*", "", catalogue()[name].sql)
    return frozenset(_PLANNED.findall(code))


def is_affordable(session: Session, name: str, jobs: int) -> bool:
    """Whether a query names no planned table, the jobs are few, or each that it names was computed before."""
    return jobs <= _MOST_JOBS or all(map(session.is_at_hand, _planned_in(name)))


def withheld(name: str) -> Result:
    """The result of a query that was not run: no rows."""
    query = catalogue()[name]
    fields = [(column.name, _TYPES.get(column.type, pa.string())) for column in query.columns]
    table = pa.schema(fields).empty_table()
    return Result(name, query.title, query.question, query.sql.strip(), {}, table, is_withheld=True)
