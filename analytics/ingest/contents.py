"""The contents that are known, in the order that finds the beginnings of a longer one without asking each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["SHORT_BYTES", "Contents", "gave_no_record"]

# A content of this size may be cut before the first line by which its format is recognised, or before the date by
# which the order of day and month is known.
SHORT_BYTES = 64 * 1024
# stands for the format of contents that gave no record: another format may know the longer copy
_NO_FORMAT = "no format"

_Row = Mapping[str, Any]
_ByHash = dict[str | None, dict[str, None]]


class Contents:
    """Ids of sources by format, size and SHA-256; `row` gives the present row of an id."""

    def __init__(self, row: Callable[[str], _Row]) -> None:
        self._row = row
        self._ids: dict[str, dict[int, _ByHash]] = defaultdict(lambda: defaultdict(lambda: defaultdict(dict)))

    def add(self, row: _Row) -> None:
        """Remember a source; again where its row says something else now."""
        size = row["size_bytes"]
        if size is None:  # unreadable
            return
        # all empty contents are equal: only the same file may have grown from one
        mark = row["sha256"] if size else row["path"]
        self._ids[row["format"]][size][mark][row["source_id"]] = None
        if gave_no_record(row) or not size:
            self._ids[_NO_FORMAT][size][mark][row["source_id"]] = None

    def shorter_sizes(self, format_name: str, below_bytes: int, is_like: Callable[[_Row], bool]) -> set[int]:
        """Sizes above 0 and below one of what may be a beginning; of long ones, where one `is_like` the whole."""
        return {
            size
            for name in (format_name, _NO_FORMAT)
            for size, by_hash in self._ids.get(name, {}).items()
            if 0 < size < below_bytes and (size <= SHORT_BYTES or any(map(is_like, self._rows(by_hash))))
        }

    def of(self, format_name: str, size: int, mark: str) -> Iterator[_Row]:
        """The rows of a content: its SHA-256, or the path of an empty one."""
        ids = {
            source_id: None
            for name in (format_name, _NO_FORMAT)
            for source_id in self._ids.get(name, {}).get(size, {}).get(mark, {})
        }
        return map(self._row, ids)

    def _rows(self, by_hash: _ByHash) -> Iterator[_Row]:
        return (self._row(source_id) for ids in by_hash.values() for source_id in ids)


def gave_no_record(row: _Row) -> bool:
    """Whether a source is so short that a longer copy may be known as another format, or at all."""
    return bool(row["size_bytes"] <= SHORT_BYTES and row["records_rejected"] and not row["records_stored"])
