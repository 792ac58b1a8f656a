"""A log that has grown: a source whose first bytes are a source that was read before.

What the shorter copy ended with may have been cut: in a line, in a character, in an event, before the lines that its
last record goes on with. The longer copy tells how it reads whole; what the shorter one made of it leaves the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from analytics.ingest.account import Account
from analytics.ingest.known import UNKNOWN
from analytics.ingest.steps import REJECTS
from analytics.sources import Source
from analytics.store import Removal
from analytics.store.layout import UNDATED, weeks_between

# A content of this size may be cut before the first line by which its format is recognised.
SHORT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Grown:
    """The row of a shorter copy, and the line or record below which its records began."""

    row: Mapping[str, Any]
    end: int


def shorter_copy(
    source: Source, format_name: str, account: Account, rows: Iterable[Mapping[str, Any]]
) -> Grown | None:
    """The longest source read before that is the beginning of this one; raises SourceError."""
    size = source.fingerprint.size_bytes
    candidates = [
        row
        for row in rows
        if row["size_bytes"] is not None  # unreadable
        and row["size_bytes"] < size
        and _may_be_shorter(row, source, format_name, account)
    ]
    if not candidates:
        return None
    prefixes = source.prefixes(row["size_bytes"] for row in candidates)
    fitting = [
        row
        for row in candidates
        if (prefix := prefixes.get(row["size_bytes"])) and prefix.sha256 == row["sha256"]
    ]
    longest = max(fitting, key=lambda row: int(row["size_bytes"]), default=None)
    return Grown(longest, prefixes[longest["size_bytes"]].line_feeds + 1) if longest else None


def _may_be_shorter(row: Mapping[str, Any], source: Source, format_name: str, account: Account) -> bool:
    """Cheap signs: the same format and first time, or next to nothing that could be told from it."""
    if row["size_bytes"] == 0:
        return bool(row["path"] == source.path)
    if row["format"] == UNKNOWN:
        return bool(row["size_bytes"] <= SHORT_BYTES)
    return bool(row["format"] == format_name and row["first_at"] in {None, account.first_at})


def removals(grown: Grown, account: Account) -> list[Removal]:
    """What leaves the store: rejects of the shorter copy, and records that the longer one gave otherwise."""
    row = grown.row
    found = [Removal(REJECTS, row["source_id"])] if row["records_rejected"] else []
    for table, batches in account.places.items():
        places = pa.chunked_array(batches)
        within = places.filter(pc.less_equal(places, grown.end))
        if len(within) and row["records_stored"]:
            weeks = (
                None
                if row["first_at"] is None
                else frozenset({*weeks_between(row["first_at"], row["last_at"]), UNDATED, None})
            )
            found.append(Removal(table, row["source_id"], frozenset(within.to_pylist()), weeks))
    return found


def after_removal(row: Mapping[str, Any], table: str, count: int) -> dict[str, Any]:
    """The books of the shorter copy: what it lost, the store holds from the longer one."""
    lost = "records_rejected" if table == REJECTS else "records_stored"
    return {**row, lost: row[lost] - count, "records_duplicate": row["records_duplicate"] + count}
