"""A log that has grown: a source whose first bytes are a source that was read before.

What the shorter copy ended with may have been cut: in a line, in a character, in an event, before the lines that its
last record goes on with. The longer copy tells how it reads whole; what the shorter one made of it leaves the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from analytics.ingest.account import Account
from analytics.ingest.steps import REJECTS
from analytics.sources import Source
from analytics.store import Removal
from analytics.store.layout import UNDATED, weeks_between

# A content of this size may be cut before the first line by which its format is recognised.
SHORT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Grown:
    """A source that has grown: the rows of its shorter copies, longest last, and the last line of that one."""

    shorter: tuple[Mapping[str, Any], ...]
    end: int


def shorter_copies(
    source: Source, format_name: str, account: Account, rows: Iterable[Mapping[str, Any]]
) -> Grown | None:
    """The sources read before that are the beginning of this one; raises SourceError."""
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
    shorter = tuple(sorted(fitting, key=lambda row: int(row["size_bytes"])))
    return Grown(shorter, prefixes[shorter[-1]["size_bytes"]].line_feeds + 1) if shorter else None


def _may_be_shorter(row: Mapping[str, Any], source: Source, format_name: str, account: Account) -> bool:
    """Cheap signs: the same format and first time, or next to nothing that could be told from it."""
    if row["size_bytes"] == 0:
        return bool(row["path"] == source.path)
    if row["format"] != format_name:
        # cut before the first record, by which another format may have known it, or none
        return bool(
            row["size_bytes"] <= SHORT_BYTES and row["records_rejected"] and not row["records_stored"]
        )
    return row["first_at"] in {None, account.first_at}


def removals(grown: Grown, account: Account) -> list[Removal]:
    """What leaves the store: rejects of the shorter copies, and records that the longer one gave otherwise.

    Only the longest of them can hold such a record: it told the others' ends otherwise when it came.
    """
    import pyarrow.compute as pc

    found = [Removal(REJECTS, row["source_id"]) for row in grown.shorter if row["records_rejected"]]
    row = grown.shorter[-1]
    for table, batches in account.places.items():
        places = pa.chunked_array(batches)
        within = places.filter(pc.less_equal(places, grown.end))
        if len(within) and row["records_stored"]:
            found.append(Removal(table, row["source_id"], frozenset(within.to_pylist()), _weeks_of(row)))
    return found


def _weeks_of(row: Mapping[str, Any]) -> frozenset[str | None] | None:
    if row["first_at"] is None:
        return None
    return frozenset({*weeks_between(row["first_at"], row["last_at"]), UNDATED, None})


def after_removal(row: Mapping[str, Any], table: str, count: int) -> dict[str, Any]:
    """The books of the shorter copy: what it lost, the store holds from the longer one."""
    lost = "records_rejected" if table == REJECTS else "records_stored"
    return {**row, lost: row[lost] - count, "records_duplicate": row["records_duplicate"] + count}
