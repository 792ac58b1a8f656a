"""The generated parts of the documents; `python -m analytics.cli.docs [--check]` writes or checks them.

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`; what it says is declared elsewhere, once. The heads
of the files in queries/model/ are generated as a whole.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from analytics import errors
from analytics.cli.arguments import COMMANDS, PROGRAM, command_module, command_parser
from analytics.cli.markdown import codes, details, rows_of
from analytics.cli.model_docs import MODEL_PARTS, renewed_head
from analytics.cli.render import markdown_text
from analytics.errors import ConfigurationError, DpmAnalyticsError

_ROOT = Path(__file__).resolve().parents[2]
_README = _ROOT / "README.md"
QUERIES_README = _ROOT / "queries" / "README.md"
PART = re.compile(
    r"(?P<head><!-- generated: (?P<name>[\w-]+) -->\n)(?P<body>.*?)(?P<foot><!-- end -->)", re.DOTALL
)

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
    (errors.EXIT_LOCKED, "the store is in use by another process"),
    (130, "stopped with Ctrl+C"),
)


def _commands_part() -> str:
    """The command reference: each command with its usage, options and examples."""
    return "\n".join(_command(name, summary) for name, summary in COMMANDS.items())


def _exit_codes_part() -> str:
    """The exit codes, the same for every command."""
    return rows_of(("code", "meaning"), ((str(code), meaning) for code, meaning in _EXIT_CODES))


def _tables_part() -> str:
    """The data dictionary: every table with its columns, types and meanings."""
    from analytics.tables import DERIVED, RAW

    parts = []
    for title, tables in (
        ("Raw tables, as read", RAW),
        ("Derived tables, computed by `queries/model/`", DERIVED),
    ):
        parts.append(f"**{title}**\n")
        parts.extend(details(table) for table in tables)
    return "\n".join(parts)


def _queries_part() -> str:
    """The catalogue of named queries."""
    from analytics.cli.queries import query_entries

    rows = (
        (
            f"`{entry['name']}`",
            markdown_text(entry["question"] or entry["title"]),
            _parameters(entry["parameters"]),
        )
        for entry in query_entries()
    )
    return rows_of(("query", "question", "parameters"), rows)


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


PARTS: dict[str, Callable[[], str]] = {
    "commands": _commands_part,
    "exit-codes": _exit_codes_part,
    "formats": _formats_part,
    "queries": _queries_part,
    "site-file": _site_file_part,
    "tables": _tables_part,
}


DOCUMENTS = {_README: PARTS, QUERIES_README: MODEL_PARTS}


def renewed(text: str, parts: Mapping[str, Callable[[], str]], where: str) -> str:
    """The text with its generated parts renewed; ConfigurationError for an unknown or missing part."""
    found = [match["name"] for match in PART.finditer(text)]
    if sorted(found) != sorted(parts):
        raise ConfigurationError(f"has the parts {found}", where, f"each once: {', '.join(parts)}")
    return PART.sub(lambda match: f"{match['head']}{parts[match['name']]()}{match['foot']}", text)


def _stale() -> dict[Path, str]:
    """The files that are not current, each with the text that would be right."""
    present = {path: path.read_text(encoding="utf-8") for path in DOCUMENTS}
    wanted = {path: renewed(present[path], parts, path.name) for path, parts in DOCUMENTS.items()}
    return {path: text for path, text in wanted.items() if text != present[path]} | stale_heads()


def stale_heads() -> dict[Path, str]:
    """The files of queries/model/ whose heads are not current; ConfigurationError for one that is not declared."""
    from analytics.sql import model_queries
    from analytics.tables import TABLES

    found = {}
    for name, query in model_queries().items():
        if name not in TABLES:
            raise ConfigurationError(
                "no such table", str(query.path), "declare it in analytics/tables/internal"
            )
        text = query.path.read_text(encoding="utf-8")
        if (head := renewed_head(text, TABLES[name])) != text:
            found[query.path] = head
    return found


def main(words: list[str] | None = None) -> int:
    """Renew the documents, or with --check say which are not current (exit code 1 where one is not)."""
    parser = argparse.ArgumentParser(prog="python -m analytics.cli.docs", description=main.__doc__)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit code 1 where a part is stale"
    )
    check = parser.parse_args(words).check
    try:
        found = _stale()
    except DpmAnalyticsError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    for path, text in found.items():
        if check:
            sys.stderr.write(f"{path} is not current; run python -m analytics.cli.docs\n")
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
    return 1 if check and found else 0


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


def _parameters(parameters: Iterable[dict[str, Any]]) -> str:
    return ", ".join(f"`{entry['name']}` {markdown_text(entry['meaning'])}" for entry in parameters)


if __name__ == "__main__":
    sys.exit(main())
