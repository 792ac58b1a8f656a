"""Facts of a source that ingest writes once: what it holds, which service wrote it, the key of its computer."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analytics.formats import FORMATS, Head
from analytics.formats.errlog.services import SERVICES, service_of
from analytics.ingest import IngestOptions, ingest
from analytics.ingest.keys import host_key
from analytics.ingest.known import read_table
from analytics.sql import open_session
from analytics.store import Store
from analytics.tables import HOST_KEYS

SAMPLES = Path(__file__).parents[2] / "sample_logs"
ESTATE = SAMPLES / "estate"


def service(name: str, text: str = "") -> str | None:
    """The service of a file with that name and beginning."""
    return service_of(Head(name, text.encode("utf-8")))


class TestService:
    @pytest.mark.parametrize("name", SERVICES)
    def test_every_service_by_its_file(self, name: str) -> None:
        """Each service is told by the names of its current, its older and its crashed log, in any case."""
        for file in (f"{name}Curr.errlog", f"{name}0.errlog", f"{name}CURR.ERRLOG".upper(), f"{name}.errlog"):
            assert service(file) == name
        assert service(f"{name}Curr.errlog.2016-06-01_20-55-45.Crash") == name
        assert service(f"HV01-{name}Curr.errlog") == name

    @pytest.mark.parametrize(
        "name", ["log.txt", "DPMACX.errlog", "MyMSDPMCurr.errlog", "MSDPM-and-DPMRA.txt", ""]
    )
    def test_other_names_say_nothing(self, name: str) -> None:
        """A name that only contains a service's letters, or names two, tells none."""
        assert service(name) is None

    def test_what_findstr_left_before_the_lines(self) -> None:
        """Where the file's name is silent, the log that every line names tells the service; two logs tell none."""
        lines = "N1-DPMRACurr.errlog:0CF4  9-May ...\n"
        assert service("all.txt", lines) == "DPMRA"
        assert service("all.txt", lines + "MSDPMCurr.errlog:0900  9-May ...\n") is None
        assert service("all.txt", "---------- C:\\MSDPM\\CBENGINECURR.ERRLOG\n") == "CBEngine"

    @pytest.mark.parametrize("name", SERVICES)
    def test_stores_of_older_versions(self, name: str, tmp_path: Path) -> None:
        """Where a source does not say its service, the name of its file does, never a folder."""
        files = (
            f"{name}Curr.errlog",
            f"{name}0.errlog",
            f"HV01-{name}CURR.ERRLOG",
            f"{name}Curr.errlog.x.Crash",
        )
        silent = (
            "log.txt",
            "DPMACX.errlog",
            f"{name}/log.txt",
            f"{name}-export/log.errlog",
            f"x{name}.zip!log.txt",
        )
        query = "SELECT service_of(NULL, NULL, $path) AS service"
        with open_session(Store.create_or_open(tmp_path)) as session:
            told = {
                path: session.sql(query, path=path)["service"][0].as_py()
                for path in (*(f"C:/msdpm-export/{file}" for file in files), *silent)
            }
        assert {(text or "").casefold() for path, text in told.items() if path not in silent} == {
            name.casefold()
        }
        assert {told[path] for path in silent} == {None}


class TestHostKey:
    @pytest.mark.parametrize(
        ("name", "key"),
        [
            ("HV01.contoso.local", "hv01"),
            ("HV01", "hv01"),
            (" hv01 ", "hv01"),
            ("10.0.0.17", "10.0.0.17"),
            ("バックアップ01.contoso.local", "バックアップ01"),
            ("", None),
            (".", None),
            (None, None),
        ],
    )
    def test_python_and_sql_agree(self, name: str | None, key: str | None, tmp_path: Path) -> None:
        """The key of a name, at ingest and by the macro for stores without the column."""
        assert host_key(name) == key
        with open_session(Store.create_or_open(tmp_path)) as session:
            assert session.sql("SELECT host_key_of($name) AS key", name=name)["key"].to_pylist() == [key]


def test_a_folder_named_after_a_service_renames_no_host(tmp_path: Path) -> None:
    """Logs of an agent in a folder msdpm-export have the hosts that their job records name."""
    hosts = {}
    for name in ("export", "msdpm-export"):
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(ESTATE / "HV01" / "DPMRACurr.errlog", folder)
        shutil.copy(ESTATE / "DPM01" / "jobs.csv", folder)
        store = Store.create_or_open(tmp_path / f"store-{name}")
        ingest(store, [folder], IngestOptions(year=2025))
        with open_session(store) as session:
            rows = session.sql(
                "SELECT host, host_from, host_key, count(*) AS n FROM trace"
                " WHERE host_from = 'job_record' GROUP BY ALL ORDER BY ALL"
            )
            hosts[name] = rows.to_pylist()
    assert hosts["export"] == hosts["msdpm-export"]
    assert [(row["host"], row["host_key"]) for row in hosts["export"]] == [("HV01", "hv01")]


def test_the_sources_of_an_estate(tmp_path: Path) -> None:
    """Every source has its kind, errlogs their service, and every computer its key."""
    store = Store.create_or_open(tmp_path / "store")
    ingest(store, [ESTATE])
    found = {(row["kind"], row["service"]) for row in read_table(store, "sources").to_pylist()}
    assert {("errlog", "DPMRA"), ("errlog", "MSDPM"), ("job_records", None), ("inventory", None)} <= found
    for table, keys in HOST_KEYS.items():
        for row in read_table(store, table).to_pylist():
            assert all(row[key] == host_key(row[name]) for key, name in keys.items())


def test_every_format_says_what_it_holds() -> None:
    """The kind of a source is known for every format."""
    assert {entry.kind for entry in FORMATS} >= {"errlog", "events", "job_records", "inventory", "collection"}
