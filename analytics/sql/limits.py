"""What a session may take: memory, time, room for what does not fit into memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TypeVar

from analytics.errors import QueryError

__all__ = ["Limits", "stoppable"]

_Result = TypeVar("_Result")
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a session; None leaves one to the engine, which takes most of the memory and any time.

    `memory` is a size such as 2GB. `timeout_s` holds for each query with the tables that it computes. What does not fit
    into memory goes to a folder of the session's own below `spill_folder` (default: the system's folder for temporary
    files), and is taken away in the end.
    """

    memory: str | None = None
    timeout_s: float | None = None
    spill_folder: Path | None = None


def stoppable(work: Callable[[], _Result], interrupt: Callable[[], None], timeout_s: float | None) -> _Result:
    """Do the work in a thread of its own, so that Ctrl+C and the end of the time are heard whatever it does.

    An engine hears Ctrl+C only here and there (DuckDB not in a recursive query); it hears `interrupt` everywhere.
    Raises what the work raises, KeyboardInterrupt, or QueryError where the time is over.
    """
    outcome: Future[_Result] = Future()
    worker = Thread(target=_settle, args=(outcome, work), daemon=True)
    ends = None if timeout_s is None else time.monotonic() + timeout_s
    stop: BaseException | None = None
    worker.start()
    while worker.is_alive():
        try:
            worker.join(_LOOK_S)  # short: on Windows, Ctrl+C is heard only between two waits
            if ends is not None and time.monotonic() > ends:
                stop = stop or _late(timeout_s)
        except KeyboardInterrupt as pressed:
            stop = pressed
        if stop is not None:
            interrupt()  # again and again: between two statements nobody listens
    if stop is not None and (outcome.exception() or isinstance(stop, KeyboardInterrupt)):
        raise stop
    return outcome.result()


def _settle(outcome: Future[_Result], work: Callable[[], _Result]) -> None:
    try:
        outcome.set_result(work())
    except BaseException as error:  # noqa: BLE001 - passed on to the thread that waits
        outcome.set_exception(error)


def _late(timeout_s: float | None) -> QueryError:
    return QueryError(f"stopped after {timeout_s:g} s", "--timeout", "give it more time, or ask for less")
