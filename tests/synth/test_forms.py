"""The forms and encodings of errlog files against the expressions of dpm-formats.md 1.8."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
import synth_reading as reading

from analytics.synth import Knobs, write_estate

SMALL = {
    "vms": 6,
    "nights": 2,
    "seed": 11,
    "hostile_share": 0.5,
    "online_share": 0.4,
    "continuation_share": 0.2,
}
MARKS = {"utf-16": codecs.BOM_UTF16_LE, "utf-16-no-bom": b"", "utf-8": b"", "utf-8-bom": codecs.BOM_UTF8}


@pytest.mark.parametrize("encoding", MARKS)
def test_encoding_and_mark(tmp_path: Path, encoding: str) -> None:
    """Each errlog begins with the encoding's mark and holds the same text in all encodings."""
    write_estate(tmp_path / "plain", Knobs(**SMALL, encoding="utf-8"))
    write_estate(tmp_path / "out", Knobs(**SMALL, encoding=encoding))

    for path in reading.errlogs(tmp_path / "out"):
        content = path.read_bytes()
        twin = tmp_path / "plain" / path.relative_to(tmp_path / "out")
        assert content.startswith(MARKS[encoding])
        assert content[:2] != codecs.BOM_UTF16_LE or encoding == "utf-16"
        assert reading.decode(content) == twin.read_bytes().decode("utf-8")


@pytest.mark.parametrize("form", ["raw", "no-pid"])
def test_tab_forms(tmp_path: Path, form: str) -> None:
    """Every line is a record of ten (eight) fields or of a stack trace; PID and TID are there or not."""
    write_estate(tmp_path / "out", Knobs(**SMALL, form=form))
    lines = [line for path in reading.errlogs(tmp_path / "out") for line in reading.lines_of(path)]
    found = [reading.RAW.match(line) for line in lines]
    others = {line[:9] for line, match in zip(lines, found, strict=True) if not match}

    assert sum(map(bool, found)) > 100
    assert others == {"System.Fo", "   at Sys", "   at Mic"}
    assert {bool(match["pid"]) for match in found if match} == {form == "raw"}
    assert min(line.count("\t") for line, match in zip(lines, found, strict=True) if match) == (
        9 if form == "raw" else 7
    )


def test_blank_form(tmp_path: Path) -> None:
    """With blanks for tabs each record is read by the second expression, with its times and no task GUID."""
    write_estate(tmp_path / "raw", Knobs(**SMALL))
    write_estate(tmp_path / "out", Knobs(**SMALL, form="blanks"))
    blank = [reading.COLL.match(line) for line in all_lines(tmp_path / "out")]
    raw = [reading.RAW.match(line) for line in all_lines(tmp_path / "raw")]

    assert "\t" not in "".join(all_lines(tmp_path / "out"))
    assert [
        (m["pid"], m["tid"], m["md"], m["time"], m["src"], m["obj"], m["level"]) if m else None for m in blank
    ] == [
        (m["pid"], m["tid"], m["md"], m["time"], m["src"], m["obj"], m["level"]) if m else None for m in raw
    ]
    assert {m["task"] for m in blank if m} == {None}


def test_findstr_form(tmp_path: Path) -> None:
    """The form of samples 03 and 04: host in front, one id, whole seconds, messages with commas in quotes."""
    truth = write_estate(tmp_path / "out", Knobs(**SMALL, form="findstr"))
    lines = [
        line
        for path in sorted((tmp_path / "out").glob("HV*/*_findstr.txt"))
        for line in reading.lines_of(path)
    ]
    found = [reading.EXCEL.match(line) for line in lines]
    moments = Counter(
        datetime.strptime(f"2025-{match['d']} {match['t']} +0000", "%Y-%d-%b %I:%M:%S %p %z")
        for match in found
        if match and match["msg"] == "CFreeSnapshotSubTask: ReleaseSnapshot"
    )

    assert all(found)
    assert {match["file"] for match in found} == {"HV01-DPMRACurr.errlog", "HV02-DPMRACurr.errlog"}
    quoted = re.compile(r'(NORMAL|WARNING) "([^"]|"")*"$')
    assert all(quoted.search(line) for line in lines if "," in line or '"' in line)
    assert moments == Counter(
        datetime.fromisoformat(b.at) for b in truth.boundaries if b.boundary == "release_snapshot"
    )
    assert not list((tmp_path / "out").glob("HV*/*.errlog"))


def test_findstr_lines_look_like_the_sample(tmp_path: Path) -> None:
    """A line of the findstr form differs from sample 03 only in its host, id, time and blanks."""
    write_estate(tmp_path / "out", Knobs(**SMALL, form="findstr", hosts=1))
    lines = reading.lines_of(tmp_path / "out" / "HV01" / "DPMRA_findstr.txt")
    sample = (
        "HV01-DPMRACurr.errlog:{id}  3-Feb {time} vsssnapshotrequestor.cpp(170) NORMAL "
        "CVssSnapshotRequestor::InitializeSnapshotCreation"
    )
    match = reading.EXCEL.match(lines[0])

    assert match is not None
    assert " ".join(lines[0].split()) == " ".join(sample.format(id=match["id"], time=match["t"]).split())


def all_lines(folder: Path) -> list[str]:
    """The lines of all logs of an estate."""
    return [line for path in reading.errlogs(folder) for line in reading.lines_of(path)]
