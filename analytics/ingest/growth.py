"""A log that has grown: a source whose first bytes are a source that was read before.

What the shorter copy ended with may have been cut: in a line, in a character, in an event, before the lines that its
last record goes on with. The longer copy tells how it reads whole; what the shorter one made of it leaves the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from analytics.ingest.account import Account
from analytics.ingest.contents import SHORT_BYTES, Contents, gave_no_record
from analytics.ingest.steps import REJECTS
from analytics.sources import Source
from analytics.store import Removal
from analytics.store.layout import UNDATED, weeks_between


@dataclass(frozen=True, slots=True)
class Grown:
    """A source that has grown: the rows of its shorter copies, and the last line of each."""

    shorter: tuple[tuple[Mapping[str, Any], int], ...]


def shorter_copies(source: Source, format_name: str, account: Account, contents: Contents) -> Grown | None:
    """The sources read before that are the beginning of this one; raises SourceError."""

    def may_be(row: Mapping[str, Any]) -> bool:
        return may_be_shorter(row, source, format_name, account)

    sizes = contents.shorter_sizes(format_name, source.fingerprint.size_bytes, may_be)
    if any(contents.of(format_name, 0, source.path)) and source.fingerprint.size_bytes:
        sizes.add(0)
    if not sizes:
        return None
    fitting = tuple(
        (row, prefix.line_feeds + 1)
        for size, prefix in source.prefixes(sizes).items()
        for row in contents.of(format_name, size, prefix.sha256 if size else source.path)
        if may_be(row)
    )
    return Grown(fitting) if fitting else None


def may_be_shorter(row: Mapping[str, Any], source: Source, format_name: str, account: Account) -> bool:
    """Cheap signs: the same format and first or last time, or so short that neither need be right."""
    if row["size_bytes"] == 0:
        return bool(row["path"] == source.path)
    if row["format"] != format_name:
        # cut before the first record, by which another format may have known it, or none
        return gave_no_record(row)
    if row["size_bytes"] <= SHORT_BYTES or row["first_at"] is None:
        return True
    return bool(row["first_at"] == account.first_at or row["last_at"] == account.last_at)


def removals(grown: Grown, account: Account) -> list[Removal]:
    """What leaves the store: rejects of the shorter copies, and records that the longer one gave otherwise."""
    found = [Removal(REJECTS, row["source_id"]) for row, _ in grown.shorter if row["records_rejected"]]
    for table, batches in account.places.items():
        places = pa.chunked_array(batches)
        for row, end in grown.shorter:
            if row["records_stored"] and (told := _up_to(places, end)):
                found.append(Removal(table, row["source_id"], told, _weeks_of(row)))
    return found


def _up_to(places: pa.ChunkedArray, end: int) -> frozenset[int]:
    import pyarrow.compute as pc

    return frozenset(places.filter(pc.less_equal(places, end)).to_pylist())


def _weeks_of(row: Mapping[str, Any]) -> frozenset[str | None] | None:
    if row["first_at"] is None:
        return None
    return frozenset({*weeks_between(row["first_at"], row["last_at"]), UNDATED, None})


def after_removal(row: Mapping[str, Any], table: str, count: int) -> dict[str, Any]:
    """The books of the shorter copy: what it lost, the store holds from the longer one."""
    lost = "records_rejected" if table == REJECTS else "records_stored"
    return {**row, lost: row[lost] - count, "records_duplicate": row["records_duplicate"] + count}
