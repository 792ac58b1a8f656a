"""Errlog trace files: every form, exact values, and the exact place of whatever is damaged."""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.formats import Reading
from analytics.formats.errlog import dpm_errlog as errlog_format
from analytics.formats.errlog.dpm_errlog import ERRLOG
from analytics.sources import Source, text_chunks

# Of the processor, so that a busy machine is no failure.
MOST_S = 30.0
GUID = "8AE83798-7A85-466A-80CA-22CA66582965"
RAW = f"180C\t280C\t06/01\t20:54:55.393\t09\tAppAssert.cs(130)\t\t{GUID}\tWARNING\tnull"
NORMAL = (
    f"0CF4\t17D8\t06/01\t20:54:56.000\t31\tcsvapi.cpp(400)\t[000000001A12E3F0]\t{GUID}\tNORMAL\tmessage %d"
)
SAMPLE_02 = (
    r"0990 17D8 11/05 13:02:42.416 31 vsssnapshotrequestor.cpp(585) [00000000003970D0] NORMAL CVssSnapshotRequestor::"
    r" ProviderId:[{2F900F90-00E9-440E-873A-96CA5EB079E5}], h/w provider:[65536],"
    r" volume:[\\?\Volume{de393808-58d8-11df-be86-00155d4e0e00}" + "\\]"
)
SAMPLE_06 = """\
44B4 3968 10/21 21:02:21.611 69 AzureServiceManagementHelper.cs(320) 0517B3DB-347D-45A8-9DAB-FD7D1EA7D134 FATAL \
GetImportJobStatus:: Import job with name 'ImportJobName' is not found
44B4 3968 10/21 21:02:21.611 71 backupasync.cpp(1589) [000000001B73B830] 0517B3DB-347D-45A8-9DAB-FD7D1EA7D134 NORMAL \
PollAzureImportJob :: Import Job: 'ImportJobName' is in pending state: '1'
44B4 3968 10/21 21:02:21.611 71 backupasync.cpp(1607) [000000001B73B830] 0517B3DB-347D-45A8-9DAB-FD7D1EA7D134 WARNING \
PollAzureImportJob failed with error code: 1b7afbe0
44B4 3968 10/21 21:02:21.611 71 backupasync.cpp(1184) [000000001B73B830] 0517B3DB-347D-45A8-9DAB-FD7D1EA7D134 WARNING \
Failed: Hr: = [0x80780054] Offline Backup Progress: Failed" .....
"""
MARCH = datetime(2025, 3, 1, tzinfo=UTC)


def read(text: str | bytes, reading: Reading | None = None, encoding: str = "utf-8", **source: object):
    """Rows, rejects and the number of filtered records of a log."""
    data = text if isinstance(text, bytes) else text.encode(encoding)
    fields = {"name": "DPMRACurr.errlog", "modified_at": MARCH, **source}
    log = Source("DPMRACurr.errlog", folder=(), opener=lambda: io.BytesIO(data), seekable=True, **fields)
    rows, rejects, filtered = [], [], 0
    for batch in ERRLOG.read(log, reading or Reading()):
        (rejects if batch.table == "rejects" else rows).extend(batch.rows.to_pylist())
        filtered += batch.filtered
    return (
        sorted(rows, key=lambda row: row["line_no"]),
        sorted(rejects, key=lambda row: row["line_no"]),
        filtered,
    )


def values(row: dict[str, object]) -> dict[str, object]:
    """The fields that a record has."""
    return {key: value for key, value in row.items() if value is not None}


