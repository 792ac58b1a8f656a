"""What a text of SQL does, as DuckDB's own parser sees it: which relations it reads, whether it only asks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from analytics.errors import QueryError
from analytics.sql.engines.duckdb_errors import UNCONFINED, shortened

__all__ = ["is_one_query", "names_read", "parsed", "require_question"]

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_BUILT_FROM_TEXT = frozenset({"query", "query_table"})  # table functions that are given names or SQL as text
_QUERY_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})

# Table functions that read nothing but what they are given and the catalogue. All others are closed, those of later
# versions too: they read files, change settings, or run SQL that comes as text (query, json_execute_serialized_sql).
_OPEN_FUNCTIONS = frozenset(
    {
        "duckdb_columns", "duckdb_constraints", "duckdb_functions", "duckdb_keywords", "duckdb_schemas",
        "duckdb_tables", "duckdb_types", "duckdb_views", "generate_series", "histogram", "histogram_values",
        "json_each", "json_tree", "pg_timezone_names", "pragma_table_info", "pragma_version", "query_table", "range",
        "repeat", "repeat_row", "summary", "unnest",
    }
)  # fmt: skip
_CHANGING_WORDS = frozenset(
    {
        "alter", "attach", "call", "checkpoint", "copy", "create", "delete", "detach", "drop", "execute", "export",
        "import", "insert", "install", "load", "merge", "pragma", "prepare", "reset", "truncate", "update", "vacuum",
    }
)  # fmt: skip


class _UnclearError(Exception):
    """The tree does not tell which relations are read."""


def parsed(connection: Any, text: str) -> Any:
    """What DuckDB's parser makes of a text: its statements as trees, or the kind of error."""
    found = connection.execute("SELECT json_serialize_sql($text::VARCHAR)", {"text": text}).fetchall()
    return json.loads(found[0][0])


def names_read(document: Any, text: str) -> frozenset[str] | None:
    """Lower-case names of the relations that a text reads: exact for SELECT, DESCRIBE and SUMMARIZE.

    Of other statements (EXPLAIN, PREPARE, COPY, PIVOT, ...) any word counts as a name; a text that does not parse reads
    nothing. None, any relation, where the text builds names itself.
    """
    if document["error"]:
        return frozenset() if document["error_type"] == "parser" else _may_read(_words(text))
    trees = [entry["node"] for entry in document["statements"]]
    try:
        return _may_read(frozenset(name for tree in trees for name in _read(tree, frozenset())))
    except _UnclearError:
        return _may_read(_words(text))


def is_one_query(document: Any) -> bool:
    """Whether a text is one statement that EXPLAIN would not run."""
    return not document["error"] and len(document["statements"]) == 1


def require_question(connection: Any, document: Any, text: str) -> None:
    """Refuse a text that does more than ask, before any of it runs.

    A list of statement types would not do: WITH x AS (COPY ... TO 'file') is a SELECT, and a table function may run SQL
    that it is given as text. Raises QueryError in one line. A text that does not parse passes: it will not run.
    """
    if not document["error"]:
        for entry in document["statements"]:
            _require_plain(entry["node"], text)
    elif document["error_type"] != "parser":
        for statement in connection.extract_statements(text):
            _require_asking(connection, statement)


def _require_asking(connection: Any, statement: Any) -> None:
    kind = statement.type.name
    if kind == "SELECT":
        require_question(connection, parsed(connection, statement.query), statement.query)
    elif kind in {"EXPLAIN", "MULTI"}:  # MULTI: a PIVOT without its values
        _require_harmless_words(connection, statement.query)
    else:
        first = re.match(r"\W*(\w+)", _COMMENT.sub(" ", statement.query))
        raise _closed(first[1].upper() if first else kind, statement.query)


def _require_plain(tree: Any, where: str) -> None:
    """Walk a tree: every node a query, every table function an open one."""
    if isinstance(tree, list):
        for entry in tree:
            _require_plain(entry, where)
    elif isinstance(tree, dict):
        kind = str(tree.get("type", ""))
        if kind.endswith("_NODE") and kind not in _QUERY_NODES:
            raise _closed(kind.split("_", maxsplit=1)[0], where)
        if kind == "TABLE_FUNCTION" and tree["function"]["function_name"].lower() not in _OPEN_FUNCTIONS:
            what = f"{tree['function']['function_name']}() is closed: sql reads the store only"
            raise QueryError(what, shortened(where), UNCONFINED)
        for entry in tree.values():
            _require_plain(entry, where)


def _closed(statement: str, where: str) -> QueryError:
    return QueryError(f"{statement} is closed: sql only asks (SELECT, ...)", shortened(where), UNCONFINED)


def _require_harmless_words(connection: Any, text: str) -> None:
    """The parser shows no tree of EXPLAIN and PIVOT: none of their words may be one that changes anything."""
    found = connection.execute(
        "SELECT function_name FROM duckdb_functions() WHERE function_type LIKE 'table%'"
    )
    closed = {row[0] for row in found.fetchall()} - _OPEN_FUNCTIONS | _CHANGING_WORDS
    words = set(re.findall(r"\w+", text.lower()))  # with those of comments and texts: rather too many
    for word in sorted(words & closed):
        what = f"the word {word} is closed to EXPLAIN, and to PIVOT without IN (...)"
        raise QueryError(what, shortened(text), UNCONFINED)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", _COMMENT.sub(" ", text).lower()))


def _may_read(names: frozenset[str]) -> frozenset[str] | None:
    return None if _BUILT_FROM_TEXT & names else names


def _read(tree: Any, ctes: frozenset[str]) -> Iterator[str]:
    """Names of relations and of table functions below a node, without those of the `ctes` in scope."""
    if isinstance(tree, list):
        for entry in tree:
            yield from _read(entry, ctes)
    elif isinstance(tree, dict) and not _asks_for_columns(tree):
        yield from _own(tree, ctes)
        inner = ctes
        for name, node in _ctes_of(tree):
            is_recursive = node["type"] == "RECURSIVE_CTE_NODE"
            yield from _read(node, inner | {name} if is_recursive else inner)
            inner |= {name}
        for key, entry in tree.items():
            if key != "cte_map":
                yield from _read(entry, inner)


def _asks_for_columns(node: dict[str, Any]) -> bool:
    """DESCRIBE and SHOW: the empty table that stands in for one that is not computed yet has all columns."""
    return node.get("type") == "SHOW_REF" and node["show_type"] != "SUMMARY"


def _own(node: dict[str, Any], ctes: frozenset[str]) -> Iterator[str]:
    kind = str(node.get("type", ""))
    if kind.endswith("_NODE") and kind not in _QUERY_NODES:
        raise _UnclearError
    if kind == "BASE_TABLE":
        name = node["table_name"].lower()
        if node["schema_name"] or name not in ctes:
            yield name
    elif kind == "TABLE_FUNCTION":
        yield node["function"]["function_name"].lower()


def _ctes_of(node: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and tree of each WITH of a node, in the order in which later ones see earlier ones."""
    for entry in (node.get("cte_map") or {}).get("map", ()):
        yield entry["key"].lower(), entry["value"]["query_node"]
