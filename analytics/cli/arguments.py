"""From words to options: the parser, built only for the command that is asked for."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from typing import NoReturn, Protocol, cast

from analytics.errors import UsageError

PROGRAM = "dpm-analytics"
_WIDTH = 80
_SWALLOWED = re.compile(r'(?:[A-Za-z]:[^"]*|[^"]*\\[^"]*)"(?:\s+-.*)?', re.DOTALL)

COMMANDS = {
    "analyze": "logs in, report out: the main job in one command",
    "ingest": "read logs into a store of Parquet files; again and again, nothing twice",
    "report": "write the report of a store as html, md, json, csv, xlsx, prom, png or pdf",
    "init": "write a first site file from what a store shows",
    "doctor": "say whether the daily run will work here, and what to mend",
    "run": "the whole morning: wait, read, report, archive, mail",
    "schedule": "let the system start the run every day",
    "chart": "draw one figure as png, svg or html: a job step by step, a night, ...",
    "sql": "ask a store: SQL, a file of SQL, or a named query",
    "whatif": "a night after a change, or the moves that make every VM meet its limits",
    "queries": "list the named queries and the tables, by words",
    "check": "find what is missing or changed in a store, and mend it",
    "explain": "say how a file or a line is read, and why it was rejected",
    "synth": "write the logs of a simulated estate, with the truth beside them",
    "formats": "list the log formats that are understood",
    "completion": "print the script by which a shell completes the command line",
}

_EPILOG = """\
examples:
  dpm-analytics analyze C:\\Logs\\export.zip
  dpm-analytics analyze C:\\Logs --store D:\\dpm.store --out report.html
  dpm-analytics COMMAND --help

exit codes:
  0 done · 1 our own bug · 2 wrong usage · 3 SLA breached (--fail-on-breach)
  4 part of the input unread (--allow-partial: 0) · 5 no usable input
  6 the store is in use · 7 the mail was not taken
"""


class _Command(Protocol):
    """What a module of a command offers."""

    EXAMPLES: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare options and arguments."""

    def run(self, options: argparse.Namespace) -> int:
        """Do it and return the exit code."""


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help that is as wide everywhere, keeps examples as written, and names an option's value once."""

    def __init__(self, prog: str, **_: object) -> None:
        super().__init__(prog, max_help_position=26, width=_WIDTH)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are UsageError: one line that says what, where, and what would be right."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError instead of printing the usage and leaving."""
        raise UsageError(message, self.prog, f"see {self.prog} --help")


def parse(words: list[str]) -> argparse.Namespace:
    """Options of the command that `words` name; `options.run` does it. UsageError for what does not fit.

    Help and version print and leave (SystemExit 0), as argparse does.
    """
    if not words:
        words = ["--help"]
    name = next((word for word in words if not word.startswith("-")), None)
    if name is not None and name not in COMMANDS:
        raise UsageError(f"unknown command {name!r}", PROGRAM, nearest(name, COMMANDS))
    _require_no_swallowed_quote(words)
    # help before a command lists all of them; else the others cost more than the question
    parser = _parser(name, others=words[0] != name) if name else _parser()
    options, unknown = parser.parse_known_args(words)
    if unknown:
        raise _unknown_option(unknown[0], str(name))
    return options


def _require_no_swallowed_quote(words: list[str]) -> None:
    """Refuse a path of Windows that swallowed its closing quote, and all that stands behind it."""
    for word in words:
        if _SWALLOWED.fullmatch(word):
            raise UsageError('a " is in this path', word, "leave out the backslash before the closing quote")


def command_module(name: str) -> _Command:
    """The module of a command."""
    from importlib import import_module

    return cast(_Command, import_module(f"analytics.cli.{name}"))


def command_parser(name: str) -> argparse.ArgumentParser:
    """The complete parser of one command, as the generated reference needs it."""
    parser = _Parser(prog=f"{PROGRAM} {name}")
    command_module(name).add_arguments(parser)
    return parser


def whole_parser() -> argparse.ArgumentParser:
    """The parser with all commands complete, as a shell's completion needs it."""
    return _parser(*COMMANDS)


def nearest(name: str, known: Iterable[str]) -> str:
    """What would be right: the nearest of the known names, else all of them."""
    from difflib import get_close_matches

    names = list(known)
    near = get_close_matches(name, names, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names)}"


def _parser(*chosen: str, others: bool = True) -> _Parser:
    parser = _Parser(
        prog=PROGRAM,
        formatter_class=_Help,
        allow_abbrev=False,
        description="Shows where the time of DPM backups of Hyper-V VMs goes.",
        epilog=_EPILOG,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and leave")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, title="commands")
    for name, summary in COMMANDS.items():
        if name in chosen:
            _complete(commands.add_parser(name, help=summary, allow_abbrev=False), name)
        elif others:
            commands.add_parser(name, help=summary, add_help=False)
    return parser


def _complete(parser: argparse.ArgumentParser, name: str) -> None:
    module, summary = command_module(name), COMMANDS[name]
    parser.formatter_class = _Help
    parser.description = f"{summary[:1].upper()}{summary[1:]}."
    parser.epilog = f"examples:\n{module.EXAMPLES}"
    module.add_arguments(parser)
    parser.set_defaults(run=module.run)


# options that another command has, by the one on which they are looked for
_INSTEAD = {
    (
        "run",
        "--dry-run",
    ): "doctor --site FILE tries all of it but the report; run --no-mail sends none, and report --dry-run"
    " says to whom a mail would go",
}


def _unknown_option(word: str, command: str) -> UsageError:
    option = word.partition("=")[0]
    known = command_parser(command)._option_string_actions  # noqa: SLF001 - argparse offers no public list
    what = "unknown option" if option.startswith("-") else "unexpected argument"
    if command == "sql" and (name := option.lstrip("-")) in _parameter_names():
        value = word.partition("=")[2] or "VALUE"
        return UsageError(f"{what} {word}", f"{PROGRAM} {command}", f"write --param {name}={value}")
    if (command, option) in _INSTEAD:
        return UsageError(f"{what} {word}", f"{PROGRAM} {command}", _INSTEAD[command, option])
    expected = nearest(option, known) if option.startswith("--") else f"see {PROGRAM} {command} --help"
    return UsageError(f"{what} {word}", f"{PROGRAM} {command}", expected)


def _parameter_names() -> set[str]:
    """The parameters of the named queries, which some take for options."""
    from analytics.sql import catalogue

    return {parameter.name for query in catalogue().values() for parameter in query.parameters}


class _Version(argparse.Action):
    """Prints the version; the number is imported only then."""

    def __call__(self, *_: object, **__: object) -> NoReturn:
        from analytics.version import VERSION

        sys.stdout.write(f"{PROGRAM} {VERSION}\n")
        sys.exit(0)
