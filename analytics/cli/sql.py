"""dpm-analytics sql: SQL text, a file of SQL, a named query or a table; else the list of queries."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.cli import options as shared
from analytics.cli.console import counted, say, say_error, say_json, say_not_kept, say_pairs
from analytics.cli.render import FORMATS, format_for, write_result, zones_of
from analytics.errors import EXIT_DONE, ConfigurationError, UnknownQueryError, UsageError

if TYPE_CHECKING:
    from datetime import date

    from analytics.sql import Answer, Session
    from analytics.sql.session import Parts

EXAMPLES = """\
  dpm-analytics sql
  dpm-analytics sql --store D:\\dpm.store "SELECT vm, count(*) FROM jobs GROUP BY vm"
  dpm-analytics sql --store D:\\dpm.store offenders --param since=2025-03-01
  dpm-analytics sql --store D:\\dpm.store rejects -o rejects.csv
  dpm-analytics sql --store D:\\dpm01 --store D:\\dpm02 "SELECT store, count(*) FROM sources GROUP BY store"
  dpm-analytics sql --store D:\\dpm.store -f question.sql --format json --timeout 60
"""


_CHOOSES_JOBS = ("job_id", "vm")
# a job of which no record is left still counts to its night
_JOBS_SQL = """
SELECT job_id FROM jobs JOIN job_nights USING (job_id) WHERE vm = $vm AND night = CAST($night AS DATE) LIMIT 1
"""
_TELL_BREACHES = frozenset({"breaches", "offenders", "breach_causes"})
_NIGHTS_SQL = """
    SELECT
        count(*) FILTER (WHERE met) AS met,
        count(*) FILTER (WHERE met IS NULL AND expected IS DISTINCT FROM false) AS unknown,
        (SELECT min(night) FROM sla) AS first_night,
        (SELECT max(night) FROM sla) AS last_night
    FROM sla
    WHERE rule = 'backup_window'
      AND (CAST($since AS DATE) IS NULL OR night >= CAST($since AS DATE))
      AND (CAST($until AS DATE) IS NULL OR night <= CAST($until AS DATE))
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options and arguments."""
    add = parser.add_argument
    add(
        "query",
        metavar="SQL|NAME",
        nargs="?",
        help="SQL, or the name of a query or table; nothing lists the queries",
    )
    add("-f", "--file", metavar="FILE", help="file of SQL; - is standard input")
    add(
        "--param",
        metavar="K=V",
        action="append",
        default=[],
        help="value of $K in the query; may be repeated",
    )
    add(
        "--format",
        choices=FORMATS,
        help="default: by the ending of -o FILE, else table; table cuts what does not fit, the others do not",
    )
    add("-o", "--out", metavar="FILE", help="write to this file instead of the screen; not into the store")
    add(
        "--unconfined",
        action="store_true",
        help="open all of DuckDB: files, network, extensions, settings; for SQL that you wrote yourself",
    )
    shared.add_stores(parser, required=False)
    shared.add_site(parser)
    shared.add_now(parser)
    shared.add_limits(parser)
    shared.add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Run the query and write its result, or list the queries."""
    if options.query is None and options.file is None:
        _say_catalogue(options)
        return EXIT_DONE
    form = format_for("json" if options.json and not options.format else options.format, options.out)
    if options.out:
        shared.require_outside(options.out, options.store)
    _answer(options, form, lambda answer: _write(answer, form, options))
    return EXIT_DONE


def _write(answer: Answer, form: str, options: argparse.Namespace) -> None:
    if options.out or not options.quiet:
        write_result(answer, form, options.out)
    if options.out and not options.quiet:
        zones = zones_of(answer.schema)
        say_pairs(
            [("Written", options.out), *([("Times", f"in {zones}")] if zones and form == "csv" else [])]
        )


def split_parameters(pairs: list[str]) -> dict[str, str]:
    """Turn K=V texts into a mapping; UsageError for what is none."""
    parameters = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"{pair!r} is no parameter", "--param", "for example --param since=2025-03-01")
        parameters[name.strip().removeprefix("$")] = value
    return parameters


def is_name(text: str) -> bool:
    """Tell the name of a query or table from SQL: one word."""
    return text.isidentifier()


def _answer(options: argparse.Namespace, form: str, sink: Callable[[Answer], None]) -> None:
    if options.query is not None and options.file is not None:
        raise UsageError("both a query and -f FILE are given", "dpm-analytics sql", "give one of them")
    if not options.store:
        raise UsageError(
            "no store is given", "dpm-analytics sql", "add --store DIR, see dpm-analytics ingest --help"
        )
    text = options.query if options.file is None else _sql_file(options.file)
    _require_unicode("the query", text, *options.param)
    if not text.strip():
        raise UsageError(
            "an empty query", options.file or "dpm-analytics sql", "give SQL or the name of a query"
        )
    from analytics.planning import open_session

    store, site, limits = (
        shared.open_stores(options.store),
        shared.site_of(options),
        shared.limits_of(options),
    )
    with open_session(
        store, site, confined=not options.unconfined, limits=limits, now=options.now
    ) as session:
        for folder, parts in zip(
            options.store, session.parts.members.values() or [session.parts], strict=True
        ):
            _say_incomplete(parts, folder)
        _run_query(session, text.strip(), split_parameters(options.param), form, sink)
        say_not_kept(session.not_kept)


