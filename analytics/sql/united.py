"""The raw tables of several stores as one: each record once, with the column `store` that says whose it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from analytics.sql.engines import Engine
from analytics.sql.order import STORED_NAMES
from analytics.tables import RAW, Table
from analytics.tables.equal import GUESSED, compared_names, compared_sql

__all__ = ["HasFiles", "add_united"]

# told apart by their source alone; the records of all others by what they say
_BY_SOURCE = frozenset({"sources", "rejects", "collections"})


class HasFiles(Protocol):
    """The parts of one of the stores."""

    def files(self, table: str) -> list[Path]:
        """The files of a table."""


@dataclass
class _Shared:
    """What several stores hold, each by the store's number from 1.

    `repeated` are sources that count in another store; `later` are those that may hold records of sources of stores
    before it, `earlier` are these.
    """

    repeated: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    later: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    earlier: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))


def add_united(engine: Engine, members: Mapping[str, HasFiles]) -> None:
    """Add each raw relation as the union of those of the stores, by the name that the column `store` has for each.

    A source that several stores hold counts once: where fewest records of it were left out, else in the first store. A
    record that a source of another content repeats (a longer copy of the same log) counts once, in the first store.
    """
    for number, parts in enumerate(members.values(), 1):
        for table in RAW:
            engine.add_files(_name(table, number), table, parts.files(table.name))
    shared = _shared(engine, len(members))
    for table in RAW:
        branches = (_of_store(table, number, name, shared) for number, name in enumerate(members, 1))
        engine.add_view(STORED_NAMES.get(table.name, table.name), " UNION ALL ".join(branches))


def _name(table: Table, number: int) -> str:
    return f"{table.name}_of_store_{number}"


def _shared(engine: Engine, stores: int) -> _Shared:
    listed = " UNION ALL ".join(
        f"SELECT {number} AS store_no, * FROM sources_of_store_{number}" for number in range(1, stores + 1)
    )
    repeated = f"""
        SELECT store_no, source_id FROM (
            SELECT store_no, source_id, row_number() OVER (
                PARTITION BY source_id ORDER BY coalesce(records_filtered, 0), store_no
            ) AS place FROM ({listed}) AS s
        ) AS placed WHERE place > 1"""
    overlapping = f"""
        WITH s AS ({listed})
        SELECT DISTINCT n.store_no AS later_no, n.source_id AS later_id, o.store_no AS earlier_no,
            o.source_id AS earlier_id
        FROM s AS n
        JOIN s AS o ON o.store_no < n.store_no AND o.kind = n.kind AND o.source_id <> n.source_id
            AND coalesce(o.first_at <= n.last_at AND o.last_at >= n.first_at, true)
            AND (coalesce(o.host_key = n.host_key, true) OR o.host_from = '{GUESSED}' AND n.host_from = '{GUESSED}')"""
    shared = _Shared()
    for row in engine.result(repeated, {}, "sources").to_pylist():
        shared.repeated[row["store_no"]].append(row["source_id"])
    for row in engine.result(overlapping, {}, "sources").to_pylist():
        shared.later[row["later_no"]].append(row["later_id"])
        shared.earlier[row["earlier_no"]].append(row["earlier_id"])
    return shared


def _of_store(table: Table, number: int, store: str, shared: _Shared) -> str:
    """The rows of one store that no other store has told."""
    compared = [] if table.name in _BY_SOURCE else shared.later[number]
    apart = sorted({*shared.repeated[number], *compared})
    named = f"{_listed(table)}, {_quoted(store)} AS store"
    plain = f"SELECT {named} FROM {_name(table, number)}"
    if not apart:
        return plain
    text = f"{plain} WHERE source_id IS NULL OR source_id NOT IN ({_texts(apart)})"
    kept = sorted(set(compared) - set(shared.repeated[number]))
    if not kept:
        return text
    others = " UNION ALL ".join(
        f"SELECT * FROM {_name(table, other)} WHERE source_id IN ({_texts(shared.earlier[other])})"
        for other in range(1, number)
        if shared.earlier[other]
    )
    equal = " AND ".join(
        f"{compared_sql(table.name, name, 'o.')} IS NOT DISTINCT FROM {compared_sql(table.name, name, 'n.')}"
        for name in compared_names(table.name)
    )
    return f"""{text} UNION ALL
        SELECT {named} FROM (SELECT * FROM {_name(table, number)} WHERE source_id IN ({_texts(kept)})) AS n
        WHERE NOT EXISTS (SELECT 1 FROM ({others}) AS o WHERE {equal})"""


def _listed(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in table.column_names)


def _texts(values: Iterable[str]) -> str:
    return ", ".join(map(_quoted, sorted(set(values))))


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
