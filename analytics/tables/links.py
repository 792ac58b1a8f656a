"""How the tables for users hang together: which columns of one name a row of another."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["LINKS", "Link"]


class Link(NamedTuple):
    """A row of `table` whose `columns` are not NULL finds one row of `of`, by the columns that `of_columns` names."""

    table: str
    columns: tuple[str, ...]
    of: str
    of_columns: tuple[str, ...]


def _same(table: str, of: str, *columns: str) -> Link:
    return Link(table, columns, of, columns)


LINKS = (
    *(
        _same(table, "sources", "source_id")
        for table in ("trace", "events", "job_records", "vms", "vss_writers", "rejects", "collections")
    ),
    _same("markers", "trace", "source_id", "line_no"),
    _same("markers", "events", "source_id", "record_no"),
    Link("job_records", ("task_id",), "jobs", ("job_id",)),
    *(_same(table, "jobs", "job_id") for table in ("markers", "boundaries", "phases", "failures", "sla")),
    *(
        _same(table, "machines", "vm")
        for table in ("jobs", "expected_runs", "compliance", "candidates", "forecasts", "proofs")
    ),
    _same("sla", "expected_runs", "vm", "night"),
    _same("sla", "compliance", "vm", "rule"),
)
