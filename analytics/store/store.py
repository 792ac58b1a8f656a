"""Opening, locking and reading a store."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from analytics.errors import StoreError, StoreLockedError, StoreVersionError
from analytics.store import format1, state
from analytics.store.commit import tidy
from analytics.store.disk import DRAFT, disk_errors, is_own_file, make_folder, write_whole
from analytics.store.layout import LOCK_FILE, MANIFESTS, STORE_FILE, STORE_FORMAT
from analytics.store.manifest import Manifest, newest, newest_number, publish
from analytics.store.readers import place_mark
from analytics.store.snapshot import Snapshot, require_whole
from analytics.store.state import IngestState

_COMMIT_WAIT_S = 10.0
_PROBE_S = 0.5
# What a creation that was killed may leave.
_BEGUN = {MANIFESTS, f"{STORE_FILE}{DRAFT}"}
_WRITE_AGAIN = "what was committed before stays; mend that and run again"


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of Parquet files. Readers need no lock; one writer at a time holds `writing()`."""

    path: Path

    @classmethod
    def open(cls, path: str | Path) -> Store:
        """Open an existing store.

        Raises StoreError where there is none, StoreVersionError where a newer version wrote it.
        """
        folder = Path(path)
        if not (folder / STORE_FILE).is_file():
            raise StoreError("no store", str(path), "make one with: dpm-analytics ingest PATH --store DIR")
        store = cls(folder)
        if _format_of(folder) == 1:
            store._wait_for_commit()
        return store

    @classmethod
    def create_or_open(cls, path: str | Path) -> Store:
        """Open a store, making it where the folder is missing or empty."""
        folder = Path(path)
        if (folder / STORE_FILE).is_file():
            return cls.open(folder)
        try:
            if folder.is_dir() and any(entry.name not in _BEGUN for entry in folder.iterdir()):
                raise StoreError(
                    "the folder is not empty and no store", str(path), "name a new or empty folder"
                )
            (folder / MANIFESTS).mkdir(parents=True, exist_ok=True)
            if newest_number(folder) is None:
                publish(folder, Manifest(0))
            _stamp(folder)
        except OSError as error:
            raise StoreError(f"cannot make a store: {error.strerror or error}", str(path)) from error
        return cls(folder)

    def manifest(self) -> Manifest:
        """The last commit.

        Raises StoreError where its manifest is damaged or missing.
        """
        return newest(self.path) if self._has_manifest() else format1.as_found(self.path)

    def files(self, table: str) -> list[Path]:
        """The Parquet files of a raw table as of the last commit; they stay while the caller holds `writing()`."""
        return [self.path / part.name for part in self.manifest().of(table)]

    def snapshot(self) -> Snapshot:
        """The parts of the last commit, which stay until it is closed, whatever an ingest does meanwhile.

        Every part is checked against size and checksum; StoreError names one that is not what was written.
        """
        opened = self.unchecked_snapshot()
        try:
            require_whole(self.path, opened.manifest)
        except BaseException:
            opened.close()
            raise
        return opened

    def unchecked_snapshot(self) -> Snapshot:
        """The same as `snapshot`, whatever state the parts are in."""
        while True:
            number = newest_number(self.path) or 0
            mark = place_mark(self.path, number)
            try:
                ingest, manifest = self.ingest_state(), self.manifest()
                if manifest.number == number:
                    return Snapshot(self.path, manifest, ingest, mark)
            except BaseException:
                if mark:
                    mark.lift()
                raise
            if mark:  # a writer was faster
                mark.lift()

    def ingest_state(self) -> IngestState | None:
        """The last ingest, None where none is known; one whose note is damaged counts as not completed."""
        try:
            found = state.read(self.path)
        except (OSError, ValueError):
            return IngestState(None, None, ())
        if found is None or found.ended_at is not None:
            return found
        return replace(found, is_running=self._is_being_written())

    @contextmanager
    def ingesting(self, paths: Iterable[str | Path]) -> Iterator[None]:
        """Hold the write lock for an ingest of `paths`; where it does not come to its end, the store says so.

        Raises StoreLockedError, and StoreError where a part is missing or changed: what lies there is compared with
        what is new, so nothing may be wrong with it.
        """
        with self.writing():
            require_whole(self.path, self.manifest())
            with disk_errors("write", self.path, _WRITE_AGAIN):
                begun = state.begin(self.path, paths)
            yield
            with disk_errors("write", self.path, _WRITE_AGAIN):
                state.complete(self.path, begun)

    @contextmanager
    def writing(self, timeout_s: float = 0.0) -> Iterator[None]:
        """Hold the write lock; what a killed writer left behind is completed or removed first.

        Raises StoreLockedError after `timeout_s` seconds.
        """
        with self.locked(timeout_s):
            with disk_errors("complete an earlier write", self.path, _WRITE_AGAIN):
                self._migrate()
                tidy(self.path)
            yield
            with disk_errors("clean up", self.path):
                tidy(self.path)

    @contextmanager
    def locked(self, timeout_s: float = 0.0) -> Iterator[None]:
        """Hold the write lock of a store as it is; StoreLockedError after `timeout_s` seconds."""
        from filelock import FileLock, Timeout

        path = self.path / LOCK_FILE
        with disk_errors("lock", self.path):
            if not is_own_file(path):  # filelock opens what a link points at, and empties it
                raise StoreError("its write.lock is a link", str(self.path), "remove the link")
        lock = FileLock(path)
        try:
            # a reader that asks whether somebody writes holds it for a moment
            lock.acquire(timeout=max(timeout_s, _PROBE_S))
        except Timeout as error:
            raise StoreLockedError(
                "in use by another process", str(self.path), "try again when it has ended"
            ) from error
        except OSError as error:
            raise StoreError(f"cannot lock: {error.strerror or error}", str(self.path)) from error
        try:
            yield
        finally:
            lock.release()

    def _is_being_written(self) -> bool:
        from filelock import FileLock, Timeout

        path = self.path / LOCK_FILE
        if not is_own_file(path):
            return False
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        except (OSError, NotImplementedError):  # read-only for us: not known, so nothing is taken as running
            return False
        lock.release()
        return False

    def _has_manifest(self) -> bool:
        return newest_number(self.path) is not None or _format_of(self.path) != 1

    def _migrate(self) -> None:
        """Bring a store of format 1 up to date: first its manifest, then its stamp, which keeps older programs out."""
        if _format_of(self.path) != 1:
            return
        if newest_number(self.path) is None:
            make_folder(self.path / MANIFESTS, self.path)
            format1.migrate(self.path)
        _stamp(self.path)

    def _wait_for_commit(self) -> None:
        """A commit of format 1 that is under way takes milliseconds; one that was killed is completed here."""
        deadline = time.monotonic() + _COMMIT_WAIT_S
        while newest_number(self.path) is None and format1.is_torn(self.path):
            try:
                with self.locked(), disk_errors("complete an earlier write", self.path, _WRITE_AGAIN):
                    format1.complete(self.path)
            except StoreLockedError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


def _stamp(folder: Path) -> None:
    created_at = datetime.now(UTC).isoformat()
    stamp = {"format": STORE_FORMAT, "made_by": "dpm-analytics", "created_at": created_at}
    write_whole(folder / STORE_FILE, json.dumps(stamp, indent=1))


def _format_of(folder: Path) -> int:
    """The format that the store's stamp names.

    Raises StoreError where it is damaged, StoreVersionError where it is not ours.
    """
    try:
        found = json.loads((folder / STORE_FILE).read_text(encoding="utf-8"))["format"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise StoreError(
            f"damaged {STORE_FILE}", str(folder), f'it should hold {{"format": {STORE_FORMAT}}}'
        ) from error
    if not isinstance(found, int) or found > STORE_FORMAT:
        raise StoreVersionError(
            f"written by a newer version (format {found}, this program knows {STORE_FORMAT})",
            str(folder),
            "update dpm-analytics",
        )
    if found < 1:
        raise StoreError(f"damaged {STORE_FILE}", str(folder), f'it should hold {{"format": {STORE_FORMAT}}}')
    return found
