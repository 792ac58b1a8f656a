"""Which derived tables stand behind others, and in which order they are computed; the same for every engine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from graphlib import CycleError, TopologicalSorter

from analytics.errors import QueryError
from analytics.sql.catalogue import model_queries
from analytics.tables import TABLES

__all__ = ["STORED_NAMES", "VIEWS_ONLY", "behind", "in_order", "named_in", "reads", "relations"]

STORED_NAMES = {"trace": "trace_stored"}  # stored under another name than the view that the model makes of it
VIEWS_ONLY = frozenset({"trace"})  # as large as the logs themselves: read through, never copied

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_READS = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)", re.IGNORECASE)


@cache
def relations(name: str) -> frozenset[str]:
    """All relations that a query of the model reads itself, stored, given and computed ones."""
    return named_in(model_queries()[name].sql) & {*TABLES, *STORED_NAMES.values()}


def named_in(sql: str) -> frozenset[str]:
    """What stands after FROM or JOIN in a query of ours, which names every relation there."""
    return frozenset(_READS.findall(_COMMENT.sub(" ", sql)))


@cache
def reads(name: str) -> frozenset[str]:
    """The queries of the model that a query of the model reads itself.

    The model's own files name every relation after FROM or JOIN (a test holds this against DuckDB's parser).
    """
    return relations(name) & model_queries().keys() - {name}


def behind(names: Iterable[str]) -> frozenset[str]:
    """All relations that reading `names` needs: they and, floor by floor, what they are computed from."""
    waiting, found = list(names), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(relations(name) if name in model_queries() else ())
    return frozenset(found)


def in_order(names: Iterable[str]) -> list[str]:
    """The derived tables among `names` and all behind them, each after those that it reads.

    Raises QueryError where files of the model read each other in a circle.
    """
    graph = {name: sorted(reads(name)) for name in sorted(behind(names) & model_queries().keys())}
    try:
        return [name for name in TopologicalSorter(graph).static_order() if name not in VIEWS_ONLY]
    except CycleError as error:
        circle = " > ".join(error.args[1])
        raise QueryError(
            f"they read each other: {circle}", "queries/model", "no view may need itself"
        ) from error
