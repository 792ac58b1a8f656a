"""Columns that several tables of the report show in the same way."""

from __future__ import annotations

from analytics.report.contents import Look

VM = Look("vm", "VM", "vm")
NIGHT = Look("night", "night", "night")
GRADE = Look("grade", "evidence", "grade")
