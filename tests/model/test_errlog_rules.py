"""The three places that tell which errlog record is a marker agree: SQL, the slow reader, the fast one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.formats.errlog.marker_rules import marker_rules
from analytics.ingest import IngestOptions, ingest
from analytics.sql import open_session
from analytics.store import Store

TASK = "B58FB72E-8A2F-4970-843B-D7968B34E3C3"
OTHER_FILE = "somethingelse.cpp"


def records() -> Iterator[tuple[str, str]]:
    """Source file and message: each rule's own, and whatever lies near it."""
    for rule in marker_rules():
        file = rule.file or OTHER_FILE
        for message in (
            rule.text,
            f"{rule.text}\n   at System.Something()",
            f"Something else\n   at {rule.text}",
            f"{rule.text} and more",
            f"Before: {rule.text}",
            rule.text[:-1],
            rule.text[1:],
            rule.text.upper() + "!",
            rule.text.lower() + "?",
        ):
            yield file, message
            yield file.upper(), f"{message} (file in capitals)"
            yield OTHER_FILE, f"{message} (another file)"
            yield f"x{file}", f"{message} (a longer name)"
            yield file[:9] + ".cpp", f"{message} (a shorter name)"


RECORDS = list(dict.fromkeys(records()))


def numbered() -> Iterator[tuple[int, tuple[str, str]]]:
    """The records with the line on which each begins."""
    number = 1
    for file, message in RECORDS:
        yield number, (file, message)
        number += 1 + message.count("\n")


def line(number: int, file: str, message: str) -> str:
    """An errlog record of its own millisecond."""
    second, millisecond = divmod(number, 1000)
    stamp = f"02/03\t13:{second // 60:02}:{second % 60:02}.{millisecond:03}"
    return f"0A44\t4B18\t{stamp}\t31\t{file}(233)\t[00000003A0EABA50]\t{TASK}\tNORMAL\t{message}\n"


@pytest.fixture(scope="module")
def log(tmp_path_factory) -> Path:
    """A log with all these records, one a line."""
    path = tmp_path_factory.mktemp("logs") / "DPMRACurr.errlog"
    text = "".join(line(number, *record) for number, record in numbered())
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def lines_of(log: Path, folder: Path, level: str, query: str) -> set[int]:
    """The line numbers that a query finds where only records of that level are kept."""
    store = Store.create_or_open(folder / level)
    summary = ingest(store, [log], IngestOptions(host="HV01", year=2025, trace_level=level))
    assert summary.records_rejected == 0
    with open_session(store, keep=False) as session:
        return {row["line_no"] for row in session.sql(query).to_pylist()}


def test_a_record_is_a_marker_for_all_or_for_none(log, tmp_path):
    """The model finds the markers that the rules mean; --trace markers keeps them and no other."""
    meant = {number for number, (file, message) in numbered() if marker_rules().find(file, message)}
    found = lines_of(log, tmp_path, "all", "SELECT line_no FROM log_markers")
    kept = lines_of(log, tmp_path, "markers", "SELECT line_no FROM trace")

    assert found == meant
    assert kept == meant
    assert 0 < len(meant) < len(RECORDS) / 2
