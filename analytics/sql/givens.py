"""What the model reads beside the logs: the site, what its file says of VMs, the rules; the same for every engine."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from analytics.places import rules_folder
from analytics.site import Site
from analytics.tables import Table
from analytics.tables.internal.givens import (
    LISTS,
    LOST_SOURCES,
    SITE,
    SITE_EXCLUSIONS,
    SITE_GUEST_LEVEL,
    SITE_RULES,
    SITE_SCHEDULES,
    STORE_STATE,
    WEEKEND_DAYS,
)
from analytics.tables.rules import RULE_FILES, read_rules
from analytics.tables.value import Value, Vocabulary

__all__ = ["StoreState", "givens", "lost_rows", "rule_table", "settled", "site_row", "state_of", "store_row"]

_DAY_S = 86400
_Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class StoreState:
    """What a store says of itself: the last ingest, and the sources that lost records and were not read again.

    Of each such source `lost` holds the path and how many are known to be lost, 0 where some may be. `now_at` is the
    moment that freshness is judged by, None where nobody asks.
    """

    last_ingest: str = "ingest_completed"
    begun_at: datetime | None = None
    lost: tuple[tuple[str, int], ...] = ()
    now_at: datetime | None = None


def settled(site: Site, collections: Iterable[Mapping[str, Any]]) -> tuple[Site, str]:
    """The site with a time zone, and what names it (ZONE_EVIDENCE).

    Its own, else that of the DPM server as collected, else the one that most computers have, else UTC.
    `collections` has the columns role and time_zone.
    """
    if site.time_zone:
        return site, "site"
    named = [(row["time_zone"], row["role"]) for row in collections if _is_zone(row["time_zone"] or "")]
    if not named:
        return replace(site, time_zone="UTC"), "assumed"
    counts = Counter(zone for zone, _ in named)
    servers = {zone for zone, role in named if role == "dpm-server"}
    best = min(counts, key=lambda zone: (zone not in servers, -counts[zone], zone))
    return replace(site, time_zone=best), "collection" if len(counts) == 1 else "collections_differ"


def store_row(state: StoreState) -> pa.Table:
    """The one-row table `store_state`."""
    row = {
        "last_ingest": state.last_ingest,
        "ingest_begun_at": state.begun_at,
        "now_at": state.now_at,
    }
    return _rows(STORE_STATE, [row])


def lost_rows(state: StoreState) -> pa.Table:
    """The table `lost_sources`: the sources that lost records, or may have."""
    lost = Counter[str]()
    for path, records in state.lost:
        lost[path] += records
    return _rows(LOST_SOURCES, [{"path": path, "records": records} for path, records in lost.items()])


def site_row(site: Site, zone_from: str = "site") -> pa.Table:
    """The one-row table `site`: its zone, the backup window, what the model assumes."""
    start, end = _seconds(site.window_start), _seconds(site.window_end)
    middle = (end + (start - end) % _DAY_S // 2) % _DAY_S
    row = {
        "time_zone": site.time_zone,
        "zone_from": zone_from,
        "window_start": site.window_start,
        "window_end": site.window_end,
        "window_start_s": start,
        "window_end_s": end,
        # a night is the date of a moment less this: its window opens on that date, whichever side of midnight that is
        "night_shift_s": middle - _DAY_S if middle > start else middle,
        "window_s": site.window_s,
        "retry_wait_s": site.retry_wait_s,
        "tracking": site.tracking,
        "link_overhead_s": site.link_overhead_s,
    }
    return _rows(SITE, [row])


def _site_exclusions(site: Site) -> pa.Table:
    """The table `site_exclusions`: the patterns of names that the site file leaves out."""
    return _rows(SITE_EXCLUSIONS, [{"vm_pattern": pattern} for pattern in dict.fromkeys(site.vms_exclude)])


def _weekend_days(site: Site) -> pa.Table:
    """The table `weekend_days`: the site's days of the weekend, mon to sun."""
    return _rows(WEEKEND_DAYS, [{"weekday": day} for day in site.weekend])


def _site_schedules(site: Site) -> pa.Table:
    """The table `site_schedules`: what the site file says of schedules, then of the ends of protection."""
    plans = [(name, plan, None) for name, plan in site.schedules.items()]
    ends = [(name, None, day) for name, day in site.protected_until.items()]
    names = ("number", "vm_pattern", "schedule", "protected_until")
    return _rows(
        SITE_SCHEDULES,
        [dict(zip(names, (number, *row), strict=True)) for number, row in enumerate([*plans, *ends], 1)],
    )


def _site_guest_level(site: Site) -> pa.Table:
    """The table `site_guest_level`: choices, those that forbid first, then costs."""
    said = [
        *((name, False, None) for name in site.guest_level_never),
        *((name, True, None) for name in site.guest_level_always),
        *((name, None, cost) for name, cost in site.guest_level_costs.items()),
    ]
    names = ("number", "vm_pattern", "is_moved", "cost")
    return _rows(
        SITE_GUEST_LEVEL,
        [dict(zip(names, (number, *row), strict=True)) for number, row in enumerate(said, 1)],
    )


