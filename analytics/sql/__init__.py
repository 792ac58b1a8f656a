"""Named queries and ad-hoc SQL over a store, in DuckDB."""

from __future__ import annotations

from analytics.sql.catalogue import Parameter, Query, ResultColumn, catalogue, find_query, model_queries
from analytics.sql.engines import Answer
from analytics.sql.limits import Limits
from analytics.sql.planned import Ask, Planned
from analytics.sql.session import Session, open_session

__all__ = [
    "Answer",
    "Ask",
    "Limits",
    "Parameter",
    "Planned",
    "Query",
    "ResultColumn",
    "Session",
    "catalogue",
    "find_query",
    "model_queries",
    "open_session",
]
