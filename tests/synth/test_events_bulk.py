"""Big event logs: their size, their counts, and that readers find all records."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from analytics.errors import UsageError
from analytics.synth import write_event_log
from analytics.synth.events.kinds import KINDS
from analytics.synth.events.record import WinEvent
from analytics.synth.files.evtx_writer import CHUNK_BYTES, write_evtx


def test_evtx_of_a_size(tmp_path: Path) -> None:
    """The file is at most as large as wanted, and a reader finds exactly the records that were counted."""
    evtx = pytest.importorskip("evtx")
    path = tmp_path / "big.evtx"
    written = write_event_log(path, 2_000_000)

    records = list(evtx.PyEvtxParser(str(path), validate_checksums=True).records())
    of_backups = [text["data"] for text in records if "VSSAudit" in text["data"] or "VHDMP" in text["data"]]

    assert path.stat().st_size == written.size_bytes
    assert 2_000_000 - CHUNK_BYTES < written.size_bytes <= 2_000_000
    assert [record["event_record_id"] for record in records] == list(range(1, written.records + 1))
    assert len(of_backups) == written.of_backups


def test_xml_of_a_size(tmp_path: Path) -> None:
    """The XML form is one document of at most that size."""
    path = tmp_path / "big.xml"
    written = write_event_log(path, 500_000, "xml")

    assert 498_000 < written.size_bytes <= 500_000
    assert len(ET.fromstring(path.read_bytes())) == written.records


@pytest.mark.parametrize(("less", "lost"), [(0, 0), (1, 1)])
def test_xml_that_just_fits(tmp_path: Path, less: int, lost: int) -> None:
    """The wished size is the largest one."""
    whole = write_event_log(tmp_path / "a.xml", 20_000, "xml")
    written = write_event_log(tmp_path / "b.xml", whole.size_bytes - less, "xml")

    assert written.records == whole.records - lost


def test_both_forms_hold_the_same_stream(tmp_path: Path) -> None:
    """The same seed gives the same bytes, another seed others; another form is refused."""
    contents = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_event_log(tmp_path / name, 300_000, seed=seed)
        contents.append((tmp_path / name).read_bytes())

    assert contents[0] == contents[1] != contents[2]
    with pytest.raises(UsageError, match="csv"):
        write_event_log(tmp_path / "d", 300_000, "csv")


def test_dirty_flag(tmp_path: Path) -> None:
    """A log copied while it was open carries the dirty flag in its header, and its checksum still fits."""
    event = WinEvent(KINDS["vss_8224"], 1_738_587_600_000_000, 1, "HV01", ("",))
    flags = []
    for dirty in (False, True):
        write_evtx(tmp_path / "a.evtx", [event], dirty=dirty)
        flags.append(struct.unpack_from("<I", (tmp_path / "a.evtx").read_bytes(), 120)[0])

    assert flags == [0, 1]
