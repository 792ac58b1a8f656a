"""The fast writer of big errlog files."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
import synth_reading as reading

from analytics.errors import UsageError
from analytics.synth import write_errlog

SIZE_BYTES = 12_000_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-no-bom", "utf-8-bom"])
def test_size_and_lines(tmp_path: Path, encoding: str) -> None:
    """The file has the wished size less at most a line, ends with a line, and the counts are true."""
    path = tmp_path / "DPMRACurr.errlog"

    written = write_errlog(path, SIZE_BYTES, encoding)

    text = reading.decode(path.read_bytes())
    assert SIZE_BYTES - 1200 < path.stat().st_size == written.size_bytes <= SIZE_BYTES
    assert text.endswith("\r\n")
    assert (text.count("\n"), len(text)) == (written.lines, written.utf8_bytes)


def test_lines_are_real(tmp_path: Path) -> None:
    """Lines match the reference expression, times rise, each task begins once, a tenth are markers."""
    path = tmp_path / "DPMRACurr.errlog"
    write_errlog(path, SIZE_BYTES)
    lines = reading.lines_of(path)
    found = [match for match in map(reading.RAW.match, lines) if match]
    times = [match["md"] + match["time"] for match in found]
    inits = Counter(match["task"] for match in found if match["msg"].endswith("InitializeSnapshotCreation"))

    assert {line[:9] for line in lines if not reading.RAW.match(line)} == {
        "System.Fo",
        "   at Sys",
        "   at Mic",
    }
    assert times == sorted(set(times))
    assert len(inits) > 500
    assert set(inits.values()) == {1}
    known = [
        any(source == m["src"] and text in m["msg"] for _, source, text in reading.MARKERS) for m in found
    ]
    assert 0.08 < sum(known) / len(found) < 0.12


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    """The same seed gives the same file, another one another file."""
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_errlog(tmp_path / name, 1_000_000, seed=seed)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() != (tmp_path / "c").read_bytes()


def test_unknown_encoding_is_refused(tmp_path: Path) -> None:
    """An encoding that errlog files do not have is a usage error that lists the right ones."""
    with pytest.raises(UsageError, match="utf-16-no-bom"):
        write_errlog(tmp_path / "x", 1000, "cp932")


def test_fast_enough(tmp_path: Path) -> None:
    """100 MB take the processor some seconds at most (half a second here; line by line it would be a minute)."""
    begin = time.process_time()
    write_errlog(tmp_path / "DPMRACurr.errlog", 100_000_000)

    assert time.process_time() - begin < 20