class TestForms:
    def test_raw(self):
        """Ten tab-separated fields (sample 01)."""
        (row,), rejects, _ = read(RAW + "\r\n", Reading(year=2016))

        assert rejects == []
        assert values(row) == {
            "line_no": 1,
            "at": datetime(2016, 6, 1, 20, 54, 55, 393000, tzinfo=UTC),
            "pid": "180C",
            "tid": "280C",
            "component": "09",
            "file": "AppAssert.cs",
            "file_line": 130,
            "task_id": GUID,
            "level": "WARNING",
            "message": "null",
        }

    def test_without_process_and_thread(self):
        """The form of sample 05: PID and TID cut off, the rest as it was."""
        (row,), rejects, _ = read(RAW.split("\t", 2)[2] + "\n", Reading(year=2016))

        assert rejects == []
        assert (row["pid"], row["tid"], row["task_id"], row["message"]) == (None, None, GUID, "null")

    def test_blanks_for_tabs(self):
        """Samples 02 and 06: object and GUID may both be missing, messages keep their own blanks and quotes."""
        (row,), rejects, _ = read(SAMPLE_02 + "\n", Reading(year=2010))
        assert rejects == []
        assert (row["pid"], row["tid"], row["object"], row["task_id"]) == (
            "0990",
            "17D8",
            "00000000003970D0",
            None,
        )
        assert row["message"].endswith("volume:[\\\\?\\Volume{de393808-58d8-11df-be86-00155d4e0e00}\\]")

        rows, rejects, _ = read(SAMPLE_06, Reading(year=2020))
        assert rejects == []
        assert [row["level"] for row in rows] == ["FATAL", "NORMAL", "WARNING", "WARNING"]
        assert [row["object"] for row in rows] == [None, *["000000001B73B830"] * 3]
        assert {row["task_id"] for row in rows} == {"0517B3DB-347D-45A8-9DAB-FD7D1EA7D134"}
        assert rows[3]["message"] == 'Failed: Hr: = [0x80780054] Offline Backup Progress: Failed" .....'

    def test_findstr_and_excel(self):
        """Samples 03 and 04: host from the prefix, clock with AM and PM, quotes of Excel only where they enclose."""
        text = (
            'N1-DPMRACurr.errlog:0CF4  9-May 4:01:06 PM a.cpp(585)  NORMAL "one, ""two"""\n'
            'N1-DPMRACurr.errlog:0CF4  9-May 12:00:00 AM a.cpp(585)  NORMAL the last is "quoted"\n'
        )
        rows, rejects, _ = read(text, Reading(year=2011))

        assert rejects == []
        assert [row["message"] for row in rows] == ['one, "two"', 'the last is "quoted"']
        assert [(row["host"], row["host_from"], row["pid"]) for row in rows] == [
            ("N1", "findstr", "0CF4")
        ] * 2
        assert [row["at"].hour for row in rows] == [16, 0]

    @pytest.mark.parametrize("number", ["01", "02", "03", "04", "05"])
    def test_every_real_line_is_stored(self, number, shared):
        """Of the real samples only the comment in the first line is rejected."""
        (path,) = (shared / "samples" / "dpm").glob(f"{number}_*")
        text = path.read_text(encoding="utf-8")
        rows, rejects, _ = read(text)

        assert [(row["line_no"], row["reason"]) for row in rejects] == [(1, "comment line")]
        assert [row["line_no"] for row in rows] == list(range(2, len(text.splitlines()) + 1))

    def test_find_headings_name_the_computer(self):
        """find.exe prints one heading per file; raw records below it belong to that computer, not to the last one."""
        text = f"\r\n---------- HV01-DPMRACURR.ERRLOG\r\n{RAW}\r\n\r\n---------- HV02-DPMRACURR.ERRLOG\r\n{RAW}\r\n"
        rows, rejects, _ = read(text, Reading(year=2016))

        assert rejects == []
        assert [(row["host"], row["host_from"]) for row in rows] == [("HV01", "findstr"), ("HV02", "findstr")]

    def test_dashes_in_a_stack_trace_are_no_heading(self):
        """A line of dashes belongs to the record above it; nothing is dropped in silence."""
        rows, rejects, _ = read(f"{RAW}\n---------- inner exception\n   at X\n", Reading(year=2016))

        assert rejects == []
        assert [row["message"] for row in rows] == ["null\n---------- inner exception\n   at X"]

    def test_messages_keep_tabs_and_quotes(self):
        """Only the first nine tabs separate fields; PIDs may have five digits."""
        rows, rejects, _ = read("1" + RAW + '\ta "b"\t\tc, d\t\r\n', Reading(year=2016))

        assert rejects == []
        assert (rows[0]["pid"], rows[0]["message"]) == ("1180C", 'null\ta "b"\t\tc, d\t')