def _site_rules(site: Site) -> pa.Table:
    """The table `site_rules`: one row for each pattern of each `[[sla]]` of the site file."""
    return _rows(
        SITE_RULES,
        [
            {
                "number": number,
                "rule": rule.rule,
                "vm_pattern": pattern,
                "protection_group": rule.group,
                "threshold_s": rule.threshold_s,
                "window_start_s": _seconds(rule.window[0]) if rule.window else None,
                "window_end_s": _seconds(rule.window[1]) if rule.window else None,
                "first_night": rule.first,
                "last_night": rule.last,
            }
            for number, rule in enumerate(site.sla, 1)
            for pattern in rule.vms or (None,)
        ],
    )


def givens(
    site: Site, zone_from: str = "site", state: Callable[[], StoreState] = StoreState
) -> dict[str, Callable[[], pa.Table]]:
    """What makes each of these tables when it is first needed.

    `zone_from` says what names the site's zone, `state` gives what the store says of itself. A table of rules
    raises ConfigurationError with file and line where its file does not fit.
    """
    return {
        SITE.name: lambda: site_row(site, zone_from),
        SITE_EXCLUSIONS.name: partial(_site_exclusions, site),
        STORE_STATE.name: lambda: store_row(state()),
        LOST_SOURCES.name: lambda: lost_rows(state()),
        WEEKEND_DAYS.name: partial(_weekend_days, site),
        SITE_SCHEDULES.name: partial(_site_schedules, site),
        SITE_GUEST_LEVEL.name: partial(_site_guest_level, site),
        SITE_RULES.name: partial(_site_rules, site),
        **{table.name: partial(_listed, table, listed) for table, listed in LISTS},
        **{name: partial(rule_table, name, site) for name in RULE_FILES},
    }


def state_of(name: str, site: Site, rows: Callable[[str], pa.Table]) -> str:
    """A text that is equal where one of these tables has the same `rows`."""
    if name not in RULE_FILES:
        sink = pa.BufferOutputStream()
        table = rows(name)
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return hashlib.sha256(sink.getvalue()).hexdigest()
    # of rules by their file: to check all of them takes as long as a small question
    rules = RULE_FILES[name]
    switched = repr((sorted(site.event_rules), sorted(site.explanations.items()), rules.table.schema))
    return hashlib.sha256((rules_folder() / rules.file).read_bytes() + switched.encode()).hexdigest()


def rule_table(name: str, site: Site) -> pa.Table:
    """The rules of a table: those that are off are left out but for those that the site file switches on.

    Raises ConfigurationError with file and line for a rule file that does not fit.
    """
    return _rows(RULE_FILES[name].table, _for_site(name, _read(name), site))


def _listed(table: Table, values: Vocabulary[Value]) -> pa.Table:
    """A list of the vocabulary that the model joins."""
    return _rows(table, [_said(table, value) for value in values])


def _said(table: Table, value: Value) -> dict[str, Any]:
    named, *others = table.column_names
    return {named: value.name} | {name: getattr(value, name) for name in others}


def _for_site(name: str, rows: _Rows, site: Site) -> _Rows:
    if name == "marker_rules":
        return [row for row in rows if row["enabled"]]
    if name == "event_rules":
        return [row for row in rows if row["enabled"] or _event(row) in site.event_rules]
    return _explained(rows, site) if name == "explanations" else rows


def _event(row: Mapping[str, Any]) -> str:
    return f"{row['event_provider']}/{row['event_id']}"


def _explained(rows: _Rows, site: Site) -> _Rows:
    """The site's own sentences instead of ours."""
    own = []
    for name, sentence in site.explanations.items():
        kind, _, key = name.partition("/")
        own.append({"kind": kind, "key": key, "explanation": sentence, "source": "site file"})
    replaced = {(row["kind"], row["key"].lower()) for row in own}
    return [*(row for row in rows if (row["kind"], row["key"].lower()) not in replaced), *own]


def _read(name: str) -> _Rows:
    return [rule.cells for rule in read_rules(rules_folder(), name)]


def _rows(table: Table, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows as Arrow; an empty text is NULL."""
    from pyarrow import csv as arrow_csv

    if not rows:
        return pa.Table.from_batches([], table.schema)  # empty_table() imports pandas
    text = io.StringIO()
    csv.writer(text).writerows([row[name] for name in table.column_names] for row in rows)
    # by way of CSV: pa.array() of a list imports pandas, which takes longer than all the rest of a small query
    return arrow_csv.read_csv(
        pa.BufferReader(text.getvalue().encode()),
        read_options=arrow_csv.ReadOptions(column_names=table.column_names),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=table.schema, null_values=[""], strings_can_be_null=True
        ),
    )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return True


def _seconds(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second
