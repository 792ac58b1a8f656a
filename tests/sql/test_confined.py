"""`sql` asks the store and does nothing else: each way out is refused in one line, and open with confined=False."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pytest

from analytics.errors import QueryError
from analytics.ingest import ingest
from analytics.sql import open_session
from analytics.store import Store

SAMPLE = Path(__file__).resolve().parents[2] / "sample_logs" / "vms-csv"
COPYING = "COPY (SELECT 1 AS a) TO '{out}'"

# {other}: a folder with other.csv, other.json, other.parquet; {out}: a file to make; {part}: a part of the store
READING = {
    "a text file": "FROM read_text('{other}/other.csv')",
    "bytes": "FROM read_blob('{other}/other.csv')",
    "a part of the store as bytes": "FROM read_blob('{part}')",
    "csv": "FROM read_csv('{other}/other.csv')",
    "csv, not spelled out": "FROM '{other}/other.csv'",
    "json": "FROM read_json('{other}/other.json')",
    "parquet": "FROM read_parquet('{other}/other.parquet')",
    "columns of a parquet file": "FROM parquet_schema('{other}/other.parquet')",
    "names of files": "FROM glob('{other}/*')",
    "how a file is read": "FROM sniff_csv('{other}/other.csv')",
    "in a subquery": "SELECT (SELECT content FROM read_text('{other}/other.csv')) AS content FROM range(1)",
    "in a WITH": "WITH t AS (FROM read_text('{other}/other.csv')) FROM t",
    "explained": "EXPLAIN ANALYZE FROM read_text('{other}/other.csv')",
    "pivoted": "PIVOT (FROM read_csv('{other}/other.csv')) ON a",
    "SQL as text": "FROM query('FROM range(3)')",
    "SQL as JSON": "FROM json_execute_serialized_sql(json_serialize_sql('FROM range(3)'))",
    "settings": "FROM duckdb_settings()",
    "secrets": "FROM duckdb_secrets()",
}
WRITING = {
    "copy": COPYING,
    "copy over a part": "COPY (SELECT 1 AS a) TO '{part}' (FORMAT parquet, USE_TMP_FILE false)",
    "copy in a WITH": f"WITH t AS ({COPYING}) FROM t",
    "copy in a WITH over a part": "WITH t AS (COPY (SELECT 1 AS a) TO '{part}' (FORMAT parquet)) FROM t",
    "copy in the second WITH": f"WITH a AS (FROM vms), t AS ({COPYING}) FROM t, a",
    "copy, explained": f"EXPLAIN ANALYZE {COPYING}",
    "copy, pivoted": f'WITH t AS ({COPYING}) PIVOT t ON "Count"',
    "copy, prepared": f"PREPARE p AS {COPYING}; EXECUTE p",
    "copy, second": f"SELECT 1; {COPYING}",
    "export": "EXPORT DATABASE '{out}'",
    "a database": "ATTACH '{out}' AS d",
    "a log": "CALL enable_logging(storage = 'file', storage_path = '{out}')",
    "a profile": "PRAGMA enable_profiling = 'no_output'",
    "a table": "CREATE TABLE own AS SELECT 1 AS a",
    "rows": "WITH t AS (INSERT INTO jobs (vm) VALUES ('A') RETURNING *) FROM t",
    "a view that is no more": "DROP VIEW vms",
}
SETTING = {
    "files": "SET enable_external_access = true",
    "folders": "SET allowed_directories = ['{other}']",
    "the lock": "RESET lock_configuration",
    "in passing": "SELECT 1; SET lock_configuration = false",
    "threads": "SET threads = 1",
    "a pragma": "PRAGMA enable_verification",
    "a variable": "SET VARIABLE x = 1",
}
REACHING = {
    "an extension": "INSTALL httpfs",
    "an extension, loaded": "LOAD '{other}/other.csv'",
    "the network": "FROM read_csv('http://127.0.0.1:9/x.csv')",
    "the network, not spelled out": "FROM 'http://127.0.0.1:9/x.csv'",
    "a database elsewhere": "ATTACH 'http://127.0.0.1:9/x.duckdb'",
    "a secret": "CREATE SECRET s (TYPE http, BEARER_TOKEN 'x')",
    "whose secret": "FROM which_secret('http://127.0.0.1:9/', 'http')",
    "a database to import": "IMPORT DATABASE '{other}'",
    "a grammar": "FROM add_grammar_extension('x', 'y')",
    "a variable of Python": "FROM frame",
}
WAYS = {
    f"{kind}: {name}": text
    for kind, ways in (("read", READING), ("write", WRITING), ("set", SETTING), ("reach", REACHING))
    for name, text in ways.items()
}
DAMAGING = {"write: copy over a part", "write: copy in a WITH over a part"}
IMPOSSIBLE = {"set: files", "set: the lock"}  # there is nothing to lift
OPEN = [way for way in WAYS if not way.startswith("reach") and way not in DAMAGING | IMPOSSIBLE]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A small store."""
    made = Store.create_or_open(tmp_path_factory.mktemp("confined") / "store")
    ingest(made, [str(SAMPLE)])
    return made


