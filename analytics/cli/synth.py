"""dpm-analytics synth: a simulated estate; its options are derived from the knobs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.cli import options as shared
from analytics.cli.console import counted, human_bytes, say_json, say_pairs
from analytics.errors import EXIT_DONE, ConfigurationError

if TYPE_CHECKING:
    from analytics.synth import KnobField

EXAMPLES = """\
  dpm-analytics synth estate --vms 40 --nights 30 --seed 1
  dpm-analytics synth estate --vms 8 --nights 5 --first-night 2025-12-29 --form no-pid
"""

_VALUES = {"int": "N", "float": "X", "date": "DATE", "tuple": "HH:MM-HH:MM"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options and arguments; one option for each knob."""
    from analytics.synth import knob_fields

    parser.usage = "%(prog)s OUT [knobs] [-q] [--json]"
    parser.add_argument("out", metavar="OUT", help="new folder for the logs; the truth goes to OUT.truth")
    knobs = parser.add_argument_group("knobs")
    for knob in knob_fields():
        _add_knob(knobs, knob)
    shared.add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Write the estate and say where it lies."""
    from analytics.synth import Knobs, knob_fields, write_estate

    out = Path(options.out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigurationError("is not empty", str(out), "name a new folder")
    values = {knob.name: getattr(options, knob.name) for knob in knob_fields()}
    write_estate(out, Knobs(**values))
    _say(options, out)
    return EXIT_DONE


def _add_knob(group: argparse._ArgumentGroup, knob: KnobField) -> None:
    name, add = knob.name.replace("_", "-"), group.add_argument
    meaning = _meaning(knob).replace("%", "%%")
    if knob.type is bool:
        flag, other = f"--no-{name}" if knob.default else f"--{name}", not knob.default
        add(flag, dest=knob.name, action="store_const", const=other, default=knob.default, help=meaning)
    else:
        value = "NAME" if knob.choices else _VALUES.get(knob.type.__name__, "TEXT")
        add(f"--{name}", metavar=value, type=_parser_of(knob), default=knob.default, help=meaning)


def _meaning(knob: KnobField) -> str:
    if knob.type is bool:
        return knob.help
    choices = f"; one of {', '.join(knob.choices)}" if knob.choices else ""
    return f"{knob.help}{choices} (default: {_shown(knob.default)})"


def _parser_of(knob: KnobField) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        try:
            return knob.parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r} does not fit: {error}") from None

    return parse


def _shown(value: Any) -> str:
    return "-".join(value) if isinstance(value, tuple) else str(value)


def _say(options: argparse.Namespace, out: Path) -> None:
    files = [path for path in out.rglob("*") if path.is_file()]
    size_bytes = sum(path.stat().st_size for path in files)
    truth = out.with_name(out.name + ".truth")
    if options.json:
        say_json({"out": str(out), "truth": str(truth), "files": len(files), "size_bytes": size_bytes})
    elif not options.quiet:
        say_pairs(
            [
                ("Logs", f"{out}: {counted(len(files), 'file')}, {human_bytes(size_bytes)}"),
                ("Truth", str(truth)),
                ("Next", f"dpm-analytics analyze {out}"),
            ]
        )
