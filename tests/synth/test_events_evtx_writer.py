"""The .evtx writer: three independent readers see exactly the records that were written."""

from __future__ import annotations

import random
import struct
import xml.etree.ElementTree as ET
from pathlib import Path
from uuid import UUID
from zlib import crc32

import pytest

from analytics.synth.events.record import VML_EVENT_LOG, Kind, Provider, WinEvent, fields_of
from analytics.synth.files.events_xml import write_xml, xml_of
from analytics.synth.files.evtx_writer import CHUNK_BYTES, name_hash, write_evtx

VSS = Kind("vss", Provider("VSS"), 8229, "Application", 3, fields_of("*, *"), keywords=1 << 55, qualifiers=0)
VHDMP = Kind(
    "vhdmp",
    Provider("Microsoft-Windows-VHDMP", "e2816346-87f4-4f85-95c3-0c79409aa89d"),
    1,
    "Microsoft-Windows-VHDMP-Operational",
    fields=fields_of(
        "UnicodeString VhdFileName, UInt32 VhdDiskNumber, Pointer VirtualDisk, GUID VmId, Boolean ReadOnly, "
        "SYSTEMTIME CommitTime, FILETIME BackupTime, HexInt32 Status, AnsiString VhdMetaOps, UInt64 Big"
    ),
)
VMMS = Kind(
    "vmms",
    Provider("Microsoft-Windows-Hyper-V-VMMS", "6066f867-7ca1-4418-85fd-36e3f9c0600c"),
    10111,
    "Microsoft-Windows-Hyper-V-VMMS-Admin",
    2,
    fields_of("UnicodeString VmName, UnicodeString VmId"),
    shape=VML_EVENT_LOG,
)
SCM = Kind(
    "scm",
    Provider("Service Control Manager", "555908d1-a6d7-4695-8e1e-26931d2012f4", "Service Control Manager"),
    7036,
    "System",
    fields=fields_of("UnicodeString param1, UnicodeString param2"),
    qualifiers=16384,
)
BARE = Kind("bare", Provider("Microsoft-Windows-Backup", "1db28f2e-8f80-4027-8c5a-a11f7f10f62d"), 2, "Backup")
VM_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def event(number: int) -> WinEvent:
    """The n-th event: five shapes in turn, with markup, Japanese and empty texts."""
    at_us, identity = 1_738_587_600_123_000 + number * 1_000_123, (1000 + number, "HV01.contoso.local")
    shapes = (
        (VSS, (f"a\n<b>&\"'会計{number}", ""), b"- Code: \x00\xff"),
        (
            VHDMP,
            (
                f"\\\\?\\Volume{{x}}\\髙\\{number}.vhd",
                number,
                0xFFFFB5031D1C0040,
                VM_ID,
                number % 2 == 0,
                *(at_us, at_us),
                0x800423F3,
                "Merge",
                2**63,
            ),
            None,
        ),
        (VMMS, ("<script>alert(1)</script>", VM_ID.upper()), None),
        (SCM, ("Volume Shadow Copy", "running"), "VSS/4\0".encode("utf-16-le")),
        (BARE, (), None),
    )
    kind, values, binary = shapes[number % len(shapes)]
    return WinEvent(kind, at_us, *identity, values, binary, user_sid="" if kind in (VSS, SCM) else "S-1-5-18")


def local(element: ET.Element) -> str:
    """Tag without its namespace."""
    return element.tag.rpartition("}")[2]


def plain(text: str | None) -> str:
    """A value as far as the readers agree on it: GUIDs bare and lower case, hexadecimal and Booleans unified."""
    text = (text or "").strip()
    if text.startswith("0x"):
        return hex(int(text, 16))
    if text in ("True", "False"):
        return text.lower()
    try:
        return str(UUID(text)) if len(text) in (36, 38) else text
    except ValueError:
        return text


def same(xml: str, skip: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """All elements of an event in order, with attributes and text; empty attributes count as missing."""
    # ElementTree is enough here: our own writer made the text.
    root = ET.fromstring(xml.encode("utf-8"))
    rows = []
    for element in root.iter():
        attributes = {
            name: plain(value)
            for name, value in element.attrib.items()
            if value and name not in {"SystemTime", "xmlns"}
        }
        name = element.attrib.get("Name", "")
        text = "" if local(element) in skip or name in skip or len(element) else plain(element.text)
        rows.append((local(element), *sorted(f"{key}={value}" for key, value in attributes.items()), text))
    return rows


def times(xml: str) -> str:
    """TimeCreated up to the microsecond, in one form."""
    start = xml.index("SystemTime=") + 12
    return xml[start : start + 26].replace(" ", "T")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[WinEvent]]:
    """A log of several chunks."""
    path = tmp_path_factory.mktemp("evtx") / "Application.evtx"
    events = [event(number) for number in range(350)]
    assert write_evtx(path, events) == len(events)
    return path, events


