"""The .sql files: their headers become title, question, parameters, columns and chart."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from analytics.errors import QueryError, UnknownQueryError
from analytics.places import queries_folder

__all__ = ["ResultColumn", "catalogue"]


_HEADER = re.compile(r"^--\s*(?P<key>title|question|chart|param|column):\s*(?P<value>.*\S)\s*$")
_PARAMETER = re.compile(
    r"^(?P<name>\w+)\s+(?P<type>[A-Z][A-Z ]*?)(?:\s*=\s*(?P<default>[^|]*?))?\s*(?:\|\s*(?P<meaning>.*))?$"
)
_COLUMN = re.compile(r"^(?P<name>\w+)\s+(?P<type>[A-Z][A-Z() ,0-9]*?)\s*(?:\|\s*(?P<meaning>.*))?$")
_FOLDERS = ("report", "explore")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query; `default` is SQL text such as NULL or 20."""

    name: str
    type: str
    default: str
    meaning: str


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a query's result."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Query:
    """One .sql file; `sql` is its SELECT without the header."""

    name: str
    folder: str
    title: str
    question: str
    parameters: tuple[Parameter, ...]
    columns: tuple[ResultColumn, ...]
    chart: str | None
    sql: str
    path: Path


@cache
def catalogue() -> dict[str, Query]:
    """All named queries for people and for the report, by name."""
    return {query.name: query for folder in _FOLDERS for query in _load_folder(folder)}


class _OnDemand(MutableMapping[str, Query]):
    """Queries by name, each read when it is first asked for: a small question needs few of them."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._paths = {path.stem: path for path in _paths_in(folder)}
        self._read: dict[str, Query] = {}

    def __getitem__(self, name: str) -> Query:
        if name not in self._read:
            self._read[name] = _load_query(self._paths[name], self._folder)
        return self._read[name]

    def __setitem__(self, name: str, query: Query) -> None:
        self._read[name] = query
        self._paths[name] = query.path

    def __delitem__(self, name: str) -> None:
        del self._paths[name]
        self._read.pop(name, None)

    def __contains__(self, name: object) -> bool:
        return name in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


@cache
def model_queries() -> MutableMapping[str, Query]:
    """The queries that define the derived views, by the view's name."""
    return _OnDemand("model")


def find_query(name: str) -> Query:
    """A query by name; UnknownQueryError names the nearest ones."""
    known = catalogue()
    if name not in known:
        near = get_close_matches(name, known, n=3)
        hint = f"did you mean {', '.join(near)}?" if near else "dpm-analytics sql lists all queries"
        raise UnknownQueryError(f"no query {name!r}", expected=hint)
    return known[name]


def _load_folder(folder: str) -> list[Query]:
    return [_load_query(path, folder) for path in _paths_in(folder)]


def _paths_in(folder: str) -> list[Path]:
    return sorted((queries_folder() / folder).rglob("*.sql"))


def _load_query(path: Path, folder: str = "") -> Query:
    """Read one .sql file; QueryError where its header does not fit."""
    text = path.read_text(encoding="utf-8")
    header: dict[str, list[str]] = {}
    body = []
    for line in text.splitlines():
        if line.startswith("--") and (match := _HEADER.match(line)):
            header.setdefault(match["key"], []).append(match["value"])
        else:
            body.append(line)
    return Query(
        name=path.stem,
        folder=folder,
        title=header.get("title", [path.stem])[0],
        question=header.get("question", [""])[0],
        parameters=tuple(_parameter(value, path) for value in header.get("param", [])),
        columns=tuple(_column(value, path) for value in header.get("column", [])),
        chart=header.get("chart", [None])[0],
        sql="\n".join(body).strip().rstrip(";"),
        path=path,
    )


def _parameter(value: str, path: Path) -> Parameter:
    match = _PARAMETER.match(value)
    if not match:
        raise QueryError(f"parameter {value!r}", str(path), "-- param: name TYPE = default | meaning")
    return Parameter(
        match["name"], match["type"].strip(), (match["default"] or "NULL").strip(), match["meaning"] or ""
    )


def _column(value: str, path: Path) -> ResultColumn:
    match = _COLUMN.match(value)
    if not match:
        raise QueryError(f"column {value!r}", str(path), "-- column: name TYPE | meaning")
    return ResultColumn(match["name"], match["type"].strip(), match["meaning"] or "")
