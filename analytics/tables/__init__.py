"""The spine: every table is declared once, here; schema, empty views and data dictionary derive from it."""

from __future__ import annotations

from analytics.tables.derived import DERIVED
from analytics.tables.raw import HOST_KEYS, RAW
from analytics.tables.table import Column, Table

TABLES: dict[str, Table] = {table.name: table for table in (*RAW, *DERIVED)}

__all__ = ["DERIVED", "HOST_KEYS", "RAW", "TABLES", "Column", "Table"]
