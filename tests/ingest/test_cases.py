"""Cases from the field: what came in, and what is right (expected.txt beside each)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analytics.cli import main
from analytics.ingest import IngestSummary, ingest
from analytics.ingest.known import read_table
from analytics.store import Store


@pytest.fixture
def case(shared: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A copy of the files of one case."""

    def copied(name: str) -> Path:
        shutil.copytree(shared / "cases" / name, tmp_path / name)
        (tmp_path / name / "expected.txt").unlink()
        return tmp_path / name

    return copied


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store.create_or_open(tmp_path / "store")


def rows(store: Store, table: str) -> list[dict[str, Any]]:
    """All rows of a raw table."""
    found: list[dict[str, Any]] = read_table(store, table).to_pylist()
    return found


def counts(summary: IngestSummary) -> tuple[int, int, int]:
    """Records stored, duplicate, rejected."""
    return summary.records_stored, summary.records_duplicate, summary.records_rejected


def test_job_records_that_are_all_known(case: Callable[[str], Path], store: Store) -> None:
    """sec-01: an export with nothing new, in a slightly different form, adds no row and ends well."""
    folder = case("sec-01-jobs-all-duplicates")
    assert counts(ingest(store, [folder / "a"])) == (10, 0, 0)
    second = ingest(store, [folder / "b"])
    assert (counts(second), second.exit_code) == ((0, 10, 0), 0)
    assert len(rows(store, "job_records")) == 10


@pytest.mark.parametrize("at_once", [False, True])
def test_a_log_that_was_cut_in_its_last_line(
    case: Callable[[str], Path], store: Store, tmp_path: Path, at_once: bool
) -> None:
    """sec-02: the longer copy's record takes the place of what the cut left of it."""
    folder = case("sec-02-partial-last-line")
    alone = Store.create_or_open(tmp_path / "alone")
    ingest(alone, [folder / "2"])
    for paths in [[folder]] if at_once else [[folder / "1"], [folder / "2"]]:
        ingest(store, paths)
    found, expected = (sorted(row["message"] for row in rows(each, "trace")) for each in (store, alone))
    assert len(found) == 218
    assert found == expected


def test_an_event_without_a_date_in_a_grown_copy(case: Callable[[str], Path], store: Store) -> None:
    """sec-03: an event whose date says nothing is compared with the stored ones, too."""
    folder = case("sec-03-undated-events-grown")
    ingest(store, [folder / "a"])
    ingest(store, [folder / "b"])
    assert len(rows(store, "events")) == 1


def test_a_support_folder_with_bystanders(case: Callable[[str], Path], store: Store, capsys: Any) -> None:
    """22: what is no log is said, and alone makes no ingest partial."""
    folder = case("22-support-folder-with-bystanders")
    assert main(["ingest", str(folder), "--store", str(store.path)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "systeminfo.txt: not a log (systeminfo)" in said
    assert len(rows(store, "trace")) == 2
    assert rows(store, "rejects") == []


def test_the_same_file_twice(case: Callable[[str], Path], store: Store, capsys: Any) -> None:
    """23: a copy in another folder is no fault; it is noted."""
    folder = case("23-same-file-twice")
    assert main(["ingest", str(folder), "--store", str(store.path)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "3 stored, 3 duplicate, 0 rejected" in said
    assert "same content as" in said
    assert len(rows(store, "events")) == 3
