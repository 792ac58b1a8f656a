"""The relations that a text of SQL reads, as DuckDB's own parser sees them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

__all__ = ["names_read"]

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_BUILT_FROM_TEXT = frozenset({"query", "query_table"})  # table functions that are given names or SQL as text
_KNOWN_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})


class _UnclearError(Exception):
    """The tree holds something that this module does not know."""


def names_read(connection: Any, text: str) -> frozenset[str] | None:
    """Lower-case names of the relations that a text reads: exact for SELECT, DESCRIBE and SUMMARIZE.

    Of other statements (EXPLAIN, PREPARE, COPY, PIVOT, ...) any word counts as a name; a text that does not parse reads
    nothing. None, any relation, where the text builds names itself.
    """
    found = connection.execute("SELECT json_serialize_sql($text::VARCHAR)", {"text": text}).fetchall()
    document = json.loads(found[0][0])
    if document["error"]:
        return frozenset() if document["error_type"] == "parser" else _words(text)
    nodes = [entry["node"] for entry in document["statements"]]
    try:
        names = frozenset(name for node in nodes for name in _read(node, frozenset()))
    except _UnclearError:
        return _words(text)
    return None if _BUILT_FROM_TEXT & names else names


def _words(text: str) -> frozenset[str] | None:
    words = frozenset(re.findall(r"\w+", _COMMENT.sub(" ", text).lower()))
    return None if _BUILT_FROM_TEXT & words else words


def _read(tree: Any, ctes: frozenset[str]) -> Iterator[str]:
    """Names of relations and of table functions below a node, without those of the `ctes` in scope."""
    if isinstance(tree, list):
        for entry in tree:
            yield from _read(entry, ctes)
    elif isinstance(tree, dict):
        yield from _own(tree, ctes)
        inner = ctes
        for name, node in _ctes_of(tree):
            is_recursive = node["type"] == "RECURSIVE_CTE_NODE"
            yield from _read(node, inner | {name} if is_recursive else inner)
            inner |= {name}
        for key, entry in tree.items():
            if key != "cte_map":
                yield from _read(entry, inner)


def _own(node: dict[str, Any], ctes: frozenset[str]) -> Iterator[str]:
    kind = str(node.get("type", ""))
    if kind.endswith("_NODE") and kind not in _KNOWN_NODES:
        raise _UnclearError
    if kind in {"BASE_TABLE", "SHOW_REF"}:
        name = node["table_name"].lower()
        if name and (node["schema_name"] or name not in ctes):
            yield name
    elif kind == "TABLE_FUNCTION":
        yield node["function"]["function_name"].lower()


def _ctes_of(node: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and tree of each WITH of a node, in the order in which later ones see earlier ones."""
    for entry in (node.get("cte_map") or {}).get("map", ()):
        yield entry["key"].lower(), entry["value"]["query_node"]