def _say_incomplete(parts: Parts, store: str) -> None:
    """That the rows may be fewer than they should be: an ingest that did not end, records that were lost."""
    last, lost = parts.ingest, sum(loss.records for loss in parts.losses())
    if last is not None and last.ended_early:
        say_error(
            f"the last ingest into {store} did not come to its end: records may be missing; run it again"
        )
    if lost:
        say_error(
            f"{counted(lost, 'record')} lost with damaged files: see dpm-analytics check --store {store}"
        )


def _run_query(
    session: Session, text: str, parameters: dict[str, str], form: str, sink: Callable[[Answer], None]
) -> None:
    from analytics.cli.queries import near_or_list
    from analytics.sql import Answer, catalogue, model_queries
    from analytics.tables import TABLES

    if not is_name(text):
        session.stream(text, sink, **{name: guessed(value) for name, value in parameters.items()})
        return
    names = dict.fromkeys([*catalogue(), *TABLES, *model_queries()])
    if text in catalogue():
        found = session.run(text, **parameters)
        sink(Answer.of(found))
        if not found.num_rows:
            _say_why_none(session, text, parameters)
    elif text in names:
        first = ", ".join(TABLES[text].answers if form == "table" and text in TABLES else ())
        session.stream(f"SELECT {first}, * EXCLUDE ({first}) FROM {text}" if first else f"FROM {text}", sink)
    else:
        raise UnknownQueryError(f"no query or table {text!r}", expected=near_or_list(text, list(names)))


def _say_why_none(session: Session, name: str, parameters: dict[str, str]) -> None:
    """Say on stderr what no row means.

    A query which chooses jobs was not told which, or was told a VM that is not there; no breach is known.
    """
    from difflib import get_close_matches

    from analytics.sql import catalogue

    if name in _TELL_BREACHES:
        given = {key: parameters.get(key) for key in ("since", "until")}
        say_error(_no_breach(*session.sql(_NIGHTS_SQL, **given).to_pylist()[0].values()))
    choices = [each.name for each in catalogue()[name].parameters if each.name in _CHOOSES_JOBS]
    if choices and not any(map(parameters.get, choices)):
        say_error(f"{name} needs {' or '.join(f'--param {choice}=VALUE' for choice in choices)}")
    elif "vm" in choices and (vm := parameters.get("vm")):
        known = session.sql("SELECT vm FROM machines").column("vm").to_pylist()
        near = get_close_matches(vm, known, n=2)
        hint = f"did you mean {' or '.join(near)}?" if near else "the table machines lists them"
        if vm not in known:
            say_error(f"no VM is called {vm!r} ({hint})")
        elif (night := parameters.get("night")) and not session.sql(_JOBS_SQL, vm=vm, night=night).num_rows:
            say_error(f"no job of {vm} counts to {night}")
    elif job_id := parameters.get("job_id"):
        say_error(f"no record of a job whose id begins with {job_id!r} (the table jobs lists them)")


def _no_breach(met: int, unknown: int, first_night: date | None, last_night: date | None) -> str:
    """What is known where no breach is: no row must not read as if all were met."""
    if not met + unknown:
        nights = f"the store knows {first_night} to {last_night}" if first_night else "the store knows none"
        return f"no night of a VM was due in this time ({nights})"
    known = f"no breach is known: the window was met on {counted(met, 'VM-night')}"
    open_ones = f"; of {counted(unknown, 'VM-night')} it is not established, see sql sla" if unknown else ""
    return known + open_ones


def guessed(value: str) -> Any:
    """A parameter of free SQL: NULL, true, false, numbers and dates as such, anything else as text.

    Quotes keep a text: '007' and "NULL" are texts.
    """
    from datetime import date

    words: dict[str, Any] = {"null": None, "true": True, "false": False}
    if value.lower() in words:
        return words[value.lower()]
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    for kind in (int, float, date.fromisoformat):
        try:
            return kind(value)
        except ValueError:
            continue
    return value


def _require_unicode(what: str, *texts: str) -> None:
    """Arguments may hold bytes that are no text of this system's encoding; DuckDB takes Unicode only."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        raise UsageError(f"{what} is no valid text", "dpm-analytics sql", "write it in UTF-8") from None


def _sql_file(name: str) -> str:
    try:
        # the bytes: standard input has the encoding of the console, a file of SQL is UTF-8
        return (sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError("is not UTF-8", name, "save it as UTF-8") from error
    except OSError as error:
        raise ConfigurationError(
            error.strerror or str(error), name, "give the path of a file of SQL"
        ) from error


def _say_catalogue(options: argparse.Namespace) -> None:
    from analytics.cli.queries import query_entries, say_entries

    entries = query_entries()
    if options.json:
        say_json(entries)
    elif not options.quiet:
        say_entries(entries)
        say("dpm-analytics sql --store DIR NAME [--param K=V] runs one of them.")