@pytest.fixture(scope="module")
def confined(store):
    """A session as it is by default."""
    with open_session(store) as session:
        yield session


@pytest.fixture
def filled(store, tmp_path):
    """Turn a way into SQL: with files beside the store, and a part of it."""
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "other.json").write_text('[{"a": 1}]', encoding="utf-8")
    pa.parquet.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    with store.snapshot() as parts:
        part = parts.files("vms")[0]
    return lambda way: WAYS[way].format(
        other=tmp_path.as_posix(), out=(tmp_path / "out").as_posix(), part=part.as_posix()
    )


def content(folder: Path) -> dict[str, str]:
    """All files below a folder, with what they hold."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


class TestRefused:
    def test_enough_of_them(self):
        """The issue asks for 25."""
        assert len(WAYS) >= 25

    @pytest.mark.parametrize("way", WAYS)
    def test_in_one_line(self, confined, store, filled, tmp_path, way):
        """A QueryError that names the way to open it; no file is read, made or changed."""
        frame = pa.table({"a": [1]})  # reachable from SQL in DuckDB's defaults
        text = filled(way)
        before = content(store.path), content(tmp_path)
        with pytest.raises(QueryError) as refused:
            confined.sql(text)

        said = str(refused.value)
        assert len(frame) == 1
        assert "\n" not in said
        assert way == "reach: a variable of Python" or "--unconfined" in said
        assert (content(store.path), content(tmp_path)) == before

    @pytest.mark.parametrize("way", [way for way in WAYS if "{other}" in WAYS[way] or "{out}" in WAYS[way]])
    def test_by_the_engine_as_well(self, confined, filled, way):
        """Were it let through, DuckDB itself would open no file but those of the store."""
        with pytest.raises(QueryError, match=r"sql reads the store only|locked|disabled"):
            confined.engine.result(filled(way), {}, way)

    def test_settings_by_the_engine_as_well(self, confined):
        """The configuration is locked."""
        with pytest.raises(QueryError, match="locked"):
            confined.engine.result("SET enable_external_access = true", {}, "test")

    def test_no_extension_on_its_own(self, confined):
        """Nothing is downloaded or loaded because a query seems to need it."""
        assert confined.sql(
            "SELECT name FROM (SELECT current_setting('autoinstall_known_extensions') AS name)"
        ).to_pylist() == [{"name": False}]
        assert confined.sql("SELECT current_setting('autoload_known_extensions') AS x").to_pylist() == [
            {"x": False}
        ]


class TestOpen:
    @pytest.mark.parametrize("way", OPEN)
    def test_unconfined(self, store, filled, way):
        """What needs neither network nor secret works in a session that is not confined."""
        with open_session(store, confined=False) as session:
            session.sql(filled(way))

    @pytest.mark.parametrize(
        ("text", "rows"),
        [
            ("SELECT count(*) AS n FROM vms", 1),
            ("FROM vms SELECT vm LIMIT 2", 2),
            ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) FROM r", 5),
            ("SELECT * FROM range(3) AS r, unnest([1, 2])", 6),
            ("VALUES (1), (2)", 2),
            ("SELECT 1; SELECT 2 AS copy", 1),
            ("EXPLAIN SELECT * FROM vms", 1),
            ("EXPLAIN ANALYZE SELECT * FROM vms", 1),
            ("SELECT kind FROM json_each('[1, 2, 3]', '$') AS e(kind)", 3),
            ("FROM query_table('site')", 1),
            ("SELECT 'COPY x TO y' AS copy -- INSTALL z", 1),
            ("SELECT table_name FROM information_schema.tables WHERE table_name = 'jobs'", 1),
            ("SELECT * FROM histogram('vms', 'vm') LIMIT 1", 1),
        ],
    )
    def test_questions_are_answered(self, confined, text, rows):
        """Whatever only asks."""
        assert confined.sql(text).num_rows == rows

    def test_pivot_describe_summarize_show(self, confined):
        """Statements that are questions, too."""
        for text in (
            "PIVOT vms ON vhd_format USING count(*) GROUP BY host",
            "PIVOT vms ON vhd_format IN ('VHD', 'VHDX') USING count(*) GROUP BY host",
            "DESCRIBE vms",
            "SUMMARIZE vms",
            "SHOW TABLES",
            "SHOW ALL TABLES",
        ):
            assert confined.sql(text).num_rows > 0
