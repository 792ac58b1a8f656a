"""Derived tables that are kept: a copy never says anything else than a store that is asked for the first time."""

from __future__ import annotations

import errno
import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.cli import main
from analytics.errors import QueryError
from analytics.places import rules_folder
from analytics.site import Site
from analytics.sql import Session, givens, keys, open_session
from analytics.sql import session as session_module
from analytics.sql.catalogue import model_queries
from analytics.store import Store
from analytics.store import derived as kept_files
from analytics.store.derived import DERIVED
from analytics.tables.rules import RULE_FILES
from tests.model.plain_estate import Estate, nightly

ASKED = ("jobs", "phases", "sla", "compliance", "vm_measures", "coverage")
SITES = (
    Site(time_zone="UTC"),
    Site(time_zone="UTC", vms_exclude=("B",)),
    Site(time_zone="Asia/Tokyo", schedules={"*": "daily"}),
)


def answers(store: Store, site: Site, **more: bool) -> dict[str, list[str]]:
    """Rows of some views, in an order of their own."""
    with open_session(store, site, **more) as session:
        return {name: rows(session, name) for name in ASKED}


def rows(session: Session, name: str) -> list[str]:
    """The rows of a view as texts, sorted."""
    return sorted(map(repr, session.sql(f"SELECT * FROM {name}").to_pylist()))


def copies(store: Store) -> list[Path]:
    """The kept files."""
    return sorted((store.path / DERIVED).glob("*.parquet"))


@pytest.fixture
def estate(tmp_path) -> Estate:
    """Two VMs, four nights."""
    return Estate(tmp_path).add([*nightly("A", range(4)), *nightly("B", range(4), start_h=29)])


@pytest.fixture
def computed(monkeypatch) -> list[str]:
    """The derived tables that sessions compute from now on."""
    from analytics.sql.engines.duckdb import DuckDB

    names: list[str] = []
    stream = DuckDB.stream

    def noted(engine: DuckDB, text: str, parameters: dict[str, object], where: str, sink: object) -> object:
        names.append(where)
        return stream(engine, text, parameters, where, sink)

    monkeypatch.setattr(DuckDB, "stream", noted)
    return names


