"""Reading a source in a process of its own: what it gives is left in files that another process takes over."""

from __future__ import annotations

import os
import signal
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from multiprocessing import parent_process
from pathlib import Path

import pyarrow as pa

from analytics.errors import SourceError
from analytics.formats import by_name
from analytics.formats.format import Batch, Reading
from analytics.sources import Source, find_sources

__all__ = ["Aside", "prepare_process", "read_aside", "take_over"]


_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Aside:
    """What a source gave: a file of Arrow batches per table, in which order they came, why its stream broke."""

    files: dict[str, str]
    order: list[tuple[str, int, str | None]]  # table, records left out on request, year_from
    problem: str | None


def prepare_process() -> None:
    """Make a process ready to read: it dies with the one that began it, quietly, and never loads pandas."""
    sys.meta_path.insert(0, _WithoutPandas())
    signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
    threading.Thread(target=_end_with_parent, daemon=True).start()


class _WithoutPandas(MetaPathFinder):
    """Says that there is no pandas: pyarrow would load it with its first array, which takes a second."""

    def find_spec(self, fullname: str, *_: object) -> None:
        """Stop the import of pandas, leave all others to the next finder."""
        if fullname == "pandas":
            raise ModuleNotFoundError("not in this process", name=fullname)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(_INTERRUPTED)


def read_aside(path: str, format_name: str, reading: Reading, folder: str) -> Aside:
    """Read one plain file into files in `folder`; LookupError where it is not what the caller saw."""
    entry = by_name(format_name)
    source = next(iter(find_sources([path])), None)
    if entry is None or not isinstance(source, Source) or source.path != path:
        raise LookupError(f"{path} is no plain file of the format {format_name}")
    files: dict[str, str] = {}
    order: list[tuple[str, int, str | None]] = []
    problem = None
    with ExitStack() as open_files:
        writers: dict[str, pa.ipc.RecordBatchStreamWriter] = {}
        try:
            for batch in entry.read(source, reading):
                if batch.table not in writers:
                    files[batch.table] = str(Path(folder, f"{uuid.uuid4().hex}.arrows"))
                    writers[batch.table] = open_files.enter_context(
                        pa.ipc.new_stream(files[batch.table], batch.rows.schema)
                    )
                writers[batch.table].write_batch(batch.rows)
                order.append((batch.table, batch.filtered, batch.year_from))
        except SourceError as error:
            problem = error.what
    return Aside(files, order, problem)


def take_over(aside: Aside, path: str) -> Iterator[Batch]:
    """The batches of a source that was read aside, as its format would give them; the files are removed.

    Raises the SourceError that ended them too early, with the path.
    """
    with ExitStack() as opened:
        streams = {}
        for table, file in aside.files.items():
            opened.callback(Path(file).unlink, missing_ok=True)
            streams[table] = opened.enter_context(
                pa.ipc.open_stream(opened.enter_context(pa.OSFile(file, "rb")))
            )
        for table, left_out, year_from in aside.order:
            yield Batch(table, streams[table].read_next_batch(), left_out, year_from)
    if aside.problem is not None:
        raise SourceError(aside.problem, path)
