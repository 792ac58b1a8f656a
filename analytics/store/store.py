"""Opening, locking and recovering a store."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from analytics.errors import StoreError, StoreLockedError, StoreVersionError
from analytics.store.layout import COMMIT_FILE, LOCK_FILE, STAGING, STORE_FILE, STORE_FORMAT, part_files

COMMIT_WAIT_S = 10.0
DRAFT = ".draft"
DRAFT_OF_STORE_FILE = STORE_FILE + DRAFT


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
        _check_version(folder)
        store = cls(folder)
        store._wait_for_commit()
        return store

    @classmethod
    def create_or_open(cls, path: str | Path) -> Store:
        """Open a store, making it where the folder is missing or empty."""
        folder = Path(path)
        if (folder / STORE_FILE).is_file():
            return cls.open(folder)
        try:
            if folder.is_dir() and any(entry.name != DRAFT_OF_STORE_FILE for entry in folder.iterdir()):
                raise StoreError(
                    "the folder is not empty and no store", str(path), "name a new or empty folder"
                )
            folder.mkdir(parents=True, exist_ok=True)
            stamp = {
                "format": STORE_FORMAT,
                "made_by": "dpm-analytics",
                "created_at": datetime.now(UTC).isoformat(),
            }
            write_atomically(folder / STORE_FILE, json.dumps(stamp, indent=1))
        except OSError as error:
            raise StoreError(f"cannot make a store: {error.strerror or error}", str(path)) from error
        return cls(folder)

    def files(self, table: str) -> list[Path]:
        """The Parquet files of a raw table."""
        return part_files(self.path, table)

    @contextmanager
    def writing(self, timeout_s: float = 0.0) -> Iterator[None]:
        """Hold the write lock; what a killed writer left behind is completed or removed first.

        Raises StoreLockedError after `timeout_s` seconds.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.path / LOCK_FILE)
        try:
            lock.acquire(timeout=timeout_s)
        except Timeout as error:
            raise StoreLockedError(
                "in use by another process", str(self.path), "try again when it has ended"
            ) from error
        except OSError as error:
            raise StoreError(f"cannot lock: {error.strerror or error}", str(self.path)) from error
        try:
            self._recover()
            yield
        finally:
            lock.release()

    def _recover(self) -> None:
        for staged in sorted((self.path / STAGING).glob("*")):
            if (staged / COMMIT_FILE).is_file():
                try:
                    apply_commit(self.path, staged)
                except OSError as error:
                    what = f"cannot complete an earlier write: {error.strerror or error}"
                    raise StoreError(
                        what, str(error.filename or self.path), "mend that and run again"
                    ) from error
            shutil.rmtree(staged, ignore_errors=True)

    def _wait_for_commit(self) -> None:
        """A commit that is under way takes milliseconds; one that was killed is completed here."""
        deadline = time.monotonic() + COMMIT_WAIT_S
        while any((self.path / STAGING).glob(f"*/{COMMIT_FILE}")):
            try:
                with self.writing():
                    return
            except StoreLockedError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


def _check_version(folder: Path) -> None:
    try:
        found = json.loads((folder / STORE_FILE).read_text(encoding="utf-8"))["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"damaged {STORE_FILE}", str(folder), f'it should hold {{"format": {STORE_FORMAT}}}'
        ) from error
    if not isinstance(found, int) or found > STORE_FORMAT:
        raise StoreVersionError(
            f"written by a newer version (format {found}, this program knows {STORE_FORMAT})",
            str(folder),
            "update dpm-analytics",
        )


def write_atomically(path: Path, text: str) -> None:
    """Write a small file so that it is there whole or not at all."""
    draft = path.with_name(path.name + DRAFT)
    with draft.open("w", encoding="utf-8", newline="\n") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable where the system can (Windows does so by itself)."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def apply_commit(store: Path, staged: Path) -> None:
    """Carry out a commit file: move the parts into place, then delete those they replace. May be repeated."""
    plan = json.loads((staged / COMMIT_FILE).read_text(encoding="utf-8"))
    folders = set()
    for name, target in plan["moves"]:
        place = store / target
        place.parent.mkdir(parents=True, exist_ok=True)
        if (staged / name).exists():
            (staged / name).replace(place)
        folders.add(place.parent)
    for folder in folders:
        sync_folder(folder)
    for target in plan["deletes"]:
        (store / target).unlink(missing_ok=True)
