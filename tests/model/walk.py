"""What a store yields, view by view: columns, keys, values of each vocabulary, rules that were hit."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from analytics.ingest import IngestOptions, ingest
from analytics.places import sample_logs_folder
from analytics.planning import open_session
from analytics.site import Site
from analytics.sql import Session, model_queries
from analytics.store import Store
from analytics.tables import PLANNED, RAW, TABLES, Table
from analytics.tables.links import LINKS, Link
from tests.model.written import WRITTEN, Written

Facts = dict[str, Any]
Walk = dict[str, Facts]  # by the name of the store

# A rule of errlog.csv was hit where the record that its marker was given to fits it.
LINES_HIT = """
    SELECT DISTINCT r.file, r.text
    FROM log_markers AS m
    JOIN trace AS t ON t.source_id = m.source_id AND t.line_no = m.line_no
    JOIN marker_rules AS r
        ON r.marker = m.marker AND (r.file IS NULL OR r.file = lower(t.file)) AND contains(t.message, r.text)
"""
EVENTS_HIT = "SELECT DISTINCT marker, lower(event_provider), event_id FROM event_hits"
WORDS_HIT = """
    SELECT DISTINCT 'job_categories', lower(trim(category)) FROM job_records WHERE record_kind = 'job'
    UNION SELECT DISTINCT 'job_statuses', lower(trim(status)) FROM job_records WHERE record_kind = 'job'
"""


def sample_folders() -> list[Path]:
    """The folders of sample logs."""
    return sorted(folder for folder in sample_logs_folder().iterdir() if folder.is_dir())


def facts_of(
    logs: Path, store: Path, options: IngestOptions | None = None, site: Site | None = None
) -> Facts:
    """Everything that the tests ask of the store that these logs make."""
    opened = Store.create_or_open(store)
    ingest(opened, [logs], options)
    with open_session(opened, site, keep=False) as session:
        names = [*(table.name for table in (*RAW, *PLANNED)), *model_queries()]
        views = {name: _facts(session, TABLES[name]) for name in dict.fromkeys(names)}
        lost = {f"{link.table}.{link.columns} of {link.of}": _lost(session, link) for link in LINKS}
        hits = {
            "marker_rules": _rows(session, LINES_HIT),
            "event_rules": _rows(session, EVENTS_HIT),
            "words": _rows(session, WORDS_HIT),
        }
    return {"views": views, "lost": {name: rows for name, rows in lost.items() if rows}, "hits": hits}


def _lost(session: Session, link: Link) -> list[list[Any]]:
    columns, of_columns = ", ".join(link.columns), ", ".join(link.of_columns)
    named = " AND ".join(f"{name} IS NOT NULL" for name in link.columns)
    query = f"""
        SELECT DISTINCT {columns} FROM {link.table} WHERE {named}
        EXCEPT SELECT {of_columns} FROM {link.of}
        LIMIT 3
    """
    return _rows(session, query)


def _facts(session: Session, table: Table) -> Facts:
    session.sql(f'SELECT * FROM "{table.name}" LIMIT 0')  # computes it, which DESCRIBE alone does not
    described = _rows(
        session, f'SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM "{table.name}")'
    )
    key = ", ".join(f'"{name}"' for name in table.key)
    doubled = f'SELECT {key}, count(*) FROM "{table.name}" GROUP BY ALL HAVING count(*) > 1 LIMIT 3'
    present = {name for name, _ in described}
    return {
        "columns": described,
        "doubled": _rows(session, doubled) if set(table.key) & present else [],
        "values": {
            column.name: _values(session, table.name, column.name)
            for column in table.columns
            if column.values is not None and column.name in present
        },
    }


def _values(session: Session, view: str, column: str) -> list[str]:
    query = f'SELECT DISTINCT "{column}" FROM "{view}" WHERE "{column}" IS NOT NULL ORDER BY ALL'
    return [row[0] for row in _rows(session, query)]


def _rows(session: Session, query: str) -> list[list[Any]]:
    # of the engine: all tables are computed, and nothing must be checked that we wrote
    rows = session.engine.result(query, {}, query).to_pylist()
    return [list(map(_plain, row.values())) for row in rows]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def walk_all(shared: Path, folder: Path) -> Walk:
    """The facts of all sample stores, and of those that are written for what no sample shows.

    They are kept in `shared`, one file a store, so that the processes of a test run share the work; what this one makes
    of a store on the way goes to `folder`.
    """
    makers: dict[str, Callable[[], Facts]] = {
        logs.name: partial(facts_of, logs, folder / f"{logs.name}.store") for logs in sample_folders()
    }
    for name, written in WRITTEN.items():
        makers[f"written: {name}"] = partial(_of_written, written, folder / name)
    for timeout_s in (0, -1):  # those that nobody works on, then those that another process works on still
        for place, make in enumerate(makers.values()):
            kept = shared / f"{place}.json"
            with suppress(Timeout), FileLock(f"{kept}.lock", timeout=timeout_s):
                if not kept.is_file():
                    kept.write_text(json.dumps(make()), encoding="utf-8", newline="\n")
    return {
        name: json.loads((shared / f"{place}.json").read_text(encoding="utf-8"))
        for place, name in enumerate(makers)
    }


def _of_written(written: Written, logs: Path) -> Facts:
    logs.mkdir()
    written.write(logs)
    return facts_of(logs, logs.with_name(f"{logs.name}.written"), written.options, written.site)
