"""The manifest of one commit: every part of every table, with rows, size and checksum.

A manifest is never changed. Commit n writes `_manifests/0000000n.json` under a name that was not there before; the
one with the highest number is the store. So a reader never sees half of a commit, and on Windows, where an open file
cannot be replaced, a reader never stands in the way of a writer.

A store may come from anywhere: what a manifest names is checked before any path is made of it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from analytics.errors import StoreError
from analytics.store.disk import disk_errors, file_sizes, is_inside, write_whole
from analytics.store.layout import MANIFESTS, PART_NAME, STORE_FORMAT
from analytics.store.sealed import seal, unseal
from analytics.version import VERSION

_FILE_NAME = re.compile(r"(\d{8})\.json")
LAST_NUMBER = 99_999_999
_LARGEST_BYTES = 256 * 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")
# A writer was faster: a listing may miss the manifest that comes as well as the one that goes, and network shares list
# a folder from memory for some seconds.
_LISTING_S = 1.0
_PATIENCE_S = 15.0
_PAUSE_S = 0.02


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file: its name relative to the store, with forward slashes, and what it must be.

    Rows and checksum are None in stores of format 1, which had no manifest.
    """

    name: str
    size_bytes: int
    rows: int | None = None
    sha256: str | None = None

    @property
    def table(self) -> str:
        """The table that it belongs to."""
        return self.name.partition("/")[0]

    @property
    def folder(self) -> str:
        """Its folder, relative to the store."""
        return self.name.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Loss:
    """A source whose records are not all in the store any more, because a part was damaged.

    `records` is how many are known to be missing; 0 where it only may have brought records that another source had
    brought before, and that were lost with that one. Where its account was lost, too, `path` and `sha256` are empty.
    Times are UTC; `first_at` and `last_at` are those of its records.
    """

    source_id: str
    path: str
    sha256: str
    records: int
    lost_at: datetime
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True)
class Manifest:
    """What one commit consists of.

    `retired` are parts of earlier commits that a reader may still hold, each with the number of the last commit that
    named it; a writer removes them when no such reader is left. `losses` are by source_id.
    """

    number: int
    parts: Mapping[str, Part] = field(default_factory=dict)
    retired: Mapping[str, int] = field(default_factory=dict)
    losses: Mapping[str, Loss] = field(default_factory=dict)

    def of(self, table: str) -> list[Part]:
        """The parts of a table, in the order of their names."""
        return sorted(
            (part for part in self.parts.values() if part.table == table), key=lambda part: part.name
        )

    def after(self, added: Iterable[Part], dropped: Iterable[str]) -> Manifest:
        """The next manifest: with these parts added and those retired."""
        gone = set(dropped) & set(self.parts)
        kept = {name: part for name, part in self.parts.items() if name not in gone}
        return Manifest(
            self.number + 1,
            {**kept, **{part.name: part for part in added}},
            {**self.retired, **dict.fromkeys(gone, self.number)},
            self.losses,
        )


def mended_by(store: Path) -> str:
    """What would be right where a store is damaged."""
    return f"see dpm-analytics check --store {store}"


def newest(store: Path) -> Manifest:
    """The last commit.

    Raises StoreError where its manifest is damaged, foreign or missing.
    """
    begun = time.monotonic()
    while True:
        number = newest_number(store)
        waited_s = time.monotonic() - begun
        if number is None and waited_s > _LISTING_S:
            raise StoreError("its manifest is missing", str(store / MANIFESTS), mended_by(store))
        try:
            if number is not None:
                return _numbered(store, number)
        except FileNotFoundError as error:
            if waited_s > _PATIENCE_S:
                path = path_of(store, number or 0)
                raise StoreError("its manifest cannot be opened", str(path), mended_by(store)) from error
        time.sleep(_PAUSE_S)


def newest_number(store: Path) -> int | None:
    """Number of the last commit, None where there is none."""
    return max(numbers(store), default=None)


def numbers(store: Path) -> list[int]:
    """Numbers of the manifests that lie there; StoreError where their folder is a link out of the store."""
    folder = store / MANIFESTS
    if folder.is_dir() and not is_inside(folder, store):
        raise StoreError("leads out of the store", str(folder), "copy the store without links")
    with disk_errors("read", folder):
        found = (_FILE_NAME.fullmatch(name) for name in file_sizes(folder))
    return [int(match[1]) for match in found if match]


