"""Whatever is wrong with one source, the others are stored; what is no fault makes no exit code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.cli import main
from analytics.formats import FORMATS, Batch, Reading
from analytics.ingest import ingest
from analytics.ingest.known import read_table
from analytics.sources import Source
from analytics.store import Store

LINE = "0CF4\t1A10\t01/05\t12:00:0{second}.000\t31\tagent.cpp(1)\t\t\tNORMAL\tx\n"
JOBS_HEADER = (
    "TaskId,JobId,JobCategory,Status,Datasource,DatasourceType,ProductionServerName,ProtectionGroupName,\
CreatedTime,StartTime,EndTime,DataSizeBytes,ErrorCode,DetailedErrorCode,ErrorText,DpmServer\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three logs."""
    logs = tmp_path / "logs"
    logs.mkdir()
    for number, name in enumerate(("a", "b", "c")):
        (logs / f"{name}.errlog").write_text(LINE.format(second=number), "utf-8")
    return logs


def test_a_fault_of_ours_costs_one_source(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A format that is not ready for a source: what came before and all other sources are stored, books balance."""

    def unready(source: Source, reading: Reading) -> Iterator[Batch]:
        yield from errlog.read(source, reading)
        if source.name == "b.errlog":
            raise ValueError("never thought of this")

    errlog = next(entry for entry in FORMATS if entry.kind == "errlog")
    formats = tuple(replace(entry, read=unready) if entry is errlog else entry for entry in FORMATS)
    monkeypatch.setattr("analytics.formats.FORMATS", formats)
    store = tmp_path / "store"

    assert main(["ingest", str(folder), "--store", str(store)]) == 1
    said = capsys.readouterr()
    assert "never thought of this" in " ".join(said.out.split())
    assert "Traceback" in said.err
    assert read_table(Store.open(store), "trace").num_rows == 3
    for row in read_table(Store.open(store), "sources").to_pylist():
        assert row["records_read"] == row["records_stored"] + row["records_rejected"]
    monkeypatch.undo()
    assert main(["ingest", str(folder), "--store", str(store), "-q"]) == 4


def test_a_source_that_is_gone_when_it_is_read(folder: Path, tmp_path: Path) -> None:
    """A file that vanishes between being found and being read is said; the others are stored."""
    store = Store.create_or_open(tmp_path / "store")

    def vanish(_: object) -> None:
        (folder / "c.errlog").unlink(missing_ok=True)

    summary = ingest(store, [folder], progress=vanish)

    assert summary.records_stored == 2
    assert any("c.errlog" in problem for problem in summary.problems)


def test_a_table_without_a_record_is_said(folder: Path, tmp_path: Path) -> None:
    """A header alone is no fault, but worth a word; a file of no bytes cannot be read at all."""
    (folder / "jobs.csv").write_text(JOBS_HEADER, "utf-8")
    store = Store.create_or_open(tmp_path / "store")
    summary = ingest(store, [folder])
    assert [note.split(": ", 1)[1] for note in summary.notes] == [
        "no record in it, only what stands above the first one"
    ]
    assert summary.exit_code == 0

    (folder / "empty.csv").touch()
    summary = ingest(store, [folder])
    assert [problem.split(": ", 1)[1] for problem in summary.problems] == ["empty file"]
    assert summary.exit_code == 4


def test_only_bystanders_are_no_usable_input(tmp_path: Path) -> None:
    """A folder of pictures is no log folder."""
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    summary = ingest(Store.create_or_open(tmp_path.parent / "picture.store"), [tmp_path])
    assert ([source.status for source in summary.sources], summary.exit_code) == (["no-log"], 5)
    assert summary.problems == []


def test_what_was_rejected_counts_once(tmp_path: Path) -> None:
    """Copies of a damaged log: the summary counts the rejects that the store lists."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.errlog").write_text("# note\n" + LINE.format(second=1), "utf-8")
    store = Store.create_or_open(tmp_path / "store")
    for expected in ((1, 2, 1), (0, 3, 1)):
        summary = ingest(store, [tmp_path / "a", tmp_path / "b"])
        assert (summary.records_stored, summary.records_duplicate, summary.records_rejected) == expected
        assert summary.records_rejected == read_table(store, "rejects").num_rows
        assert summary.exit_code == 4
