"""Run the queries of the sections and put into words what they show."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from analytics.arrow import column_of, is_there, wholes_of
from analytics.report.changes import changes
from analytics.report.contents import Fact, Report, Result, Rows
from analytics.report.depths import WHOLE, Depth
from analytics.report.detail import BY_JOB, drawn_periods
from analytics.report.facts import facts
from analytics.report.leads import lead
from analytics.report.notes import notes
from analytics.report.pseudonyms import Pseudonyms
from analytics.report.reject_words import with_reasons_said
from analytics.report.sections import results_of
from analytics.report.trust import checks, trust_line
from analytics.report.verdict import headline, remarks
from analytics.report.words import Words
from analytics.version import VERSION

if TYPE_CHECKING:
    from analytics.sql import Session

_LOCAL = pa.timestamp("us")
_QUARTER = dt.timedelta(minutes=15)
_LEAST = dt.timedelta(microseconds=1)
_QUARTER_US = _QUARTER // _LEAST
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def build_report(
    session: Session,
    since: dt.date | None = None,
    until: dt.date | None = None,
    words: Words | None = None,
    pseudonyms: Pseudonyms | None = None,
    depth: Depth = WHOLE,
) -> Report:
    """Ask every query of the report's depth for the nights `since` to `until` (inclusive, None for all).

    Times are wall times of `session.site.time_zone`; the words are English unless others are given; with
    pseudonyms no name of the logs is left in the report. Raises QueryError where a query does not run.
    """
    words, zone = words or Words.of("en"), session.site.time_zone or "UTC"
    sections = depth.sections
    results = run_all(session, zone, since, until, results_of(sections))
    results = with_reasons_said(results, words)
    if pseudonyms:
        results = pseudonyms.hidden(results, session.run("known_names").to_pylist())
    window, window_ms = _window_of(session.site.window_start, session.site.window_end)
    return Report(
        trust=words.say(trust_line(results)),
        checks=checks(results, words),
        verdict=words.say(headline(results, window, words)),
        remarks=words.paragraph(remarks(results, window)),
        changes=tuple(words.say(claim) for claim in changes(results)) if depth.says_changes else (),
        breaches=int(results["key_figures"].rows[0]["missed"] or 0),
        facts=_facts_in_words(results, words),
        sections=sections,
        leads={section.name: words.say(lead(section, results)) for section in sections},
        notes={section.name: words.paragraph(notes(section, results)) for section in sections},
        results=results,
        words=words,
        time_zone=zone,
        window=window,
        window_ms=window_ms,
        made_at=dt.datetime.now(dt.UTC),
        version=VERSION,
        since=since,
        until=until,
        depth=depth.name,
    )


def _facts_in_words(results: Rows, words: Words) -> tuple[Fact, ...]:
    """The figures of the first screen."""
    return tuple(
        Fact(words.text(f"facts.{fact.name}"), words.say(fact.value), words.say(fact.detail), fact.tone)
        for fact in facts(results)
    )


def run_all(
    session: Session, zone: str, since: dt.date | None, until: dt.date | None, names: tuple[str, ...]
) -> Rows:
    """The results of these queries; those with a row per job only of the nights that are drawn job by job."""
    given = {"since": since, "until": until}
    results = {name: run(session, name, zone, given) for name in names if name not in BY_JOB}
    periods = drawn_periods(results["night_summary"].rows)
    for name in [name for name in BY_JOB if name in names]:
        found = [run(session, name, zone, {"since": first, "until": last}) for first, last in periods]
        results[name] = (
            replace(found[-1], table=pa.concat_tables(part.table for part in found))
            if found
            else run(session, name, zone, given)
        )
    return {name: results[name] for name in names}


def run(session: Session, name: str, zone: str, given: dict[str, Any]) -> Result:
    """Run one query with those of the `given` parameters that it declares."""
    from analytics.sql.catalogue import catalogue

    query = catalogue()[name]
    parameters = {name: value for name, value in given.items() if name in _parameter_names(query)}
    table = wall_times(session.run(name, **parameters), zone)
    return Result(name, query.title, query.question, query.sql.strip(), parameters, table)


def _parameter_names(query: Any) -> set[str]:
    """The names of a query's declared parameters."""
    return {parameter.name for parameter in query.parameters}


def wall_times(table: pa.Table, zone: str) -> pa.Table:
    """Turn instants into local wall times without a zone."""
    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type) and field.type.tz is not None:
            local = pa.chunked_array([_wall(table.column(place), ZoneInfo(zone))], _LOCAL)
            table = table.set_column(place, field.name, local)
    return table


def _wall(instants: pa.ChunkedArray, zone: ZoneInfo) -> pa.Array:
    """The wall times of a column; Python knows the zones on Windows, too (tzdata), where Arrow does not.

    Zones change their offset at full quarters of an hour only, so that one question per quarter is enough.
    """
    us = wholes_of(instants.cast(pa.timestamp("us", "UTC")), 0)
    quarters, places = np.unique(us // _QUARTER_US, return_inverse=True)
    walls = [
        (_EPOCH + quarter * _QUARTER).astimezone(zone).replace(tzinfo=dt.UTC) for quarter in quarters.tolist()
    ]
    starts_us = np.array([(wall - _EPOCH) // _LEAST for wall in walls], dtype=np.int64)
    local_us = starts_us[places] + us % _QUARTER_US
    return column_of(local_us, _LOCAL, is_there(instants))


def _window_of(start: dt.time, end: dt.time) -> tuple[str, tuple[int, int]]:
    """The backup window in words, and in milliseconds after the night's midnight."""
    opens_ms, closes_ms = _milliseconds(start), _milliseconds(end)
    closes_ms += 86_400_000 if closes_ms <= opens_ms else 0
    return f"{start:%H:%M}–{end:%H:%M}", (opens_ms, closes_ms)


def _milliseconds(time: dt.time) -> int:
    """Milliseconds after midnight."""
    return ((time.hour * 60 + time.minute) * 60 + time.second) * 1000
