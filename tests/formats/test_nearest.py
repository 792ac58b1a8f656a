from __future__ import annotations

import pytest

from analytics.formats import FORMATS, Head
from analytics.formats.nearest import Near, nearest

CASES = (
    ("Status,Datasource,StartTime,EndTime\n", "jobs-csv (4 of 16 columns; missing TaskId, JobCategory, "),
    ("VMName,HostName,VMId\nVM1,HV01,5\n", "vms-csv (3 of 11 columns; missing VhdPath, "),
    ("OccurredSince,Severity\nx,y\n", "dpm-alerts-csv (2 of 7 columns; missing Type, DataSource, "),
    ("Level,Date and Time,Source\nError,x,VSS\n", "events-csv (3 of 7 columns; missing an event id, "),
    ('{"TimeCreated": 1, "ProviderName": "VSS", "Message": "x"}', "events-json (3 of 7 keys; missing an event id, "),
    ("Source: VSS\nLevel: Error\nComputer: HV01\n", "event-text (3 of 7 labels; missing a date, an event id, "),
    ("Id          : 5\nMessage     : x\nMachineName : HV01\n", "winevent-list (3 of 7 properties; missing a date, "),
    ("<Event><Sys></Sys><EventID>5</EventID></Event>", "events-xml (2 of 5 elements; missing <System, "),
    ("0AB0 0974 08/04 x mtffile.cpp(1372) WARNING hello\n", "dpm-errlog (3 of 4 parts of a record; missing a time "),
)  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[expected.split()[0] for _, expected in CASES])
def test_the_nearest_format_and_what_is_missing(text: str, expected: str) -> None:
    """A file that comes near to a format is told what it lacks of it, the most needed first."""
    head = Head("x", text.encode())
    assert not [entry.name for entry in FORMATS if entry.recognise(head)]
    told = [str(near) for near in nearest(head)]
    assert any(each.startswith(expected) for each in told), told


@pytest.mark.parametrize(
    "data", [b"", b"hello world\n", b"a,b,c\n1,2,3\n", b"\0\1\2\3", b"Type: car\nColour: red\n"]
)
def test_other_files_are_near_to_nothing(data: bytes) -> None:
    """Nothing is named where there is no likeness."""
    assert nearest(Head("x", data)) == []


def test_the_names_are_those_of_formats() -> None:
    """What is named is a format."""
    names = {entry.name for entry in FORMATS}
    assert {near.format for text, _ in CASES for near in nearest(Head("x", text.encode()))} <= names


def test_at_most_three_and_the_nearest_first() -> None:
    """Of many formats that are near; a tie goes to the one of which more was found."""
    text = (
        "Log Name: A\nSource: VSS\nLevel: Error\n"
        '{"TimeCreated": 1, "ProviderName": "VSS", "Id": 5, "LogName": "x"}'
    )
    text += "\n<Event><System><Provider 0AB0 08/04 x mtffile.cpp(1372) WARNING"
    told = [(near.format, near.found, near.of) for near in nearest(Head("x", text.encode()))]
    assert told == [("dpm-errlog", 3, 4), ("events-xml", 3, 5), ("events-json", 4, 7)]


@pytest.mark.parametrize(
    ("found", "missing", "expected"),
    [
        (2, ("a", "b", "c", "d"), "x (2 of 6 labels; missing a, b, c, d)"),
        (2, ("a", "b", "c", "d", "e"), "x (2 of 6 labels; missing a, b, c, d, ...)"),
        (6, (), "x (6 of 6 labels)"),
    ],
)
def test_how_it_is_said(found: int, missing: tuple[str, ...], expected: str) -> None:
    """At most four of what is missing."""
    assert str(Near("x", found, 6, "labels", missing)) == expected
