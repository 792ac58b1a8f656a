from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import evtx
import pytest

from analytics.errors import SourceError
from analytics.formats import Reading, by_name
from analytics.formats.events.events_json import EVENTS_JSON
from analytics.formats.events.events_xml import EVENTS_XML
from analytics.formats.events.evtx.evtx import EVTX
from analytics.formats.events.json_stream import BLOCK_BYTES
from analytics.formats.events.payload import host_of, operation_and_context
from analytics.sources import Source

SAMPLES = Path(__file__).parents[2] / "sample_logs"
VHD = "\\\\?\\Volume{99e30ae7-1c1f-4866-b29f-91477bd11d78}\\VM01\\VM01.vhdx"
CONTEXT = [
    ["Execution Context", "Writer"],
    ["Writer Class Id", "66841CD4-6DED-4F4B-8F17-FD23F8DDC3DE"],
    ["Writer Name", "Microsoft Hyper-V VSS Writer"],
    ["Command Line", "C:\\Windows\\system32\\vmms.exe"],
    ["Process ID", "2956"],
    ["Execution Context", "Coordinator"],
]


@pytest.fixture
def real(shared: Path) -> bytes:
    """A real log without any damage."""
    return (shared / "samples" / "evtx" / "server2022-System.evtx").read_bytes()


def by_id(rows: list[dict]) -> dict[int, dict]:
    """Rows by event id, their payload parsed."""
    return {row["event_id"]: row | {"data": json.loads(row["data"])} for row in rows}


class TestPayload:
    @pytest.mark.parametrize("name", ["events-xml/wevtutil.xml", "events-json/evtx_dump.jsonl"])
    def test_one_shape_from_every_format(self, name: str, read) -> None:
        """Named, unnamed and UserData payloads of XML and JSON are the same objects."""
        rows = by_id(read((SAMPLES / name).read_bytes()).rows)
        assert rows[25]["data"] == {"VhdFileName": VHD, "VirtualDisk": "0xffffa1009377fcd0"}
        assert rows[10103]["data"] == {
            "VmName": "仮想マシン <1>",
            "VmId": "AD567873-BFF5-4877-8E8B-4160CDE90488",
            "ErrorMessage": "%%2147942432",
            "ErrorCode": "0x80070020",
        }
        vss = rows[12293]["data"]
        assert (vss["1"], vss["2"]) == ("PostSnapshot", "0x8007045b, A system shutdown is in progress.\n")
        assert vss["Operation"] == ["PostSnapshot Event"]
        assert vss["Context"] == CONTEXT
        assert vss["Writer Name"] == "Microsoft Hyper-V VSS Writer"
        assert (vss["PID"], vss["TID"], vss["CMD"]) == ("2956", "180", "C:\\Windows\\system32\\vmms.exe")

    def test_evtx_and_evtx_dump_agree(self, real: bytes, outcome) -> None:
        """A real log and its evtx_dump give equal rows, as lines, as an array and as records."""
        whole = outcome(EVTX, real, Reading()).rows
        texts = [record["data"] for record in evtx.PyEvtxParser(io.BytesIO(real)).records_json()]
        records = "".join(f"Record {number}\n{text}\n" for number, text in enumerate(texts, 1))
        for form in ("\n".join(texts), f"[{','.join(texts)}]", records):
            result = outcome(EVENTS_JSON, form.encode(), Reading())
            assert result.rejects == []
            assert [row | {"data": json.loads(row["data"])} for row in result.rows] == [
                row | {"data": json.loads(row["data"])} for row in whole
            ]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
    def test_evtx_and_xml_agree(self, encoding: str, real: bytes, outcome) -> None:
        """A real log and its XML give equal rows, with or without a root."""
        whole = outcome(EVTX, real, Reading()).rows
        parser = evtx.PyEvtxParser(io.BytesIO(real))
        texts = [record["data"].split("?>", 1)[1] for record in parser.records()]
        for form in ("\n".join(texts), f"<Events>{''.join(texts)}</Events>"):
            result = outcome(EVENTS_XML, form.encode(encoding), Reading())
            assert result.rejects == []
            assert [row | {"data": json.loads(row["data"])} for row in result.rows] == [
                row | {"data": json.loads(row["data"])} for row in whole
            ]

    def test_block_of_another_language(self) -> None:
        """In languages without known titles the first block is the operation, the second the context."""
        text = "\n\nОперация:\n   Событие PostSnapshot\n\nКонтекст:\n   Имя: A: B\n   Имя: C\n"
        assert operation_and_context(text) == (["Событие PostSnapshot"], [("Имя", "A: B"), ("Имя", "C")])

    def test_hosts(self) -> None:
        """Hosts are short names as written; addresses stay whole."""
        assert [host_of(name) for name in ("HV01.contoso.local", "hv01", "10.0.0.5", "fe80::1", "", None)] == [
            "HV01", "hv01", "10.0.0.5", "fe80::1", None, None,
        ]  # fmt: skip


