"""dpm-analytics completion: the script by which a shell completes commands, options and names."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from analytics.cli import options as shared
from analytics.cli.arguments import whole_parser
from analytics.cli.console import say_json, write_out
from analytics.errors import EXIT_DONE

EXAMPLES = """\
  dpm-analytics completion powershell
  dpm-analytics completion bash
  dpm-analytics completion zsh
"""

_SHELLS = ("bash", "powershell", "zsh")
_NAMED = {("sql", "query"), ("queries", "words")}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options and arguments."""
    parser.add_argument("shell", metavar="SHELL", choices=_SHELLS, help=f"one of {', '.join(_SHELLS)}")
    shared.add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Print the script; it holds the names of this version."""
    text = script(options.shell)
    if options.json:
        say_json({"shell": options.shell, "script": text})
    elif not options.quiet:
        write_out(text)
    return EXIT_DONE


def script(shell: str) -> str:
    """What that shell runs: every command with its options, files and folders where they are due, names."""
    import shtab

    from analytics.sql import catalogue
    from analytics.tables import DERIVED, PLANNED, RAW

    names = sorted({*catalogue(), *(table.name for table in (*RAW, *DERIVED, *PLANNED))})
    parser = whole_parser()
    for command, action in _actions(parser):
        if (command, action.dest) in _NAMED:
            action.choices = names
        elif kind := _files(action):
            action.complete = shtab.DIRECTORY if kind == "folder" else shtab.FILE  # type: ignore[attr-defined]
    return str(shtab.complete(parser, shell=shell))


def _actions(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    commands = next(action.choices for action in parser._actions if isinstance(action.choices, dict))  # noqa: SLF001
    for name, command in commands.items():
        yield from ((name, action) for action in command._actions)  # noqa: SLF001


def _files(action: argparse.Action) -> str:
    """Which files complete a value, by what the help calls it: 'folder', 'file' or none."""
    value = str(action.metavar)
    if value in {"DIR", "OUT"}:
        return "folder"
    return "file" if value.startswith(("FILE", "PATH")) else ""
