"""Derived tables that Python computes from others, where SQL cannot: estimates, predictions, plans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from analytics.tables import Table

__all__ = ["Ask", "Planned"]

Ask = Callable[[str], pa.Table]
"""Gives a relation of the session by its name: columns as declared, rows in the order of its key, instants in UTC."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One such table: `compute` asks for relations in `reads` and for no other, and gives rows of the table's schema.

    `identity` is what the rows depend on beside what is read: the code that computes. No model query reads a planned
    table, so that they stand above all floors; they may read each other.
    """

    table: Table
    reads: frozenset[str]
    compute: Callable[[Ask], pa.Table]
    identity: Callable[[], str]