class TestDamage:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "cp932"])
    def test_is_rejected_at_its_exact_place(self, encoding, monkeypatch):
        """Line number and byte offset of damaged lines are exact, wherever blocks end."""
        lines = [
            RAW,
            "   at 仮想.Stack(Trace x)",
            RAW.replace("20:54:55.393", "20:54:55"),
            "a line below it",
            RAW.replace("06/01", "13/01"),
            RAW,
            "\0\0\0\0",
            RAW.replace("20:54:55.393", "99:54:55.393"),
            "\0\0" + RAW,
            RAW.replace("06/01", "02/30"),
        ]
        data = "".join(line + "\r\n" for line in lines).encode(encoding)
        starts = [
            len("".join(line + "\r\n" for line in lines[:index]).encode(encoding))
            for index in range(len(lines))
        ]
        for size_bytes in (16, 150, 1 << 20):
            monkeypatch.setattr(
                errlog_format, "text_chunks", lambda s, e, *_, size=size_bytes: text_chunks(s, e, size)
            )
            rows, rejects, _ = read(data, Reading(year=2016, encoding=encoding))

            assert [row["line_no"] for row in rows] == [1, 6, 9]
            assert rows[0]["message"] == "null\n   at 仮想.Stack(Trace x)"
            assert [(row["line_no"], row["byte_offset"]) for row in rejects] == [
                (number, starts[number - 1]) for number in (3, 4, 5, 7, 8, 10)
            ]
            assert {row["at"].year for row in rows} == {2016}

    def test_reasons(self):
        """Each says what is wrong."""
        text = "\n".join(
            ["# comment", "orphan", RAW.replace("cs(130)", "cs"), RAW.replace("06/01", "13/41"), RAW[:40]]
        )
        _, rejects, _ = read(text, Reading(year=2016))

        words = ["comment line", "belongs to no record", "damaged record", "no such date", "damaged record"]
        assert all(word in row["reason"] for row, word in zip(rejects, words, strict=True)), rejects

    def test_the_last_line_may_be_cut(self):
        """A cut record is rejected as such; a whole one without line end is stored."""
        assert read(f"{RAW}\n06/0", Reading(year=2016))[1][0]["reason"] == "cut record at the end of the file"
        assert len(read(f"{RAW}\n{RAW}", Reading(year=2016))[0]) == 2

    def test_a_cut_utf16_character(self):
        """Half a character at the end costs no whole line."""
        rows, rejects, _ = read((RAW + "\r\n").encode("utf-16-le") + b"\x31", Reading(year=2016))

        assert len(rows) == 1
        assert ["inside a utf-16-le character" in row["reason"] for row in rejects] == [True]

    @pytest.mark.parametrize(
        "line",
        [
            "00:00:00" * 20_000,
            " " * 50_000 + "x",
            "N1.errlog:0C 9-May 4:00:00 PM a.c(1) N " + " " * 40_000 + "x",
            "a.errlog" * 20_000,
            "-" * 40_000,
            "\t" * 50_000,
        ],
    )
    def test_hostile_lines_take_linear_time(self, line):
        """Lines made to make patterns backtrack are read in a moment (here some milliseconds; else minutes)."""
        started = time.process_time()
        read(f"{RAW}\n{line}\n{RAW}\n", Reading(year=2016))

        assert time.process_time() - started < MOST_S

    def test_many_rejects_take_linear_time(self):
        """The offsets of 60,000 damaged lines are counted once."""
        started = time.process_time()
        _, rejects, _ = read((RAW.replace("06/01", "13/01") + "ü\n") * 20_000, Reading(year=2016))

        assert len(rejects) == 20_000
        assert rejects[-1]["byte_offset"] == len((RAW + "ü\n").encode()) * 19_999
        assert time.process_time() - started < MOST_S


