"""Files in their place: all are written beside it first, so that nothing changes where one of them cannot be."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from analytics.errors import ConfigurationError
from analytics.store import move, write_synced

_DRAFTS = ".drafts"
_FREE = "free space, or mend its permissions; the report before stays"


def publish(out: Path, files: Mapping[str, bytes]) -> None:
    """Write files (name below `out` -> content); each appears whole, and none does where one cannot be written.

    Raises ConfigurationError.
    """
    drafts = out / _DRAFTS
    try:
        shutil.rmtree(drafts, ignore_errors=True)  # of a run that was killed
        drafts.mkdir(parents=True, exist_ok=True)
        for number, content in enumerate(files.values()):
            write_synced(drafts / str(number), content)
        for number, name in enumerate(files):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            move(drafts / str(number), out / name)
    except OSError as error:
        raise ConfigurationError(f"cannot write: {error.strerror or error}", str(out), _FREE) from error
    finally:
        shutil.rmtree(drafts, ignore_errors=True)


def remove_old(folder: Path, names: tuple[str, ...]) -> None:
    """Remove these files of a night, and its folder, month and year where nothing else lies there."""
    for name in names:
        with suppress(OSError):  # held open by a reader: it goes the next time
            (folder / name).unlink(missing_ok=True)
    for place in (folder, folder.parent, folder.parent.parent):
        with suppress(OSError):
            place.rmdir()
