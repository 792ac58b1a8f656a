"""What the commands, the site file and the log formats declare of themselves, as parts of the documents."""

from __future__ import annotations

import argparse

from analytics import errors
from analytics.cli.arguments import COMMANDS, PROGRAM, command_module, command_parser
from analytics.cli.markdown import codes, rows_of
from analytics.cli.render import markdown_text

_EXIT_CODES = (
    (errors.EXIT_DONE, "done, nothing to complain about"),
    (errors.EXIT_BUG, "our own bug (the trace is shown)"),
    (
        errors.EXIT_USAGE,
        "wrong usage, bad configuration, unknown query or column: one line says what would be right",
    ),
    (errors.EXIT_BREACH, "SLA breached, only with `--fail-on-breach`; comes before 4"),
    (errors.EXIT_PARTIAL, "done, but part of the input could not be read; `--allow-partial` makes this 0"),
    (errors.EXIT_NO_INPUT, "no usable input at all"),
    (errors.EXIT_LOCKED, "the store is in use by another process, or another `run` still goes"),
    (errors.EXIT_UNDELIVERED, "the report is there, but its mail was not taken"),
    (130, "stopped with Ctrl+C"),
)


def _commands_part() -> str:
    """The command reference: each command with its usage, options and examples."""
    return "\n".join(_command(name, summary) for name, summary in COMMANDS.items())


def _exit_codes_part() -> str:
    """The exit codes, the same for every command."""
    return rows_of(("code", "meaning"), ((str(code), meaning) for code, meaning in _EXIT_CODES))


def _formats_part() -> str:
    """The log formats, with their proof."""
    from analytics.formats import FORMATS

    rows = (
        (f"`{entry.name}`", markdown_text(entry.title), codes(entry.tables), markdown_text(entry.evidence))
        for entry in FORMATS
    )
    return rows_of(("format", "what it is", "tables", "evidence"), rows)


def _site_file_part() -> str:
    """The keys of the site file."""
    from analytics.site import SITE_KEYS, SLA_KEYS

    rows = [
        *((f"`[{k.section}] {k.name}`", f"`{k.example}`", markdown_text(k.meaning)) for k in SITE_KEYS),
        *((f"`[[sla]] {name}`", f"`{example}`", markdown_text(text)) for name, example, text in SLA_KEYS),
    ]
    return rows_of(("key", "example", "meaning"), rows)


def _command(name: str, summary: str) -> str:
    parser = command_parser(name)
    arguments = [action for action in parser._actions if "--help" not in action.option_strings]  # noqa: SLF001
    rows = (
        (_invocation(action), markdown_text((action.help or "").replace("%%", "%"))) for action in arguments
    )
    examples = "\n".join(line.strip() for line in command_module(name).EXAMPLES.splitlines())
    usage = " ".join(
        [PROGRAM, name, *(_usage(action) for action in arguments if _is_essential(action)), "[options]"]
    )
    return (
        f"### `{PROGRAM} {name}`\n\n{summary[:1].upper()}{summary[1:]}.\n\n```\n{usage}\n```\n\n"
        f"{rows_of(('option', 'meaning'), rows)}\n```\n{examples}\n```\n"
    )


def _is_essential(action: argparse.Action) -> bool:
    return action.required or not action.option_strings


def _usage(action: argparse.Action) -> str:
    value = str(action.metavar)
    if action.option_strings:
        return f"{action.option_strings[-1]} {value}"
    return {"+": f"{value}...", "?": f"[{value}]", "*": f"[{value}...]"}.get(str(action.nargs), value)


def _invocation(action: argparse.Action) -> str:
    if not action.option_strings:
        return f"`{action.metavar}`"
    value = "" if action.nargs == 0 else f" {action.metavar or '{' + ','.join(action.choices or ()) + '}'}"
    return ", ".join(f"`{flag}{value if flag.startswith('--') else ''}`" for flag in action.option_strings)


COMMAND_PARTS = {
    "exit-codes": _exit_codes_part,
    "site-file": _site_file_part,
    "commands": _commands_part,
}
FORMAT_PARTS = {"formats": _formats_part}