LINE = st.one_of(
    st.integers(0, 9).map(lambda n: NORMAL % n),
    st.sampled_from(
        [
            RAW,
            SAMPLE_02,
            "   at System.X()",
            "",
            "\tat 仮想",
            "# note",
            RAW[:50],
            NORMAL[30:],
            "\0\0",
            "ü" * 40,
        ]
    ),
    st.integers(1, 28).map(lambda day: RAW.replace("06/01", f"06/{day:02}")),
    st.sampled_from(
        [RAW.replace("06/01", "12/31"), RAW.replace("06/01", "01/01"), RAW.replace("06/01", "19/39")]
    ),
)


class TestChunks:
    @settings(max_examples=60, deadline=None)
    @given(
        lines=st.lists(LINE, min_size=1, max_size=14),
        end=st.sampled_from(["\n", "\r\n"]),
        is_cut=st.booleans(),
        encoding=st.sampled_from(["utf-8", "utf-16-le"]),
        level=st.sampled_from(["all", "markers"]),
        size_bytes=st.integers(1, 300),
    )
    def test_blocks_of_any_size_give_the_same_records(self, lines, end, is_cut, encoding, level, size_bytes):
        """Records, continuations, rejects and their places do not depend on where blocks end."""
        text = end.join(lines) + ("" if is_cut else end)
        reading = Reading(year=2016, encoding=encoding, trace_level=level)
        whole = read(text, reading, encoding)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(errlog_format, "text_chunks", lambda s, e, *_: text_chunks(s, e, size_bytes))

            assert read(text, reading, encoding) == whole


class TestMarkers:
    def test_exactly_markers_and_warnings_are_kept(self):
        """--trace markers keeps what the rules name and what is above NORMAL; the rest is counted."""
        marker = (
            NORMAL.replace("csvapi", "datasetfixupsubtaskbase") % 1
            + " CDatasetFixupSubTaskBase::BeginDataMove"
        )
        near = [
            NORMAL % 1,
            marker.replace("BeginDataMove", "EndDataMove"),
            (NORMAL % 1).replace("message 1", "==>CreateReplica("),
            (NORMAL % 1).replace("message 1", "see ==>CreatePIT("),
        ]
        pit = (NORMAL % 1).replace("message 1", "==>CreatePIT(x)")
        blanks = [line.replace("\t", " ") for line in (marker, *near, pit)]
        rows, rejects, filtered = read(
            "\n".join([RAW, marker, *near, pit, *blanks]) + "\n", Reading(year=2016, trace_level="markers")
        )

        assert rejects == []
        assert [row["line_no"] for row in rows] == [1, 2, 7, 8, 13]
        assert filtered == 8


@pytest.mark.parametrize("encodings", [("utf-8", "utf-16-le"), ("utf-16", "utf-8"), ("cp1252", "utf-16")])
def test_a_log_that_goes_on_in_another_encoding(encodings: tuple[str, str]) -> None:
    """Each piece is read in its own encoding: `>>` of one console, `Add-Content` of another."""
    texts = [f"{NORMAL % number}\r\n" for number in range(40)]
    data = "".join(texts[:20]).encode(encodings[0]) + "".join(texts[20:]).encode(encodings[1])
    rows, rejects, _ = read(data)
    assert [row["message"] for row in rows] == [f"message {number}" for number in range(40)]
    assert rejects == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_lines_that_end_with_cr(encoding: str) -> None:
    """A log whose lines end with CR alone holds as many records."""
    rows, rejects, _ = read("".join(f"{NORMAL % number}\r" for number in range(3)), encoding=encoding)
    assert [(row["line_no"], row["message"]) for row in rows] == [(n + 1, f"message {n}") for n in range(3)]
    assert rejects == []
