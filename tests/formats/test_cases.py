"""Real situations, each with what is right in its expected.txt (shared/cases), read as a user reads them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from analytics.cli import main


@dataclass(frozen=True)
class Case:
    """What an ingest of a case gave: its exit code, and its store to be asked."""

    code: int
    ask: Callable[[str], list[dict[str, Any]]]

    @property
    def rejects(self) -> int:
        """How many records were rejected."""
        return self.ask("SELECT count(*) AS n FROM rejects")[0]["n"]

    @property
    def formats(self) -> list[str]:
        """The formats of the files, in the order of their paths."""
        return [row["format"] for row in self.ask("SELECT format FROM sources ORDER BY path")]


@pytest.fixture
def case(shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Case]:
    """Ingest a case of the collected material, by its number or full name, or some of its files."""

    def ask(query: str) -> list[dict[str, Any]]:
        capsys.readouterr()
        assert main(["sql", "--store", str(tmp_path / "store"), "--format", "json", query]) == 0
        return json.loads(capsys.readouterr().out)

    def run(number: str, *names: str, **options: str) -> Case:
        (folder,) = (shared / "cases").glob(f"{number}-*")
        paths = [folder / name for name in names] or [folder]
        words = [
            f"--{name.replace('_', '-')}={value}".replace("CASE", str(folder))
            for name, value in options.items()
        ]
        inputs = [path for path in paths if path.name != "expected.txt"]
        return Case(
            main(["ingest", *map(str, inputs), "--store", str(tmp_path / "store"), "--quiet", *words]), ask
        )

    return run


def test_19_task_report_with_mapped_columns(case) -> None:
    """A report whose columns the site file maps is recognised by the mapping; 01.01.0001 is not started yet."""
    result = case("19", "report-de.csv", site="CASE/site.toml")
    rows = result.ask("SELECT * FROM job_records ORDER BY created_at")
    assert (result.code, result.formats, result.rejects) == (0, ["get-dpmjob-csv"], 0)
    assert [row["data_source"][-4:] for row in rows] == ["VM01", "VM02"]
    assert [row["status"] for row in rows] == ["Succeeded", "Failed"]
    assert (rows[0]["started_at"], rows[0]["ended_at"]) == (
        "2025-02-03T21:00:04+00:00",
        "2025-02-03T21:12:45+00:00",
    )
    assert (rows[1]["started_at"], rows[1]["error_text"]) == (None, "Recovery point creation failed")


def test_20_get_dpmjob_with_type_line(case) -> None:
    """Guard: Select-Object | Export-Csv of jobs with their #TYPE line."""
    result = case("20", "plain-select.csv")
    (row,) = result.ask("SELECT * FROM job_records")
    assert (result.code, result.formats) == (0, ["get-dpmjob-csv"])
    assert (row["data_source"][-4:], row["status"], row["bytes_transferred"]) == (
        "VM01",
        "Succeeded",
        1 << 30,
    )
