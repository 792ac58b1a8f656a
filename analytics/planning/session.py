"""Sessions that know the tables of planning by name, too."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

from analytics.site import Site
from analytics.sql import Limits, Planned, Session
from analytics.sql import open_session as open_plain
from analytics.sql.session import HasParts

__all__ = ["open_session"]


def open_session(
    store: HasParts,
    site: Site | None = None,
    *,
    confined: bool = True,
    keep: bool = True,
    limits: Limits | None = None,
    now: datetime | None = None,
) -> Session:
    """Connect to the last commit of a store, with every table of the contract by name; see analytics.sql.open_session.

    Raises StoreError where the store's files do not open.
    """
    return open_plain(
        store, site, confined=confined, keep=keep, limits=limits, now=now, planned=_planned_tables()
    )


def _planned_tables() -> tuple[Planned, ...]:
    """The tables that are computed here; nothing is imported for them before one is asked for."""
    return ()


@cache
def _code() -> str:
    """What estimates depend on beside the logs: the code of this folder, numpy and scipy."""
    here = Path(__file__).parent
    found = hashlib.sha256()
    for path in sorted(here.glob("*.py")):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{found.hexdigest()} numpy {version('numpy')} scipy {version('scipy')}"
