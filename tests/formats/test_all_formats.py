from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.formats import FORMATS, Head, Reading, by_name, recognise
from analytics.formats.format import row_schema
from analytics.formats.reading.batching import BATCH_ROWS, in_batches

ROOT = Path(__file__).parents[2]
TESTED_APART = {"dpm-errlog", "evtx"}
SAMPLES = sorted(path for entry in FORMATS for path in (ROOT / "sample_logs" / entry.name).glob("*.*"))
OTHERS = [path for path in SAMPLES if path.parent.name not in TESTED_APART]
REAL_FORMATS = {
    **dict.fromkeys(("01", "02", "03", "04", "05"), "dpm-errlog"),
    **dict.fromkeys(("07", "08", "11"), "event-text"),
    **dict.fromkeys(("09", "10", "12", "13", "17"), "dpm-console-details"),
    "16": "cbengine-job-history",
}
REAL_RECORDS = {"07": 1, "08": 1, "09": 5, "10": 8, "11": 2, "12": 2, "13": 1, "16": 0, "17": 1}

# What is used of each damaged file, and the reasons for the rest.
DAMAGED = {
    "jobs-csv.csv": (
        4,
        [
            "is no GUID",
            "cells where the header has 16",
            "lies before the start",
            "never closed",
            "NUL characters",
        ],
    ),
    "vms-csv.csv": (2, ["MaxSizeBytes: '?' is no whole number", "PassThrough: 'perhaps' is neither"]),
    "collection-json.json": (0, ["broken JSON"]),
    "get-dpmjob-csv.csv": (2, ["CreatedTime: '32.13.2025", "10 cells where the header has 9"]),
    "dpm-job-history.txt": (2, ["line outside a table", "the columns do not stand", "'2/31/2025"]),
    "cbengine-job-history.txt": (
        2,
        ["comment line", "the line may be cut", "Data Transfer (MB): '-------8'"],
    ),
    "dpm-console-details.txt": (2, ["neither a known label", "End time: 'eleven' is no date"]),
    "log-analytics.csv": (2, ["JobUniqueId is empty", "JobDurationInSecs: 'long' is no number"]),
    "task-trail-csv.csv": (2, ["StoppedDateTime: ", "lies before the start"]),
    "events-xml.xml": (
        2,
        [
            "text that is no event",
            "broken XML",
            "names no provider",
            "Entity 'e' not defined",
            "ends inside this event",
        ],
    ),
    "events-csv.csv": (2, ["'yesterday' is no date", "'many' is no whole", "2 cells where", "never closed"]),
    "events-json.json": (
        2,
        [
            "broken JSON: Expecting value",
            "names no provider",
            "neither evtx_dump's",
            "no JSON object",
            "broken JSON",
        ],
    ),
    "dpm-alerts-csv.csv": (
        1,
        [
            "OccurredSince: 'yesterday'",
            "states neither a text nor a data source",
            "3 cells where the header has 6",
        ],
    ),
    "vssadmin-writers.txt": (
        1,
        [
            "text that belongs to no writer",
            "text that belongs to no writer",
            "state [99999] is no state",
            "lacks an id or its state",
        ],
    ),
    "winevent-list.txt": (
        1,
        [
            "text that belongs to no record",
            "'yesterday' is no date",
            "EventID: 'many' is no whole",
            "text that belongs to no record",
            "names no provider",
        ],
    ),
    "winevent-table.txt": (
        1,
        ["'yesterday' is no date", "EventID: 'many' is no whole", "do not stand under the line of dashes"],
    ),
    "event-text.txt": (1, ["text that belongs to no event", "Event ID: '?' is no whole number"]),
}


def names(paths: list[Path]) -> list[str]:
    """Short names for test ids."""
    return [f"{path.parent.name}/{path.name}" for path in paths]


def encoded(path: Path, encoding: str) -> bytes | None:
    """A sample in another encoding, with LF; None where the encoding lacks one of its characters."""
    try:
        return Head(path.name, path.read_bytes()).text.replace("\r\n", "\n").encode(encoding)
    except UnicodeEncodeError:
        return None


ENCODED = [
    pytest.param(path, encoding, id=f"{path.parent.name}/{path.name}-{encoding}")
    for path in OTHERS
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp932", "cp1252")
    if encoded(path, encoding) is not None
]


class TestRealSamples:
    def test_each_is_claimed_by_exactly_one_format(self, shared: Path, claims) -> None:
        """Every published sample is claimed by the one format it belongs to."""
        paths = (shared / "samples" / "dpm").glob("*.txt")
        claimed = {path.name[:2]: [entry.name for entry in claims(path.read_bytes())] for path in paths}
        assert claimed == {number: [name] for number, name in REAL_FORMATS.items()}

    @pytest.mark.parametrize(("number", "records"), REAL_RECORDS.items())
    def test_each_record_is_stored(self, number: str, records: int, shared: Path, read) -> None:
        """Every real record of the samples is stored; only the comments of their collector are rejected."""
        (path,) = (shared / "samples" / "dpm").glob(f"{number}_*")
        outcome = read(path.read_bytes())
        assert len(outcome.rows) == records
        assert set(outcome.reasons) == {"comment line"}