class TestKept:
    def test_the_second_question_computes_nothing(self, estate, computed):
        """Neither the same one nor one about what the first was computed from."""
        first = answers(estate.store, SITES[0])
        assert set(ASKED) <= set(computed)
        computed.clear()

        assert answers(estate.store, SITES[0]) == first
        with open_session(estate.store, SITES[0]) as session:
            assert rows(session, "boundaries")
        assert computed == []

    def test_what_an_answer_does_not_need_stays_where_it_is(self, estate, computed):
        """Another backup window changes what is due, and no phase."""
        answers(estate.store, SITES[0])
        computed.clear()
        answers(estate.store, SITES[1])

        assert "sla" in computed
        assert not {"jobs", "phases", "log_markers"} & set(computed)

    def test_what_is_large_is_read_from_its_copy(self, estate, monkeypatch):
        """It does not stay in memory, and the answers are the same."""
        first = answers(estate.store, SITES[0], keep=False)
        monkeypatch.setattr(session_module, "_MOST_ROWS", 1)

        with open_session(estate.store, SITES[0]) as session:
            assert {name: rows(session, name) for name in ASKED} == first
            tables = session.engine.result("SELECT table_name AS name FROM duckdb_tables()", {}, "tables")
            views = session.engine.result("SELECT view_name AS name FROM duckdb_views()", {}, "views")
        assert not {"jobs", "phases"} & set(tables["name"].to_pylist())
        assert {"jobs", "phases"} <= set(views["name"].to_pylist())

    @pytest.mark.parametrize("is_folder", [False, True])
    def test_a_link_opens_nothing(self, estate, tmp_path, monkeypatch, is_folder):
        """A store from elsewhere may hold one: the file that it leads to stays closed, and answers are as ever."""
        first = answers(estate.store, SITES[0], keep=False)
        monkeypatch.setattr(session_module, "_MOST_ROWS", 1)
        outside, kept = tmp_path / "outside", estate.store.path / DERIVED
        outside.mkdir()
        (outside / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
        if is_folder:
            kept.symlink_to(outside, target_is_directory=True)
        else:
            kept.mkdir()
            (kept / "x.csv").symlink_to(outside / "x.csv")

        with open_session(estate.store, SITES[0]) as session:
            assert {name: rows(session, name) for name in ASKED} == first
            with pytest.raises(QueryError):
                session.sql(f"FROM '{(kept / 'x.csv').as_posix()}'")

    def test_a_relation_stands_in_the_order_of_its_key(self, estate):
        """Whatever the engine makes of it."""
        with open_session(estate.store, SITES[0]) as session:
            found = session.relation("sla").select(["vm", "night", "rule"]).to_pylist()

        assert found == sorted(found, key=lambda row: (row["vm"], row["night"], row["rule"]))

    def test_no_copies_where_none_are_wanted(self, estate):
        """Nothing is written, nothing is read."""
        answers(estate.store, SITES[0], keep=False)

        assert copies(estate.store) == []

    @pytest.mark.parametrize("change", ["query", "rules", "version"])
    def test_what_computes_is_part_of_the_key(self, estate, tmp_path, monkeypatch, computed, change):
        """Another query, other rules, another version: everything on top of it is computed again."""
        answers(estate.store, SITES[0])
        computed.clear()
        if change == "query":
            query = model_queries()["log_matches"]
            monkeypatch.setitem(model_queries(), "log_matches", replace(query, sql=query.sql + " "))
        elif change == "rules":
            rules = shutil.copytree(rules_folder(), tmp_path / "rules")
            statuses = (rules / RULE_FILES["job_statuses"].file).read_text(encoding="utf-8").splitlines(True)
            (rules / RULE_FILES["job_statuses"].file).write_text("".join(statuses[:-1]), encoding="utf-8")
            monkeypatch.setattr(givens, "rules_folder", lambda: rules)
        else:
            monkeypatch.setattr(keys, "VERSION", "0.0.0")
        answers(estate.store, SITES[0])

        assert {"jobs", "phases", "sla"} <= set(computed)
        assert ("log_markers" in computed) == (change == "version")


class TestNeverStale:
    @pytest.mark.parametrize("seed", range(4))
    def test_whatever_happens_in_between(self, tmp_path, seed):
        """Nights, late nights, site files, lost and damaged copies: each answer is that of a first question."""
        chance = random.Random(seed)
        estate = Estate(tmp_path).add(nightly("A", [0]))
        left = [
            *nightly("A", range(1, 6)),
            *nightly("B", range(6), server="DPM02"),
            *nightly("C", range(0, 6, 2)),
        ]
        chance.shuffle(left)
        site = SITES[0]
        first: dict[tuple[int, int], dict[str, list[str]]] = {}  # answers by what was read and the site
        for _ in range(6):
            match chance.choice(["ingest", "site", "cut", "flip", "delete"]):
                case "ingest":
                    estate.add([left.pop() for _ in range(min(len(left), chance.randrange(1, 4)))])
                case "site":
                    site = chance.choice(SITES)
                case damage if found := copies(estate.store):
                    damaged(chance.choice(found), damage)
            asked = estate.exports, SITES.index(site)
            if asked not in first:
                first[asked] = answers(estate.store, site, keep=False)
            assert answers(estate.store, site) == first[asked]


def damaged(copy: Path, how: str) -> None:
    """Cut, change or delete a copy."""
    content = bytearray(copy.read_bytes())
    content[len(content) // 2] ^= 4
    if how == "delete":
        copy.unlink()
    else:
        copy.write_bytes(content if how == "flip" else content[: len(content) // 2])


class TestBadPlaces:
    @pytest.mark.parametrize("where", ["folder", "file"])
    def test_a_disk_that_refuses(self, estate, monkeypatch, capsys, where):
        """The answer is given; one line says why it was not kept."""

        def refuse(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(*((Path, "mkdir") if where == "folder" else (kept_files, "NewFile")), refuse)

        assert main(["sql", "--store", str(estate.store.path), "SELECT count(*) AS jobs FROM jobs"]) == 0
        said = capsys.readouterr()
        assert "8" in said.out
        assert said.err.count("\n") == 1
        assert "No space left on device" in said.err
        assert copies(estate.store) == []

    def test_a_folder_that_leads_elsewhere(self, estate, tmp_path):
        """No file is written or read beyond a link."""
        outside = tmp_path / "outside"
        outside.mkdir()
        (estate.store.path / DERIVED).symlink_to(outside, target_is_directory=True)
        with open_session(estate.store, SITES[0]) as session:
            assert rows(session, "jobs")
            assert session.not_kept

        assert list(outside.iterdir()) == []

    def test_a_file_where_the_folder_should_be(self, estate):
        """The answer is given, and why it was not kept."""
        (estate.store.path / DERIVED).write_text("no folder", encoding="utf-8")
        with open_session(estate.store, SITES[0]) as session:
            assert rows(session, "jobs")
            assert "no folder of the store" in str(session.not_kept)

    def test_a_file_of_another_table(self, estate):
        """Renamed, it is no copy of that table."""
        answers(estate.store, SITES[0])
        sla, jobs = (next((estate.store.path / DERIVED).glob(f"{name}-*")) for name in ("sla", "jobs"))
        shutil.copy(jobs, sla)

        assert answers(estate.store, SITES[0]) == answers(estate.store, SITES[0], keep=False)

    def test_two_at_once(self, estate, computed):
        """Neither finds what the other computes; each has its answer, and so has whoever comes next."""
        with open_session(estate.store, SITES[0]) as one, open_session(estate.store, SITES[0]) as other:
            assert rows(one, "sla") == rows(other, "sla")
        computed.clear()

        assert answers(estate.store, SITES[0])
        assert "sla" not in computed

    def test_what_nobody_uses_goes(self, estate, monkeypatch):
        """A day after its last use, when the table is next written; drafts of killed writers as well."""
        answers(estate.store, SITES[0])
        old = {path.name for path in copies(estate.store) if path.name.startswith("sla-")}
        (estate.store.path / DERIVED / "0123.draft").touch()
        answers(estate.store, SITES[1])
        assert old < {path.name for path in copies(estate.store)}
        monkeypatch.setattr(kept_files, "_GRACE_S", -60.0)
        answers(estate.store, SITES[2])

        assert not old & {path.name for path in copies(estate.store)}
        assert not (estate.store.path / DERIVED / "0123.draft").exists()