def test_pyevtx_rs_reads_every_record(log: tuple[Path, list[WinEvent]]) -> None:
    """The Rust reader gives every record as it was written, times to the microsecond."""
    evtx = pytest.importorskip("evtx")
    path, events = log

    read = [record["data"] for record in evtx.PyEvtxParser(str(path), validate_checksums=True).records()]

    skip = ("CommitTime", "BackupTime")
    assert [same(xml, skip) for xml in read] == [same(xml_of(event), skip) for event in events]
    assert [times(xml) for xml in read] == [times(xml_of(event)) for event in events]


def test_libevtx_reads_every_record(log: tuple[Path, list[WinEvent]]) -> None:
    """The reader libevtx finds no damage and gives every record as it was written."""
    pyevtx = pytest.importorskip("pyevtx")
    path, events = log
    file = pyevtx.file()
    file.open(str(path))

    read = [file.get_record(number).xml_string for number in range(file.number_of_records)]

    skip = ("CommitTime", "BackupTime")
    assert not file.is_corrupted()
    assert file.number_of_recovered_records == 0
    assert [same(xml, skip) for xml in read] == [same(xml_of(event), skip) for event in events]
    assert [times(xml) for xml in read] == [times(xml_of(event)) for event in events]
    file.close()


def test_python_evtx_reads_every_record(log: tuple[Path, list[WinEvent]]) -> None:
    """python-evtx verifies file and chunks and gives every record (it shows binary as base64, times rounded)."""
    reader = pytest.importorskip("Evtx.Evtx")
    path, events = log

    with reader.Evtx(str(path)) as file:
        assert file.get_file_header().verify()
        assert all(chunk.verify() for chunk in file.chunks())
        read = [record.xml() for record in file.records()]

    skip = ("CommitTime", "BackupTime", "Binary")
    assert [same(xml, skip) for xml in read] == [same(xml_of(event), skip) for event in events]


def test_checksums_and_numbers_of_chunks(log: tuple[Path, list[WinEvent]]) -> None:
    """File header, chunk headers and records carry the right checksums, numbers and record ids."""
    path, events = log
    data = path.read_bytes()
    next_id, chunks = struct.unpack_from("<Q", data, 24)[0], struct.unpack_from("<H", data, 42)[0]

    assert struct.unpack_from("<I", data, 124)[0] == crc32(data[:120])
    assert next_id == events[-1].record_id + 1
    assert len(data) == 4096 + chunks * CHUNK_BYTES
    number = 1
    for start in range(4096, len(data), CHUNK_BYTES):
        chunk = data[start : start + CHUNK_BYTES]
        first, last, first_id, last_id = struct.unpack_from("<4Q", chunk, 8)
        free, records_crc = struct.unpack_from("<II", chunk, 48)
        assert first == number
        assert (first_id, last_id) == (999 + first, 999 + last)
        assert records_crc == crc32(chunk[512:free])
        assert struct.unpack_from("<I", chunk, 124)[0] == crc32(chunk[128:512], crc32(chunk[:120]))
        number = last + 1
    assert number == len(events) + 1


def test_records_of_random_length_never_tear(tmp_path: Path) -> None:
    """Whatever the lengths are, a record that does not fit moves to the next chunk whole."""
    evtx = pytest.importorskip("evtx")
    rng = random.Random(5)
    events = [
        event(5 * number)._replace(values=("x" * rng.randrange(0, 9000), "日" * rng.randrange(0, 2000)))
        for number in range(300)
    ]
    write_evtx(tmp_path / "a.evtx", events)

    read = list(evtx.PyEvtxParser(str(tmp_path / "a.evtx"), validate_checksums=True).records())

    assert [record["event_record_id"] for record in read] == [event.record_id for event in events]


def test_a_record_larger_than_a_chunk_is_refused(tmp_path: Path) -> None:
    """64 KiB is the limit of a record; the writer says which event breaks it."""
    with pytest.raises(ValueError, match="larger than a chunk"):
        write_evtx(tmp_path / "a.evtx", [event(0)._replace(values=("x" * 40_000, ""))])


def test_an_empty_log_is_a_log(tmp_path: Path) -> None:
    """A cleared log has one chunk and no record, and readers accept it."""
    evtx = pytest.importorskip("evtx")
    write_evtx(tmp_path / "a.evtx", [])

    assert list(evtx.PyEvtxParser(str(tmp_path / "a.evtx")).records()) == []


def test_hash_of_names() -> None:
    """The hashes that Windows wrote beside `System`, `Guid` and `Data` in a real log."""
    assert [name_hash(name) for name in ("System", "Guid", "Data")] == [0x546F, 0x1529, 0x6F8A]


def test_xml_document_holds_the_same(tmp_path: Path) -> None:
    """The XML export is one document with one event per element."""
    events = [event(number) for number in range(10)]
    write_xml(tmp_path / "a.xml", events)

    root = ET.fromstring((tmp_path / "a.xml").read_bytes())

    assert len(root) == len(events)
    assert [local(child) for child in root] == ["Event"] * len(events)
