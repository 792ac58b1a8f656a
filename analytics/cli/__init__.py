"""The command dpm-analytics: one module per command; this one finds the command and ends the program.

Nothing here imports a library, so that `dpm-analytics --help` answers at once (design.md section 5).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from analytics.cli.arguments import parse
from analytics.cli.console import end_output, prepare_streams, say_error
from analytics.errors import EXIT_BUG, EXIT_DONE, EXIT_USAGE, DpmAnalyticsError

_EXIT_INTERRUPTED = 130

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (contract.md section 2); only here errors become codes.

    The arguments default to those of the process. Our own bugs show their trace.
    """
    prepare_streams()
    # read when pyarrow is loaded: its own pool keeps what it has freed, 60 MB of a large report
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    try:
        code = _run(sys.argv[1:] if arguments is None else list(arguments))
        end_output()
    except DpmAnalyticsError as error:
        say_error(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        say_error("stopped")
        return _EXIT_INTERRUPTED
    except OSError as error:
        return _system_refused(error)
    except Exception as error:  # noqa: BLE001 - the last border: whatever else it is, it is ours
        if _is_interrupt(error):
            say_error("stopped")
            return _EXIT_INTERRUPTED
        return _bug()
    return code


def _is_interrupt(error: BaseException | None) -> bool:
    """Whether Ctrl+C is behind an error: Python 3.11 wraps it where a class is being made."""
    return error is not None and (isinstance(error, KeyboardInterrupt) or _is_interrupt(error.__cause__))


def _run(arguments: list[str]) -> int:
    try:
        options = parse(arguments)
    except SystemExit as leave:  # --help and --version have said everything
        return int(leave.code or EXIT_DONE)
    code: int = options.run(options)
    return code


def _system_refused(error: OSError) -> int:
    import errno

    refusals = {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EROFS,
        errno.EACCES,
        errno.EPERM,
        errno.EFBIG,
        errno.ENAMETOOLONG,
    }
    if error.errno not in refusals:
        return _bug()
    say_error(f"{error.filename or 'output'}: {error.strerror or error}")
    return EXIT_USAGE


def _bug() -> int:
    import traceback

    traceback.print_exc()
    say_error("this is a bug in dpm-analytics; please report the lines above")
    return EXIT_BUG