class TestXml:
    def test_rendered_message(self, read) -> None:
        """The Event Viewer's XML brings the rendered text; a payload of one empty string stays one."""
        row = by_id(read((SAMPLES / "events-xml/event_viewer.xml").read_bytes()).rows)[8224]
        assert row["message"] == "The VSS service is shutting down due to idle timeout."
        assert row["data"]["1"] is None
        assert row["at"] == datetime(2014, 5, 9, 16, 5, tzinfo=UTC)

    def test_nanoseconds_are_cut(self, read) -> None:
        """Times of 100 ns become microseconds."""
        row = by_id(read((SAMPLES / "events-xml/wevtutil.xml").read_bytes()).rows)[25]
        assert row["at"] == datetime(2014, 5, 9, 16, 0, 41, 123456, tzinfo=UTC)

    def test_byte_offsets(self, outcome) -> None:
        """A reject names the byte at which its event begins, in UTF-16 and behind umlauts, too."""
        good = (SAMPLES / "events-xml/wevtutil.xml").read_text(encoding="utf-8").splitlines()
        text = "".join([*good, "<Event><System></Sustem></Event>"])
        for encoding in ("utf-8", "utf-16-le"):
            (reject,) = outcome(EVENTS_XML, text.encode(encoding), Reading()).rejects
            assert (
                text.encode(encoding)[reject["byte_offset"] :]
                .decode(encoding)
                .startswith("<Event><System></S")
            )
            assert reject["record_no"] == 5

    def test_no_entity_is_followed(self, outcome) -> None:
        """Neither a file nor a billion laughs comes out of an entity."""
        good = (SAMPLES / "events-xml/wevtutil.xml").read_text(encoding="utf-8").splitlines()[-1]
        text = '<!DOCTYPE Events [<!ENTITY x SYSTEM "file:///etc/hostname">]><Events>' + good.replace(
            "inconsistent", "&x;"
        )
        result = outcome(EVENTS_XML, text.encode(), Reading())
        assert result.rows == []
        assert any("Entity 'x' not defined" in reason for reason in result.reasons)

    def test_control_characters_are_rescued(self, outcome) -> None:
        """Characters that XML forbids, which Windows writes all the same, cost no event."""
        good = (SAMPLES / "events-xml/wevtutil.xml").read_text(encoding="utf-8").splitlines()[-1]
        text = good.replace("replica", "rep\x02lica &#x1;")
        (row,) = outcome(EVENTS_XML, text.encode(), Reading()).rows
        assert json.loads(row["data"])["1"] == "The rep\ufffdlica \ufffd is inconsistent."


class TestTables:
    @pytest.mark.parametrize(
        ("name", "zone", "hour"),
        [
            ("event_viewer.csv", "America/New_York", 20),
            ("event_viewer_ja.csv", "Asia/Tokyo", 7),
            ("event_viewer_de.txt", "Europe/Berlin", 14),
        ],
    )
    def test_event_viewer_in_three_languages(self, name: str, zone: str, hour: int, read) -> None:
        """Local dates become UTC, levels numbers, the unnamed last column the message; the host is the source's."""
        data = (SAMPLES / "events-csv" / name).read_bytes()
        rows = by_id(read(data, Reading(time_zone=zone, host="HV01")).rows)
        row = rows[8224]
        assert (row["event_provider"], row["level"], row["host"]) == ("VSS", 4, "HV01")
        assert row["at"] == datetime(2014, 5, 9, hour, 5, tzinfo=UTC)
        assert "VSS" in row["message"]
        assert min(other["level"] for other in rows.values()) < 4

    def test_vss_block_of_a_message(self, read) -> None:
        """The Operation and Context of a VSS event are taken from its rendered text."""
        data = by_id(read((SAMPLES / "events-csv/event_viewer.csv").read_bytes()).rows)[12293]["data"]
        assert data["Operation"] == ["PostSnapshot Event"]
        assert data["Writer Name"] == "Microsoft Hyper-V VSS Writer"

    def test_get_winevent(self, read) -> None:
        """Export-Csv brings log, computer, record id and level."""
        (row,) = read((SAMPLES / "events-csv/get_winevent.csv").read_bytes()).rows
        assert (row["channel"], row["host"], row["record_id"], row["level"]) == (
            "Application",
            "HV01",
            905,
            4,
        )


