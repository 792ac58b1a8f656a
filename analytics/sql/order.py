"""Which derived tables stand behind others, and in which order they are computed; the same for every engine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from graphlib import CycleError, TopologicalSorter

from analytics.errors import QueryError
from analytics.sql.catalogue import model_queries
from analytics.tables import TABLES

__all__ = ["STORED_NAMES", "VIEWS_ONLY", "computed_names", "in_order", "reads", "relations"]

STORED_NAMES = {"trace": "trace_stored"}  # stored under another name than the view that the model makes of it
VIEWS_ONLY = frozenset({"trace"})  # as large as the logs themselves: read through, never copied

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_READS = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)", re.IGNORECASE)


@cache
def computed_names() -> frozenset[str]:
    """The derived tables that a session computes when they are first named."""
    return frozenset(model_queries()) - VIEWS_ONLY


@cache
def relations(name: str) -> frozenset[str]:
    """All relations that a query of the model reads itself, stored, given and computed ones."""
    named = _READS.findall(_COMMENT.sub(" ", model_queries()[name].sql))
    return frozenset(named) & {*TABLES, *STORED_NAMES.values()}


@cache
def reads(name: str) -> frozenset[str]:
    """The queries of the model that a query of the model reads itself.

    The model's own files name every relation after FROM or JOIN (a test holds this against DuckDB's parser).
    """
    return relations(name) & model_queries().keys() - {name}


def in_order(names: Iterable[str]) -> list[str]:
    """The derived tables among `names` and all behind them, each after those that it reads.

    Raises QueryError where files of the model read each other in a circle.
    """
    waiting, behind = list(names), {}
    while waiting:
        name = waiting.pop()
        if name in model_queries() and name not in behind:
            behind[name] = sorted(reads(name))
            waiting.extend(behind[name])
    try:
        ordered = TopologicalSorter(dict(sorted(behind.items()))).static_order()
        return [name for name in ordered if name not in VIEWS_ONLY]
    except CycleError as error:
        circle = " > ".join(error.args[1])
        raise QueryError(
            f"they read each other: {circle}", "queries/model", "no view may need itself"
        ) from error
