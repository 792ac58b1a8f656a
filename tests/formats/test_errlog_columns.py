"""Raw errlog records as columns: which lines are some, and what their fields say, at the bounds of each field."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.formats.errlog import columns
from analytics.formats.errlog.lines import clock_us
from analytics.formats.errlog.marker_rules import MarkerRules, marker_rules

GUID = "8AE83798-7A85-466A-80CA-22CA66582965"
FIELDS = {
    "pid": "180C", "tid": "280C", "date": "06/01", "time": "20:54:55.393", "component": "09", "file": "a.cs(130)",
    "object": "", "task": GUID, "level": "NORMAL", "message": "null",
}  # fmt: skip


def line_of(**fields: str) -> str:
    """A raw record with some fields changed."""
    return "\t".join((FIELDS | fields).values())


def lines_of(*lines: str, end: str = "\n") -> columns.RawLines:
    """The lines of a chunk."""
    return columns.find_lines("".join(line + end for line in lines).encode())


def is_record(**fields: str) -> bool:
    """Whether a line with these fields is a raw record, alone and between others."""
    alone = lines_of(line_of(**fields)).records.tolist()
    between = lines_of(line_of(), line_of(**fields), line_of()).records.tolist()
    assert (alone, between) in [([0], [0, 1, 2]), ([], [0, 2])]
    return bool(alone)


def text_of(lines: columns.RawLines, field: int) -> list[str]:
    """The texts of a field."""
    begins, ends = lines.field(field)
    return [lines.data[begin:end].decode() for begin, end in zip(begins, ends, strict=True)]


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("pid", ["1", "12345678"], ["", "123456789"]),
        ("tid", ["1", "12345678"], ["", "123456789"]),
        ("date", ["00/00", "99/99", "12/31"], ["6/01", "06/011", "06-01", "06/0a", ""]),
        ("time", ["00:00:00.000", "99:99:99.999"], ["20:54:55", "20:54:55.3931", "20:54:55.39", ""]),
        ("component", ["", "1", "1234"], ["12345"]),
        ("file", ["(1)", "a(1)", "a.cs(1234567)", "a1(23)", "a((1)"], ["1)", "()", "a.cs(12345678)", "a.cs1)", "a.cs(1",
                  "a.cs(1]", "a.cs()", "a.cs(a)", "a.cs(1/)", "a.cs(/1)", "a.cs(:1)", "a.cs(1:)", "a[1)", "1234567)",
                  ""]),
        ("object", ["", "[12345678]", "[1234567890123456]"], ["[1234567]", "[12345678901234567]", "(12345678]",
                    "[12345678)", "12345678", "[", "[]"]),
        ("task", ["", GUID, f"{{{GUID}}}"], [GUID[1:], GUID + "1", f"({GUID}}}", f"{{{GUID})", "-"]),
        ("level", ["A", "ZZ", "NORMAL"], ["", "normal", "@X", "[X", "1"]),
        ("message", ["", "a\tb", "\t"], []),
    ],
)  # fmt: skip
def test_the_shape_of_a_field(field, good, bad):
    """Lengths, brackets and first characters; nine tabs make a record, what lacks one is none."""
    assert [text for text in good if not is_record(**{field: text})] == []
    assert [text for text in bad if is_record(**{field: text})] == []
    assert lines_of(line_of().rsplit("\t", 1)[0]).records.tolist() == []


@pytest.mark.parametrize("other", ["/", ":", "?", "A", " ", "\u00b0"])
def test_every_character_of_a_stamp(other):
    """A digit is one of ten, and between digits stands what belongs there."""
    for field, text in (("date", FIELDS["date"]), ("time", FIELDS["time"])):
        places = [place for place, letter in enumerate(text) if letter != other]
        spoilt = [text[:place] + other + text[place + 1 :] for place in places]
        assert [each for each in spoilt if is_record(**{field: each})] == []


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_texts_of_all_fields(end):
    """Of each record in its order, without the line end; other lines are lines, too."""
    other = {
        "pid": "1",
        "file": "longer_name.cpp(7)",
        "object": "[000000001A12E3F0]",
        "task": "",
        "message": "",
    }
    lines = lines_of("", line_of(), "   at X", line_of(**other), end=end)
    assert lines.records.tolist() == [1, 3]
    assert [text_of(lines, place) for place in range(10)] == [
        [FIELDS[name], other.get(name, FIELDS[name])] for name in FIELDS
    ]
    assert (lines.ends - lines.starts).tolist() == [0, len(line_of()), 7, len(line_of(**other))]
    assert lines.file_lines.tolist() == [130, 7]
    names = columns.strings(lines.data, lines.field(5)[0], lines.parens).to_pylist()
    assert names == ["a.cs", "longer_name.cpp"]
    assert columns.strings(lines.data, *lines.field(7)).to_pylist() == [GUID, None]


@pytest.mark.parametrize(
    ("file", "number"),
    [("(1)", 1), ("a.cs(007)", 7), ("a.cs(1234567)", 1234567), ("a9(90)", 90), ("a(0)", 0)],
)
def test_the_number_of_a_line(file, number):
    """Up to seven digits."""
    assert lines_of(line_of(file=file)).file_lines.tolist() == [number]


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\n\n", b"\r\n\r\n", b"x\n", b"\t\n", b"\t" * 9 + b"\n", b"\t" * 12 + b"\n"]
)
def test_a_chunk_without_records(data):
    """Has lines nevertheless."""
    lines = columns.find_lines(data)
    assert lines.records.tolist() == []
    assert len(lines.starts) == len(lines.ends) == data.count(b"\n")
    assert ((lines.ends - lines.starts) == [len(each.strip(b"\r")) for each in data.split(b"\n")[:-1]]).all()
    assert columns.time_of_day_us(lines).tolist() == []


def test_a_chunk_of_many_pieces():
    """Records beyond the first pieces that are looked through are at their places, too."""
    texts = [line_of(message=f"{number} {'x' * (number % 90)}") for number in range(2_500)]
    lines = lines_of(*texts)
    assert len(lines.data) > 200 * 1024
    assert text_of(lines, 9) == [text.rsplit("\t", 1)[1] for text in texts]
    assert text_of(lines, 0) == ["180C"] * 2_500


@pytest.mark.parametrize(
    "text", ["00:00:00.000", "12:34:56.789", "23:59:59.999", "09:08:07.006", "10:20:30.400"]
)
def test_the_time_of_day(text):
    """In microseconds, the same as line by line."""
    (found,) = columns.time_of_day_us(lines_of(line_of(time=text)))
    hour, minute, second = text.split(":")
    assert found == clock_us(text) == round((int(hour) * 3600 + int(minute) * 60 + float(second)) * 1e6)


@pytest.mark.parametrize(
    "text", ["24:00:00.000", "12:60:00.000", "12:00:60.000", "99:00:00.000", "00:99:99.999"]
)
def test_no_time_of_day(text):
    """Is a day or more."""
    assert (columns.time_of_day_us(lines_of(line_of(time=text))) >= columns.DAY_US).all()
    assert clock_us(text) is None


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("12:00:00 AM", 0), ("1:00:00 AM", 1), ("11:00:00 AM", 11), ("12:00:00 PM", 12), ("1:00:00 PM", 13),
        ("11:00:00 PM", 23), ("0:00:00 AM", None), ("13:00:00 PM", None), ("23:00:00", 23), ("0:00:00", 0),
        ("24:00:00", None), ("1:60:00 AM", None), ("1:00:60 AM", None), ("1:00:59.9996", None),
    ],
)  # fmt: skip
def test_a_clock_of_twelve_hours(text, hours):
    """Midnight is 12 AM, noon 12 PM."""
    assert clock_us(text) == (None if hours is None else hours * 3_600_000_000)


@pytest.mark.parametrize("text", ["00/00", "12/31", "06/01", "10/20", "99/99"])
def test_month_and_day(text):
    """As they are written."""
    month, day = columns.month_and_day(lines_of(line_of(date=text)))
    assert (month.tolist(), day.tolist()) == ([int(text[:2])], [int(text[3:])])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a 20:54:55 x", True), (":12:", True), ("20:5:55", False), ("12:345:6", False), ("12:34", False),
        ("::: ::", False), ("no colon", False), ("-------- x", True), ("------- x", False), ("--------", True),
        ("0CF4\t18", True), ("0CF4\tx\ty", True), ("0CF4 x", False), ("abc\t", False), ("abcde\t", False),
        ("\tabcd", False),
    ],
)  # fmt: skip
def test_lines_that_may_be_records(text, expected):
    """Two colons with two characters between them, dashes of a heading, a tab behind four characters."""
    for texts in ([text], ["x", text, "y"], [text, text]):
        lines = lines_of(*texts)
        found = columns.lines_with_clock(lines, np.arange(len(texts)))
        assert found.tolist() == [each == text and expected for each in texts]
    assert columns.lines_with_clock(lines, np.zeros(0, dtype=np.int64)).tolist() == []


def wanted(*lines: str) -> list[bool]:
    """Which records are kept by the rules of the product."""
    return columns.wanted_records(lines_of(*lines), marker_rules()).tolist()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, False), ({"message": ""}, False), ({"level": "WARNING"}, True), ({"level": "FATAL", "message": ""}, True),
        ({"level": "NORMAT"}, True), ({"level": "NORMALX"}, True), ({"level": "NORMA"}, True),
        ({"level": "XORMAL"}, True),
        ({"message": "==>CreatePIT(x)"}, True), ({"message": "see ==>CreatePIT(x)"}, False),
        ({"file": "DatasetFixupSubtaskBase.cpp(1)", "message": "CDatasetFixupSubTaskBase::BeginDataMove"}, True),
        ({"file": "csvapi.cpp(1)", "message": "CDatasetFixupSubTaskBase::BeginDataMove"}, False),
    ],
)  # fmt: skip
def test_records_that_are_wanted(fields, expected):
    """Those above NORMAL, and what the rules name; also at the end of a chunk, where few bytes follow."""
    assert wanted(line_of(**fields)) == [expected]
    assert wanted(line_of(), line_of(**fields), line_of()) == [False, expected, False]


@pytest.mark.parametrize("rule", list(marker_rules()), ids=lambda rule: f"{rule.file} {rule.text}")
def test_every_rule(rule):
    """Finds its own words, and in another file only where it is for all files."""
    fields = {"file": f"{rule.file or 'any.cpp'}(1)", "message": rule.text}
    assert wanted(line_of(**fields), line_of(**fields | {"message": "no such words"})) == [True, False]
    assert marker_rules().find(rule.file or "any.cpp", rule.text)
    assert wanted(line_of(**fields | {"message": f"x {rule.text}"})) == [not rule.is_prefix]


def test_no_rules():
    """Nothing of level NORMAL is wanted."""
    rules = MarkerRules({})
    assert columns.wanted_records(lines_of(line_of(), line_of(level="FATAL")), rules).tolist() == [
        False,
        True,
    ]
