"""Which relations a text of SQL reads: never too few, and only those where DuckDB's parser can tell."""

from __future__ import annotations

import pytest

from analytics.sql import catalogue, model_queries, open_session
from analytics.sql.engines.duckdb import open_engine
from analytics.sql.order import STORED_NAMES, in_order, named_in, reads, relations
from analytics.store import Store
from analytics.tables import PLANNED, TABLES

EXACT = {
    "SELECT count(*) AS jobs FROM vms": {"vms"},
    "SELECT jobs.* FROM vms AS jobs": {"vms"},
    "SELECT 'FROM jobs' -- FROM sla": set(),
    "/* FROM sla */ SELECT vm FROM vms; -- FROM jobs": {"vms"},
    'SELECT * FROM "Jobs"': {"jobs"},
    "FROM JOBS j, main.sla, memory.main.vms": {"jobs", "sla", "vms"},
    "TABLE jobs": {"jobs"},
    "DESCRIBE jobs": set(),
    "SHOW jobs": set(),
    "SELECT * FROM (DESCRIBE SELECT * FROM jobs), vms": {"vms"},
    "SHOW TABLES": set(),
    "SUMMARIZE SELECT * FROM jobs": {"jobs"},
    "SELECT * FROM jobs WHERE vm = $vm": {"jobs"},
    "SELECT * FROM vms WHERE vm IN (SELECT vm FROM jobs)": {"vms", "jobs"},
    "SELECT (SELECT count(*) FROM jobs)": {"jobs"},
    "SELECT * FROM vms, LATERAL (SELECT * FROM jobs WHERE jobs.vm = vms.vm)": {"vms", "jobs"},
    "FROM vms UNION ALL FROM jobs": {"vms", "jobs"},
    "SELECT 1; SELECT * FROM jobs": {"jobs"},
    "PIVOT vms ON host IN ('A', 'B')": {"vms"},
    # names of a WITH
    "WITH jobs AS (SELECT * FROM vms) SELECT * FROM jobs": {"vms"},
    "WITH jobs AS (SELECT * FROM jobs) SELECT * FROM jobs": {"jobs"},
    "WITH a AS (FROM jobs), jobs AS (FROM vms) FROM a, jobs": {"jobs", "vms"},
    "WITH jobs AS (FROM vms) FROM main.jobs": {"vms", "jobs"},
    "FROM (WITH jobs AS (FROM vms) FROM jobs), jobs": {"vms", "jobs"},
    "WITH RECURSIVE jobs AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM jobs, vms WHERE n < 3) FROM jobs": {
        "vms"
    },
    "SELECT FROM": set(),
    "": set(),
}
AT_LEAST = {
    "EXPLAIN SELECT * FROM jobs": {"jobs"},
    "EXPLAIN ANALYZE FROM jobs": {"jobs"},
    "PREPARE p AS SELECT * FROM jobs; EXECUTE p": {"jobs"},
    "PIVOT jobs ON kind USING count(*)": {"jobs"},
    "WITH p AS (PIVOT jobs ON kind USING count(*)) FROM p": {"jobs"},
    "COPY jobs TO 'x.csv'": {"jobs"},
    "COPY (SELECT * FROM jobs) TO 'x.csv'": {"jobs"},
    "CREATE TABLE t AS SELECT * FROM jobs; SELECT * FROM t": {"jobs"},
    "CREATE VIEW v AS FROM jobs; FROM v": {"jobs"},
    "SET VARIABLE n = (SELECT count(*) FROM jobs)": {"jobs"},
    "WITH x AS (INSERT INTO jobs (vm) VALUES ('A') RETURNING *) FROM x": {"jobs"},
    "SELECT 1; PRAGMA table_info('jobs')": {"jobs"},
}
ANY = ("FROM query_table('jo' || 'bs')", "FROM query('FROM jo' || 'bs')", "EXPLAIN FROM query_table('jobs')")


@pytest.fixture(scope="module")
def engine():
    """An engine without relations: the parser needs none."""
    opened = open_engine()
    yield opened
    opened.close()


@pytest.mark.parametrize("text", EXACT)
def test_exactly(engine, text):
    """What a query names in FROM, and nothing that only looks like it."""
    assert engine.names_in(text) == EXACT[text]


@pytest.mark.parametrize("text", AT_LEAST)
def test_never_less(engine, text):
    """Statements that the parser does not show: rather too many."""
    assert engine.names_in(text) >= AT_LEAST[text]


@pytest.mark.parametrize("text", ANY)
def test_a_text_that_builds_names_may_read_any(engine, text):
    """The name is known only when the statement runs."""
    assert engine.names_in(text) is None


@pytest.mark.parametrize("name", sorted(model_queries()))
def test_the_order_knows_what_the_parser_knows(engine, name):
    """What a file of the model reads, found without an engine, is what the parser finds."""
    found = engine.names_in(model_queries()[name].sql)

    assert relations(name) == found & {*TABLES, *STORED_NAMES.values()}
    assert reads(name) == found & model_queries().keys() - {name}


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_a_named_query_says_what_it_reads(engine, name):
    """What a named query reads, found without an engine, is what the parser finds; no CTE is named as a table."""
    known = {*TABLES, *STORED_NAMES.values(), *(table.name for table in PLANNED)}
    found = engine.names_in(catalogue()[name].sql)

    assert found is not None
    assert named_in(catalogue()[name].sql) & known == found & known


def test_each_after_those_that_it_reads():
    """Every order is one in which nothing is read before it is computed."""
    ordered = in_order(model_queries())
    places = {name: place for place, name in enumerate(ordered)}

    assert len(places) == len(ordered)
    assert all(places[other] < places[name] for name in places for other in reads(name) if other in places)
    assert ordered.index("job_base") < ordered.index("sla")


def test_only_what_is_needed_is_computed(tmp_path):
    """A word that is no relation computes nothing."""
    with open_session(Store.create_or_open(tmp_path / "store")) as session:
        session.sql("SELECT count(*) AS jobs FROM vms AS sla")
        assert session.present == set()

        session.sql("SELECT count(*) FROM jobs")
        assert session.present & model_queries().keys() == set(in_order(["jobs"]))


def test_any_relation_means_all(tmp_path):
    """A name that is built by the statement finds its rows."""
    with open_session(Store.create_or_open(tmp_path / "store")) as session:
        assert session.sql("SELECT count(*) AS n FROM query_table('job' || '_base')").to_pylist() == [
            {"n": 0}
        ]