def path_of(store: Path, number: int) -> Path:
    """Where a manifest lies."""
    return store / MANIFESTS / f"{number:08d}.json"


def _numbered(store: Path, number: int) -> Manifest:
    """Read a manifest.

    Raises FileNotFoundError where a later commit has removed it, StoreError where it is torn, changed or foreign.
    """
    path = path_of(store, number)
    try:
        state = path.stat()
        return _load(path, number, state.st_size, state.st_mtime_ns)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreError(f"cannot read: {error.strerror or error}", str(path)) from error


@lru_cache(maxsize=8)
def _load(path: Path, number: int, size_bytes: int, _modified_ns: int) -> Manifest:
    # a writer asks for the files of a table with every batch: the same manifest is read once
    where, remedy = str(path), mended_by(path.parents[1])
    if size_bytes > _LARGEST_BYTES:
        raise StoreError("is no manifest: too large", where, remedy)
    try:
        return _manifest(unseal(path.read_bytes()), number)
    except (KeyError, TypeError, AttributeError) as error:
        raise StoreError("foreign manifest: a field is missing or of another type", where, remedy) from error
    except ValueError as error:
        raise StoreError(f"damaged or foreign manifest: {error}", where, remedy) from error


def publish(store: Path, manifest: Manifest) -> None:
    """Make a manifest the store's newest. The caller holds the write lock; its parts lie durable in their places."""
    path = path_of(store, manifest.number)
    if manifest.number > LAST_NUMBER:
        raise StoreError("its number is none of a store's", str(path), mended_by(store))
    if path.exists():
        raise StoreError("another writer was here", str(path), "is the lock of this network share reliable?")
    write_whole(path, _text(manifest))


def _text(manifest: Manifest) -> str:
    body = {
        "format": STORE_FORMAT,
        "number": manifest.number,
        "written_at": datetime.now(UTC).isoformat(timespec="microseconds"),
        "written_by": f"dpm-analytics {VERSION}",
        "parts": [
            {"name": part.name, "rows": part.rows, "bytes": part.size_bytes, "sha256": part.sha256}
            for part in sorted(manifest.parts.values(), key=lambda part: part.name)
        ],
        "retired": dict(sorted(manifest.retired.items())),
        "losses": [_loss_document(loss) for _, loss in sorted(manifest.losses.items())],
    }
    return seal(body)


def _manifest(body: Mapping[str, Any], number: int) -> Manifest:
    """Check every field; ValueError says what is wrong."""
    if body["format"] != STORE_FORMAT or body["number"] != number:
        raise ValueError("its number or format is not what its name says")
    parts = [_part(entry) for entry in body["parts"]]
    by_name = {part.name: part for part in parts}
    if len(by_name) != len(parts):
        raise ValueError("it names a part twice")
    retired = {_name(name): _count(last) for name, last in body["retired"].items()}
    if retired.keys() & by_name.keys():
        raise ValueError("it retires a part that it holds")
    losses = [_loss(entry) for entry in body["losses"]]
    return Manifest(number, by_name, retired, {loss.source_id: loss for loss in losses})


def _loss_document(loss: Loss) -> dict[str, Any]:
    times = {name: getattr(loss, name) for name in ("lost_at", "first_at", "last_at")}
    return {**asdict(loss), **{name: time and time.isoformat() for name, time in times.items()}}


def _loss(entry: Any) -> Loss:
    if not all(isinstance(entry[name], str) for name in ("source_id", "path", "sha256")):
        raise ValueError("a loss names no source")
    return Loss(
        source_id=entry["source_id"],
        path=entry["path"],
        sha256=entry["sha256"],
        records=_count(entry["records"]),
        lost_at=datetime.fromisoformat(entry["lost_at"]),
        first_at=_moment(entry["first_at"]),
        last_at=_moment(entry["last_at"]),
    )


def _moment(text: Any) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _part(entry: Any) -> Part:
    sha256 = entry["sha256"]
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise ValueError("a checksum is none")
    return Part(_name(entry["name"]), _count(entry["bytes"]), _count(entry["rows"]), sha256)


def _name(name: Any) -> str:
    if not isinstance(name, str) or not PART_NAME.fullmatch(name):
        raise ValueError("it names a file that cannot be a part of a store")
    return name


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("a number is none")
    return value
