"""The payloads of events, value by value: of trees, of flat objects, of VSS."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics.formats.events.cells import event_id_of, event_of_cells, lost_names
from analytics.formats.events.flat import fields_payload, flat_row, is_flat_event, loses
from analytics.formats.events.labels import label_begins, label_of, labelled, level_number
from analytics.formats.events.near_labels import by_place, log_above, log_within, near_label, without_quote
from analytics.formats.events.payload import named, operation_and_context, put, tree, unnamed, value_of
from analytics.formats.events.tree import attribute, payload_of, text_of, tree_row
from analytics.formats.reading.dates import DateReader
from analytics.formats.reading.values import CellError

GUID = "6066F867-7CA1-4418-85FD-36E3F9C0600C"
AT = datetime(2025, 2, 18, 2, 55, 45, tzinfo=UTC)
FLAT = {"Id": 8193, "ProviderName": "Ntfs", "TimeCreated": "2025-02-18T02:55:45Z", "LogName": "System"}


def hexadecimal(text: str) -> str:
    """The Binary field that holds a text."""
    return text.encode("latin-1").hex()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        (0, "0"),
        (True, "true"),
        (f"{{{GUID.lower()}}}", GUID),
        (f"{{{GUID}", f"{{{GUID}"),
        (f"x{{{GUID.lower()}}}", f"x{{{GUID.lower()}}}"),
        ("2025-02-18T02:55:45.123456Z", "2025-02-18T02:55:45.123456Z"),
        ("2025-02-18T02:55:45.1234567Z", "2025-02-18T02:55:45.123456Z"),
        ("2025-02-18T02:55:45.12345678Z", "2025-02-18T02:55:45.123456Z"),
        ("2025-02-18T02:55:45.123456789Z", "2025-02-18T02:55:45.123456Z"),
        ("2025-02-18T02:55:45.1234567890Z", "2025-02-18T02:55:45.1234567890Z"),
        ("one\r\ntwo", "one\ntwo"),
    ],
)
def test_a_value(value, expected):
    """GUIDs without braces, times of microseconds, one kind of line end."""
    assert value_of(value) == expected
    assert tree({"a": [value, {"b": value}]}) == {"a": [expected, {"b": expected}]}


def test_a_name_that_comes_again():
    """Gets the next free number."""
    payload = {"A_1": "x"}
    for value in "abc":
        put(payload, "A", value)
    assert payload == {"A_1": "x", "A": "a", "A_2": "b", "A_3": "c"}


def test_values_without_names():
    """Are numbered from 1; the Binary field is in capitals."""
    assert named([("A", "a"), (None, "b")], "0aff") == {"A": "a", "2": "b", "Binary": "0AFF"}
    assert unnamed(["a", None], None, None) == {"1": "a", "2": None}


PROCESS = "- Code: WRTWRTIC00001- Call: X- PID: 00002956- TID: 0180- CMD: vmms.exe - User: NN"


@pytest.mark.parametrize(
    ("binary", "expected"),
    [
        (PROCESS, {"Code": "WRTWRTIC00001", "Call": "X", "PID": "2956", "TID": "180", "CMD": "vmms.exe", "User": "NN"}),
        ("- PID: many- CMD: 007", {"PID": "many", "CMD": "007"}),
        ("x- PID: 1", {}),
        (" - PID: 1\0 ", {"PID": "1"}),
    ],
)  # fmt: skip
def test_who_wrote_an_event_of_vss(binary, expected):
    """The parts of its Binary field; of other providers it is no text."""
    found = unnamed(["said"], hexadecimal(binary), "VSS")
    assert found == {"1": "said", **expected, "Binary": hexadecimal(binary).upper()}
    assert unnamed(["said"], hexadecimal(binary), "Ntfs").keys() == {"1", "Binary"}
    assert unnamed(["said"], "no hex", "VSS").keys() == {"1", "Binary"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Operation:\n   A\n   B\n\nContext:\n   K: V\n   L:\n  none",
            (["A", "B"], [("K", "V"), ("L", None)]),
        ),
        ("Context:\n   K: V", ([], [("K", "V")])),
        ("Xxx:\n   A\nYyy:\n   K: V", (["A"], [("K", "V")])),
        ("   before: V\nOperation:\n   A", (["A"], [])),
        (f"{'x' * 62}:\n   A", ([], [])),
        (f"{'x' * 61}:\n   A", (["A"], [])),
        (f"Context:\n  {'k' * 100}: V\n  {'k' * 101}: V", ([], [("k" * 100, "V")])),
        ("", ([], [])),
    ],
)
def test_what_vss_was_doing(text, expected):
    """Titles begin a line, what belongs to them is indented."""
    assert operation_and_context(text) == expected


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"EventData": None}, {}),
        ({"EventData": "a"}, {"1": "a"}),
        ({"EventData": {"A": 1, "B": ""}}, {"A": "1", "B": None}),
        ({"EventData": {"A": 1, "Binary": "0a"}}, {"A": "1", "Binary": "0A"}),
        ({"EventData": {"Data": "a"}}, {"1": "a"}),
        ({"EventData": {"Data": ["a", "b"], "X": 1}}, {"1": "a", "2": "b"}),
        ({"EventData": {"Data": {"#text": ["a", "b"]}}}, {"1": "a", "2": "b"}),
        ({"EventData": {"Data": {"#text": "a"}, "Binary": "0a"}}, {"1": "a", "Binary": "0A"}),
        ({"EventData": {"Binary": "0a"}}, {"Binary": "0A"}),
        ({"EventData": {}}, {}),
        (
            {"EventData": {"Data": [{"#attributes": {"Name": "A"}, "#text": "a"}, {"#text": "b"}, "c"]}},
            {"A": "a", "2": "b", "3": "c"},
        ),
        ({"EventData": {"A": 1}, "EventData_attributes": {"Name": "N", "xmlns": "u"}}, {"A": "1", "@Name": "N"}),
        ({"EventData_attributes": {"Name": "N"}}, {"@Name": "N"}),
        ({"EventData": {"#attributes": {"Name": "N"}, "A": 1}}, {"A": "1", "@Name": "N"}),
        ({"UserData": None, "DebugData": "x"}, {"1": "x"}),
        ({"UserData": {"X": {"A": "1", "B": None}}}, {"A": "1", "B": None}),
        ({"UserData": {"X": "a"}}, {"1": "a"}),
        ({"UserData": {"X": None}}, {}),
        ({"UserData": {}}, {}),
        ({"UserData": {"X_attributes": {"xmlns": "u", "k": "v"}}}, {"@k": "v"}),
        ({"UserData": {"X_attributes": {"k": "v"}, "X": "a"}}, {"@k": "v", "#text": "a"}),
        ({"UserData": {"X": {"A": "1"}, "Y": "2"}}, {"X": {"A": "1"}, "Y": "2"}),
        ({"UserData": {"X": {"n:A": {"B": ["1", "2"]}}}}, {"A": {"B": ["1", "2"]}}),
        ({"UserData": {"X": {"A": {"#attributes": {"k": "v"}, "#text": "a"}}}}, {"A": {"@k": "v", "#text": "a"}}),
        ({"UserData": {"X": {"A": {"#text": "a"}}}}, {"A": "a"}),
        ({}, {}),
    ],
)  # fmt: skip
def test_the_payload_of_a_tree(event, expected):
    """One shape for both ways to write attributes."""
    assert payload_of(event, None) == expected


def test_the_provider_of_old_events():
    """Stands in another attribute."""
    system = {"Provider": {"#attributes": {"EventSourceName": "VSS"}}, "EventID": {"#text": 7}}
    system |= {"TimeCreated_attributes": {"SystemTime": "2025-02-18T02:55:45Z"}}
    row = tree_row({"System": system})
    assert (row["event_provider"], row["event_id"], row["at"]) == ("VSS", 7, AT)
    assert attribute(system, "Provider", "Name") is None
    assert (text_of({"#text": 1}), text_of(2)) == (1, 2)


@pytest.mark.parametrize("event", [None, "x", {}, {"System": "x"}])
def test_no_event(event):
    """Without its System element."""
    with pytest.raises(CellError, match="no System element"):
        tree_row(event)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (1739847345, AT),
        (1739847345.0, AT),
        (1739847345000, AT),
        (1739847345000000, AT),
        (9_999_999_999, datetime(2286, 11, 20, 17, 46, 39, tzinfo=UTC)),
        (10_000_000_000, datetime(1970, 4, 26, 17, 46, 40, tzinfo=UTC)),
        (10_000_000_000_000, datetime(1970, 4, 26, 17, 46, 40, tzinfo=UTC)),
        ("/Date(1739847345000)/", AT),
        ({"value": "/Date(1739847345000)/"}, AT),
        ({"DateTime": "2025-02-18T02:55:45Z"}, AT),
        ("2025-02-18T02:55:45Z", AT),
    ],
)
def test_the_time_of_a_flat_object(time, expected):
    """Texts, and numbers of seconds, milliseconds or microseconds, told by their size."""
    assert flat_row(FLAT | {"TimeCreated": time}, DateReader(UTC), None)["at"] == expected


@pytest.mark.parametrize("time", [0, -1, 10_000_000_000_000_000])
def test_no_time_of_a_flat_object(time):
    """Beyond all of them."""
    with pytest.raises(CellError, match="is no number of seconds since 1970"):
        flat_row(FLAT | {"TimeCreated": time}, DateReader(UTC), None)


@pytest.mark.parametrize(
    ("more", "name", "expected"),
    [
        ({"TimeCreated": "", "@timestamp": "2025-02-18T02:55:45Z"}, "at", AT),
        ({"Level": 2}, "level", 2),
        ({"Level": "", "LevelDisplayName": "Warning"}, "level", 3),
        ({"MachineName": "hv01.x.y", "host": "hv02"}, "host", "hv01"),
        ({"host": "hv02"}, "host", "hv02"),
        ({"host": {"name": "hv02"}}, "host", "hv02"),
        ({}, "host", "hv09"),
        ({"RecordId": 5}, "record_id", 5),
        ({"Message": " said "}, "message", "said"),
        ({}, "message", None),
        ({"Extra": {"a": True}, "Nothing": ""}, "data", '{"Extra":{"a":"true"}}'),
        ({"Properties": [{"Value": "a"}, {"Value": 5}]}, "data", '{"1":"a","2":"5"}'),
        ({"Properties": [{"Value": "a"}, {"Value": [10, 255]}]}, "data", '{"1":"a","Binary":"0AFF"}'),
        ({"Properties": [{"Value": "a"}, {"Value": [10, 256]}]}, "data", '{"1":"a","2":"[10, 256]"}'),
        ({"Properties": [{"Value": "a"}, {"Value": [-1]}]}, "data", '{"1":"a","2":"[-1]"}'),
        ({"Properties": ["System.Diagnostics.Eventing.Reader.EventProperty"]}, "data", "{}"),
        ({"event_data": {"param1": "a", "param2": "b"}}, "data", '{"param1":"a","param2":"b","1":"a","2":"b"}'),
    ],
)  # fmt: skip
def test_a_flat_object(more, name, expected):
    """What stands where, and what counts where it stands twice."""
    assert flat_row(FLAT | more, DateReader(UTC), "hv09")[name] == expected


def test_the_payload_of_winlogbeat():
    """The element of user_data has its name in a field; of VSS the last value says what it did."""
    assert fields_payload({}, {"xml_name": "X", "A": "1"}, None) == {"A": "1"}
    assert fields_payload(None, None, None) == {}
    block = "Operation:\n   Freeze\n"
    found = fields_payload({"param1": "a", "param2": block, "Binary": hexadecimal("- PID: 5")}, None, "VSS")
    assert (found["Operation"], found["PID"]) == (["Freeze"], "5")
    assert "Operation" not in fields_payload({"param1": block}, None, "Ntfs")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Id", "ProviderName", "TimeCreated", "LogName"], True),
        (["Id", "ProviderName", "@timestamp", "Message"], True),
        (["Id", "ProviderName", "TimeCreated"], False),
        (["Id", "TimeCreated", "LogName"], False),
        (["ProviderName", "TimeCreated", "LogName"], False),
        (["Id", "ProviderName", "LogName"], False),
    ],
)
def test_what_is_a_flat_event(names, expected):
    """Provider, id, time and one thing more."""
    assert is_flat_event(names) is expected


def test_what_a_row_would_lack():
    """Names that plainly hold a host, a level or a log, where no field has it."""
    assert loses({"hostid": "a", "my_severity": 1, "empty": ""}) == ["hostid", "myseverity"]
    assert loses({"hostid": "a", "host": "b"}) == []
    assert lost_names(["hostid", "mylevel"], ["computer", "level_name"]) == []
    assert lost_names(["logfile_x"], ["computer", "level"]) == ["logfilex"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"id": " 7 "}, "7"),
        ({"id": "7", "instance_id": "8"}, "7"),
        ({"instance_id": "3221232497"}, 3221232497 & 0xFFFF),
        ({"instance_id": "9" * 19}, int("9" * 19) & 0xFFFF),
        ({"instance_id": "9" * 20}, ""),
        ({}, ""),
    ],
)
def test_the_id_of_an_event(cells, expected):
    """Of Get-EventLog the lower 16 bits of its InstanceId."""
    assert event_id_of(cells) == expected


CELLS = {"source": "Ntfs", "id": "7", "date": "2025-02-18 02:55:45"}


@pytest.mark.parametrize(
    ("more", "name", "expected"),
    [
        ({"category": "None"}, "data", "{}"),
        ({"category": "(2)", "keywords": "Classic"}, "data", '{"Task Category":"(2)","Keywords":"Classic"}'),
        ({"category": "-2"}, "data", "{}"),
        ({"description": "a\r\nb "}, "message", "a\nb"),
        ({"level": "x", "level_name": "Error"}, "level", 2),
        ({"record_number": " 5 "}, "record_id", 5),
        ({"record_id": "6", "record_number": "5"}, "record_id", 6),
        ({"computer": "hv01"}, "host", "hv01"),
        ({}, "host", "hv09"),
    ],
)
def test_an_event_of_cells(more, name, expected):
    """What stands where; words for none and bare numbers say little."""
    assert event_of_cells(CELLS | more, DateReader(UTC), "hv09")[name] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Source: VSS", ("Source", "VSS")),
        ("  - **Source:** VSS", ("Source", "VSS")),
        ("1. Source: VSS", ("Source", "VSS")),
        ("1234. Source: VSS", ("1234. Source", "VSS")),
        ("__Source__: VSS", ("Source", "VSS")),
        ("ソース： VSS", ("ソース", "VSS")),
        (f"{'x' * 61}: a", ("x" * 61, "a")),
        (f"{'x' * 62}: a", None),
        (": VSS", None),
        ("Source VSS", None),
    ],
)
def test_a_label_and_its_value(text, expected):
    """Bullets, bold type and wide colons are dress."""
    assert labelled(text) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [(("2",), 2), ((" 4 ",), 4), (("Error",), 2), (("", "Warning"), 3), (("1234",), None), ((), None)],
)
def test_a_level(texts, expected):
    """Its number or its name, the first that says one."""
    assert level_number(*texts) == expected


def test_what_is_a_label():
    """Whole, or the beginning of one."""
    assert label_of("Log Name") == "log"
    assert label_of("Log Name" + " " * 52) == "log"
    assert label_of("Log Name" + " " * 53) is None
    assert label_begins("Log N")
    assert label_begins("Log N", "log", frozenset({"en"}))
    assert not label_begins("Log N", "source")
    assert not label_begins("Log N", "log", frozenset({"ja"}))
    assert not label_begins("")
    assert not label_begins("Log Nx")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Log Name: System", ("log", "System")),
        ("Log Nme: System", ("log", "System")),
        ("Log Namme: System", ("log", "System")),
        ("Log Nxme: System", ("log", "System")),
        ("> Log Name: System", ("log", "System")),
        ("Lg Nme: System", None),
        ("", None),
    ],
)
def test_a_damaged_label(text, expected):
    """One character is wrong, lost or too much."""
    assert near_label(text, ["log"]) == expected


ALL = {"source": "VSS", "date": "x", "id": "7", "level": "Error", "computer": "hv01"}


@pytest.mark.parametrize(
    ("text", "fields", "expected"),
    [
        ("Log Name: System", ALL, "System"),
        ("Log Name: System", {**ALL, "log": "x"}, None),
        ("Tagebuch: System", ALL, "System"),
        ("Tagebuch: System", {"source": "VSS"}, None),
        ("Source: System", ALL, None),
        ("Tagebuch: 5", ALL, None),
        (f"Tagebuch: {'x' * 255}", ALL, "x" * 255),
        (f"Tagebuch: {'x' * 256}", ALL, None),
        ("hello", ALL, None),
    ],
)
def test_the_log_above_a_head(text, fields, expected):
    """By its label, or by its place above a head that is whole but for it."""
    assert log_above(text, fields) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it failed. Log Name: System", 11),
        ("Log Name: System", None),
        ("> Log Name: System", None),
        ("it failed. Log Name: System: x", None),
        (f"{'x' * 3983} Log Name: System", 3984),
        (f"{'x' * 3984} Log Name: System", None),
    ],
)
def test_a_log_within_a_line(text, expected):
    """Behind other words, in a line of at most 4,000 characters."""
    assert log_within(text) == expected


@pytest.mark.parametrize(
    ("fields", "following", "expected"),
    [
        (["log"], "date", "source"),
        (["log", "source", "date", "id"], "level", "category"),
        (["level"], "user", "keywords"),
        (["opcode"], "user", "keywords"),
        (["log"], "id", None),
        (["log"], None, None),
        ([], "date", None),
        (["source", "log"], "date", None),
        (["nothing"], "date", None),
    ],
)
def test_a_field_by_its_place(fields, following, expected):
    """The one that belongs between two others, where it is not there yet."""
    assert by_place(fields, following) == expected


def test_marks_of_a_quote():
    """Of any depth; nothing else goes."""
    assert without_quote(" > > Source: VSS > x") == "Source: VSS > x"
    assert without_quote("&gt; a") == "a"
    assert without_quote("a") == "a"
