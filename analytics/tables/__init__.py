"""The spine: every table is declared once, here; schema, empty views and data dictionary derive from it."""

from __future__ import annotations

from analytics.tables.derived import DERIVED
from analytics.tables.internal import GIVENS, INTERNAL
from analytics.tables.planned import PLANNED
from analytics.tables.raw import HOST_KEYS, RAW
from analytics.tables.rules import RULE_FILES
from analytics.tables.table import INSTANT, Column, Table, type_of

RULES = tuple(rules.table for rules in RULE_FILES.values())
TABLES: dict[str, Table] = {
    table.name: table for table in (*RAW, *DERIVED, *PLANNED, *INTERNAL, *GIVENS, *RULES)
}

__all__ = [
    "DERIVED",
    "GIVENS",
    "HOST_KEYS",
    "INSTANT",
    "INTERNAL",
    "PLANNED",
    "RAW",
    "RULES",
    "TABLES",
    "Column",
    "Table",
    "type_of",
]
