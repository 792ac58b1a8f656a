"""Relations of the model that the contract does not name: what its files hand to one another, floor by floor.

A new view is one declaration here and one .sql file on the floor that it names.
"""

from __future__ import annotations

from analytics.tables.internal.answers import ANSWERS
from analytics.tables.internal.due import DUE
from analytics.tables.internal.givens import GIVENS
from analytics.tables.internal.matches import MATCHES
from analytics.tables.internal.outlook import OUTLOOK
from analytics.tables.internal.records import RECORDS
from analytics.tables.internal.times import TIMES
from analytics.tables.internal.trust import CHECKED
from analytics.tables.internal.usual import USUAL

INTERNAL = (*RECORDS, *MATCHES, *TIMES, *ANSWERS, *DUE, *OUTLOOK, *CHECKED, *USUAL)

__all__ = ["GIVENS", "INTERNAL"]
