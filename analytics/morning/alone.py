"""One run at a time; the one after a killed one knows of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from analytics.errors import ConfigurationError, StoreLockedError

_LOCK, _NOTE = "run.lock", "run.begun"


@contextmanager
def alone(out: Path) -> Iterator[str]:
    """Hold the lock of an output folder; gives the moment at which a run began that never ended, "" for none.

    The lock goes with the process, however that ends. Raises StoreLockedError where another run holds it,
    ConfigurationError where the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    lock, note = FileLock(out / _LOCK), out / _NOTE
    try:
        lock.acquire(timeout=0.2)
    except Timeout as error:
        raise StoreLockedError("another run still goes", str(out), "wait for its end, or end it") from error
    except (OSError, NotImplementedError) as error:
        raise ConfigurationError(
            f"cannot write: {getattr(error, 'strerror', None) or error}",
            str(out),
            "[run] out = a folder for reports",
        ) from error
    try:
        begun = _read(note)
        note.write_text(json.dumps({"begun_at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"}), encoding="utf-8")
        yield begun
        note.unlink(missing_ok=True)  # an error that was told is an end, too; a kill is none
    except Exception:
        note.unlink(missing_ok=True)
        raise
    finally:
        lock.release()


def _read(note: Path) -> str:
    try:
        return str(json.loads(note.read_text(encoding="utf-8"))["begun_at"])
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, KeyError, TypeError):
        return "?"
