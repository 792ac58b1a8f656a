"""Every view and query has the columns that are declared, on an empty store too."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.errors import StoreError
from analytics.planning import open_session
from analytics.sql import catalogue
from analytics.sql.engines.duckdb import open_engine
from analytics.store import Store
from analytics.tables import DERIVED, PLANNED, RAW, TABLES


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A session over an empty store."""
    with open_session(Store.create_or_open(tmp_path_factory.mktemp("empty") / "store")) as opened:
        yield opened


@pytest.mark.parametrize("table", [*RAW, *DERIVED, *PLANNED], ids=lambda table: table.name)
def test_columns_and_types_of_a_table(session, table):
    """What is declared comes first, in that order and of that type; further columns may follow."""
    session.sql(f'SELECT * FROM "{table.name}" LIMIT 0')  # DESCRIBE alone computes nothing
    found = session.sql(f'DESCRIBE "{table.name}"').to_pylist()
    shown = [(row["column_name"], row["column_type"]) for row in found]

    declared = [(column.name, column.sql_type) for column in table.columns]
    assert shown[: len(declared)] == declared


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_columns_of_a_query(session, name):
    """A named query gives the columns that its header declares."""
    declared = [column.name for column in catalogue()[name].columns]

    assert session.run(name).schema.names == declared


def test_every_relation_is_listed_before_it_is_computed(tmp_path):
    """SHOW TABLES, DESCRIBE and information_schema know all that the spine declares."""
    with open_session(Store.create_or_open(tmp_path / "store")) as session:
        listed = {row["name"] for row in session.sql("SHOW TABLES").to_pylist()}
        assert listed >= set(TABLES)
        columns = session.sql(
            "SELECT table_name AS name, column_name, data_type FROM information_schema.columns"
            " ORDER BY table_name, ordinal_position"
        ).to_pylist()
        assert session.present == set()

    found = {
        name: [(row["column_name"], row["data_type"]) for row in columns if row["name"] == name]
        for name in listed
    }
    for table in TABLES.values():
        declared = [(column.name, column.sql_type) for column in table.columns]
        assert found[table.name][: len(declared)] == declared


def test_a_foreign_part_brings_no_other_types(tmp_path):
    """A column of a part has the declared type, or the store is not opened; one that lacks is NULL."""
    table = TABLES["vms"]
    (tmp_path / "own").mkdir()
    lacking = table.schema.empty_table().drop_columns(["vm"])
    foreign = lacking.append_column("vm", pa.array([], pa.int64()))
    for name, rows in (("lacking", lacking), ("foreign", foreign)):
        pq.write_table(rows, tmp_path / f"{name}.parquet")
    engine = open_engine()
    engine.add_files("lacking", table, [tmp_path / "lacking.parquet"])
    with pytest.raises(StoreError, match="column vm is BIGINT"):
        engine.add_files("foreign", table, [tmp_path / "foreign.parquet"])

    assert engine.result("FROM lacking", {}, "test").schema.names == list(table.column_names)
    engine.close()


def test_a_part_that_is_no_parquet(tmp_path):
    """Whatever lies in its place, it is an error of the store."""
    (tmp_path / "x.parquet").write_text("<script>", encoding="utf-8")
    engine = open_engine()
    with pytest.raises(StoreError):
        engine.add_files("vms", TABLES["vms"], [tmp_path / "x.parquet"])
    engine.close()
