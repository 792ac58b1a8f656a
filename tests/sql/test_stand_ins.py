"""Relations are made when they are first named; nobody sees that they were not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.errors import QueryError
from analytics.planning import open_session
from analytics.sql import Session
from analytics.sql.catalogue import catalogue, model_queries
from analytics.store import Store
from analytics.tables import TABLES


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """Nothing read, nothing kept."""
    with open_session(Store.create_or_open(tmp_path / "store"), keep=False) as opened:
        yield opened


def relations_of(session: Session) -> set[str]:
    """What DuckDB has by name, asked past the session."""
    found = session.engine.result("SELECT table_name FROM duckdb_tables()", {}, "test")
    return set(found.column("table_name").to_pylist())


def test_a_small_question_makes_few(session: Session) -> None:
    """Most tables are not even made empty."""
    session.sql("SELECT count(*) FROM vms")
    before = relations_of(session)
    session.sql("SELECT count(*) FROM sla_rules")

    assert "sla_rules" not in before
    assert {"candidates", "phases", "predictions"}.isdisjoint(relations_of(session))
    assert len(before) < len(TABLES) / 2


def test_each_has_its_columns_at_the_first_question(session: Session) -> None:
    """Asked for in any spelling."""
    for name, table in TABLES.items():
        assert session.sql(f"DESCRIBE {name.upper()}").num_rows >= len(table.columns)
        assert set(table.column_names) <= set(session.sql(f'SELECT * FROM "{name}"').schema.names)


@pytest.mark.parametrize(
    "text",
    [
        "SHOW TABLES",
        "SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views()",
        "SELECT table_name FROM information_schema.tables",
        "DESCRIBE",
    ],
)
def test_a_list_of_tables_is_whole(session: Session, text: str) -> None:
    """Whatever lists them finds all."""
    found = session.sql(text)

    assert set(TABLES) <= {value for column in found.columns for value in map(str, column.to_pylist())}


def test_a_name_that_is_built(session: Session) -> None:
    """Nothing of the text says which table is read."""
    assert session.sql("SELECT * FROM query_table('s' || 'la')").schema.names == list(
        TABLES["sla"].column_names
    )


@pytest.mark.parametrize(("wrong", "near"), [("phasse", "phases"), ("candidate", "candidates")])
def test_an_unknown_name_is_told_the_nearest(session: Session, wrong: str, near: str) -> None:
    """Also one of a table that nobody named yet."""
    with pytest.raises(QueryError, match=f"did you mean {near}"):
        session.sql(f"SELECT * FROM {wrong}")


def test_macros_are_there_for_whoever_names_one(session: Session) -> None:
    """In SQL of the user too, in any case."""
    assert session.sql("SELECT Host_Key_Of('HV01.contoso.local') AS key").to_pylist() == [{"key": "hv01"}]


def test_the_queries_of_the_model_are_a_dictionary() -> None:
    """Each is read when it is asked for; a test may put another in its place."""
    found = model_queries()
    own, other = found["sla"], catalogue()["offenders"]

    assert {name for name, _ in found.items()} == set(found) == {query.name for query in found.values()}
    assert len(found) == len(set(found))
    assert "offenders" not in found
    found["sla"] = other
    assert found["sla"] is other
    del found["sla"]
    assert "sla" not in found
    found["sla"] = own
    assert found["sla"] is own