class TestJson:
    @pytest.mark.parametrize("name", ["powershell_5.json", "powershell_7.json"])
    def test_powershell_dates(self, name: str, read) -> None:
        """/Date(…)/ of 5.1 and ISO with an offset of 7 are the same instant; properties go by position."""
        row = read((SAMPLES / "events-json" / name).read_bytes()).rows[0]
        assert row["at"] == datetime(2014, 5, 9, 16, 0, 43, 500000, tzinfo=UTC)
        assert json.loads(row["data"]) == {
            "1": "仮想マシン 1", "2": "AD567873-BFF5-4877-8E8B-4160CDE90488", "3": None, "4": "2147942432",
        }  # fmt: skip

    def test_winlogbeat(self, read) -> None:
        """Winlogbeat's unnamed texts have their name and their position; its user_data loses the element's name."""
        rows = by_id(read((SAMPLES / "events-json/winlogbeat.ndjson").read_bytes()).rows)
        assert rows[12293]["data"]["1"] == rows[12293]["data"]["param1"] == "PostSnapshot"
        assert rows[12293]["data"]["Operation"] == ["PostSnapshot Event"]
        assert rows[12293]["data"]["PID"] == "2956"
        assert rows[12293]["level"] == 2
        assert set(rows[10103]["data"]) == {"VmName", "VmId", "ErrorCode"}

    def test_objects_across_blocks(self, outcome) -> None:
        """Objects that end in a later block than they begin in are read, and offsets stay right."""
        line = (SAMPLES / "events-json/evtx_dump.jsonl").read_text(encoding="utf-8").splitlines()[2]
        count = 2 * BLOCK_BYTES // len(line.encode()) + 2
        data = "\n".join([line] * count + ['{"hello": 1}']).encode()
        result = outcome(EVENTS_JSON, data, Reading())
        assert len(result.rows) == count
        assert [data[row["byte_offset"] :] for row in result.rejects] == [b'{"hello": 1}']


@pytest.mark.parametrize("name", ["events-xml", "events-json", "events-csv"])
def test_a_stream_that_breaks_loses_nothing_that_came_before(name: str) -> None:
    """Events before the end of a truncated archive are rows, also where fewer than a batch of them wait."""
    xml = (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='VSS'/>"
    )
    xml += "<EventID>8224</EventID><TimeCreated SystemTime='2025-02-03T20:00:00Z'/><EventRecordID>{}</EventRecordID>"
    xml += "<Channel>Application</Channel><Computer>HV01</Computer></System><EventData/></Event>\n"
    fields = {
        "ProviderName": "VSS",
        "Id": 8224,
        "TimeCreated": "2025-02-03T20:00:00Z",
        "LogName": "Application",
    }
    texts = {
        "events-xml": "".join(xml.format(number) for number in range(1000)),
        "events-json": "".join(json.dumps(fields | {"RecordId": number}) + "\n" for number in range(1000)),
        "events-csv": "TimeCreated,ProviderName,Id,LogName,RecordId\n"
        + "".join(f"2025-02-03 20:00:00,VSS,8224,Application,{number}\n" for number in range(1000)),
    }
    data = texts[name].encode()

    class Broken(io.RawIOBase):
        """Gives all but the last bytes, then an error, as a truncated archive does."""

        place = 0

        def read(self, size: int = -1) -> bytes:
            end = len(data) - 30
            if self.place >= end:
                raise SourceError("the archive is truncated", "a.gz")
            part = data[self.place : min(end, self.place + size)]
            self.place += len(part)
            return part

    source = Source("a.gz", "a.gz", (), Broken)
    entry = by_name(name)
    assert entry is not None
    rows, rejects, problem = 0, 0, None
    try:
        for batch in entry.read(source, Reading()):
            rows += len(batch.rows) if batch.table == "events" else 0
            rejects += len(batch.rows) if batch.table == "rejects" else 0
    except SourceError as error:
        problem = error.what
    assert rows == 999
    assert rejects >= 1
    assert problem == "the archive is truncated" or name == "events-csv"


@pytest.mark.parametrize("layout", ["lines", "pretty"])
def test_json_whose_begin_is_cut(read, layout: str) -> None:
    """The end of a log, as `tail -c` gives it, is read from its first whole object on."""
    events = [
        {"ProviderName": "VSS", "Id": number, "LogName": "Application", "MachineName": "HV01", "Level": 2}
        for number in (1, 2, 3)
    ]
    stamped = [{"TimeCreated": "2025-02-03T00:00:00Z", **event} for event in events]
    text = "\n".join(map(json.dumps, stamped)) if layout == "lines" else json.dumps(stamped, indent=2)
    outcome = read(text[40:])
    assert [row["event_id"] for row in outcome.rows] == [2, 3]
    assert len(outcome.rejects) >= 1
