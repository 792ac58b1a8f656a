"""README's questions, run as they stand on the samples: each has an answer."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Outcome

README = (ROOT / "README.md").read_text(encoding="utf-8")
QUESTIONS = README[README.index("\n## Questions") : README.index("\nIn Python:")]
STORE = "dpm-analytics ingest sample_logs/estate --store demo"
COMMANDS = [
    f"dpm-analytics sql --store demo {words[4:]}" if words.startswith("sql ") else words
    for words in re.findall(r"`((?:sql|dpm-analytics) [^`]+)`", QUESTIONS)
    if not re.fullmatch(rf"{STORE}|dpm-analytics sql --store demo|dpm-analytics [a-z]+", words)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where README's reader stands, with the store that README says to make."""
    from analytics.cli import main

    place = tmp_path_factory.mktemp("reader")
    (place / "sample_logs").symlink_to(ROOT / "sample_logs", target_is_directory=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        assert STORE in QUESTIONS
        assert main([*shlex.split(STORE)[1:], "--quiet"]) == 0
    return place


def test_there_are_questions() -> None:
    """The patterns find what is there: a row each, but for what needs another program."""
    assert len(COMMANDS) >= 18


@pytest.mark.parametrize("command", COMMANDS)
def test_each_has_an_answer(
    dpm: Callable[..., Outcome], folder: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Rows where rows are asked for, else something that is said or written."""
    monkeypatch.chdir(folder)
    words = shlex.split(command)[1:]
    outcome = dpm(*words)

    assert outcome.code == (2 if "--nagios" in words else 0)  # CRITICAL: that night was missed
    assert outcome.out
    if "-o" in words or "--out" in words:
        written = folder / words[words.index("-o" if "-o" in words else "--out") + 1]
        assert written.stat().st_size > 0
        if written.suffix == ".csv":
            assert len(written.read_text(encoding="utf-8-sig").splitlines()) > 1
    elif words[0] == "sql":
        assert not re.search(r"^\(0 rows", outcome.out, re.MULTILINE)
        assert outcome.err == ""


def test_the_parquet_of_the_store_is_where_readme_says(folder: Path) -> None:
    """The records as read, for DuckDB and DBeaver."""
    import duckdb

    (pattern,) = re.findall(r"'(demo[^']*\.parquet)'", QUESTIONS)
    files = str(folder / pattern.replace("\\", "/"))
    assert duckdb.sql(f"SELECT count(*) FROM '{files}'").fetchall()[0][0] > 0