def with_lf(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """The rows with line feeds alone inside their texts."""
    return [{k: v.replace("\r\n", "\n") if isinstance(v, str) else v for k, v in row.items()} for row in rows]


class TestSamples:
    def test_every_format_has_a_sample(self) -> None:
        """Each format of this folder proves itself by at least one sample and one damaged file."""
        formats = {entry.name for entry in FORMATS} - TESTED_APART
        assert formats == {path.parent.name for path in OTHERS}
        assert formats == {name.rsplit(".", 1)[0] for name in DAMAGED}

    @pytest.mark.parametrize("path", OTHERS, ids=names(OTHERS))
    def test_intact_samples_have_no_rejects(self, path: Path, read) -> None:
        """Every sample is claimed by the format whose folder it lies in, and read without a reject."""
        outcome = read(path.read_bytes())
        assert outcome.format == path.parent.name
        assert outcome.rejects == []
        assert outcome.rows

    @pytest.mark.parametrize(("path", "encoding"), ENCODED)
    def test_every_encoding_gives_the_same_rows(self, path: Path, encoding: str, read) -> None:
        """Each sample, in any encoding that can hold it, gives the same rows; line ends in a cell stay."""
        other = encoded(path, encoding)
        assert other is not None
        assert with_lf(read(other).rows) == with_lf(read(path.read_bytes()).rows)

    @pytest.mark.parametrize("name", DAMAGED)
    def test_damaged_files(self, name: str, read) -> None:
        """Of a damaged file the good records are used; each bad one is a reject with reason and place."""
        outcome = read((Path(__file__).parent / "damaged" / name).read_bytes())
        stored, reasons = DAMAGED[name]
        assert outcome.format == name.rsplit(".", 1)[0]
        assert len(outcome.rows) == stored
        assert len(outcome.rejects) == len(reasons), outcome.reasons
        assert all(any(part in reason for reason in outcome.reasons) for part in reasons), outcome.reasons
        assert all("byte_offset" in row for row in outcome.rejects)

    @pytest.mark.parametrize("path", OTHERS, ids=names(OTHERS))
    def test_a_cut_file_keeps_its_whole_records(self, path: Path, outcome) -> None:
        """A file that was cut anywhere never stops the reader and makes at most one record more."""
        data = path.read_bytes()
        entry = by_name(path.parent.name)
        assert entry is not None
        whole = outcome(entry, data, Reading()).rows
        for size in range(len(data) // 3, len(data), len(data) // 17):
            cut = outcome(entry, data[:size], Reading()).rows
            assert len(cut) <= len(whole) + 1


class TestUnknown:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "\n\n",
            "hello world",
            "a,b,c\n1,2,3\n",
            "Name,Status\nVM1,ok\n",
            '{"name": "x"}',
            "[]",
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'></Event>",
            "Type: car\nColour: red\n",
            "----- -----\n",
            "\0" * 500,
            "MZ\x90\0\3\0\0\0",
        ],
    )
    def test_other_texts_are_claimed_by_nobody(self, text: str) -> None:
        """Texts of other kinds are unknown."""
        assert recognise(Head("x", text.encode("utf-8"))) is None


def test_batches_are_bounded() -> None:
    """No batch holds more rows than the bound, and none is lost."""
    rows = (("rejects", {"reason": str(number)}) for number in range(BATCH_ROWS * 2 + 1))
    assert [batch.rows.num_rows for batch in in_batches(rows)] == [BATCH_ROWS, BATCH_ROWS, 1]


def test_formats_are_declared_completely() -> None:
    """Names are unique, and each format says what it is, which tables it fills and on what evidence."""
    assert len({entry.name for entry in FORMATS}) == len(FORMATS)
    for entry in FORMATS:
        assert entry.title
        assert entry.evidence
        assert all(row_schema(table) for table in entry.tables)
        assert by_name(entry.name) is entry


@pytest.mark.parametrize("path", OTHERS, ids=names(OTHERS))
def test_no_reader_raises(path: Path, outcome) -> None:
    """Whatever follows a valid beginning, the reader yields rows and rejects and never raises."""
    entry = by_name(path.parent.name)
    assert entry is not None
    data = path.read_bytes()
    line_end = "\r\n".encode(Head("x", data).encoding)
    beginning = line_end.join(data.split(line_end)[:4]) + line_end
    pieces = st.sampled_from(
        [
            line_end,
            b",",
            b";",
            b'"',
            b"\0",
            b"-----",
            b"2025-02-30",
            b"9" * 30,
            b"Type:",
            b"(ID 1 x: 0x",
            *data.split(line_end),
        ]
    )

    @settings(max_examples=25, deadline=None)
    @given(st.one_of(st.binary(max_size=200), st.lists(pieces, max_size=12).map(b"".join)))
    def check(rest: bytes) -> None:
        outcome(entry, beginning + rest, Reading(time_zone="Asia/Tokyo"))
        outcome(entry, rest, Reading())

    check()
