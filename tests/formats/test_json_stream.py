"""A stream of JSON objects: the same values and places however little is read at a time."""

from __future__ import annotations

import io

import pytest

from analytics.errors import SourceError
from analytics.formats.events.events_json import json_row
from analytics.formats.events.json_stream import Damage, Value, from_first_object, values, without_prompt
from analytics.formats.reading.dates import DateReader
from analytics.formats.reading.values import CellError
from analytics.sources import Source

ARRAY = '[{"a": 1},\n {"a": "ü, 経理"},\n {"a": {"b": [2]}}]\n'
LINES = '{"a": 1}\r\n{"a": "ü, 経理"}\r\n{"a": {"b": [2]}}'


class Dripping(io.BytesIO):
    """A file of which each read gives a few bytes."""

    step = 3

    def read(self, _size=-1):
        """Three bytes, or what is left."""
        return super().read(self.step)


class Broken(io.BytesIO):
    """A file that breaks behind its last byte."""

    def read(self, size=-1):
        """The bytes; SourceError behind them."""
        if block := super().read(size):
            return block
        raise SourceError("is damaged", "sample", "copy it again")


def read(data, encoding="utf-8", kind=io.BytesIO):
    """What a stream of some bytes holds."""
    return list(values(Source("sample", "sample", (), lambda: kind(data)), encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "cp932"])
@pytest.mark.parametrize("text", [ARRAY.replace("ü", "u"), LINES.replace("ü", "u")])
@pytest.mark.parametrize("kind", [io.BytesIO, Dripping])
def test_objects_and_their_places(text, encoding, kind):
    """An array and lines, in every encoding, at once and a few bytes at a time."""
    found = read(text.encode(encoding), encoding, kind)

    assert [value.content for value in found] == [{"a": 1}, {"a": "u, 経理"}, {"a": {"b": [2]}}]
    places = [text.index(start) for start in ('{"a": 1', '{"a": "u', '{"a": {"b')]
    assert [value.byte_offset for value in found] == [len(text[:place].encode(encoding)) for place in places]
    assert [value.excerpt for value in found] == ['{"a": 1}', '{"a": "u, 経理"}', '{"a": {"b": [2]}}']


@pytest.mark.parametrize(
    ("encoding", "bom"), [("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")]
)
def test_behind_a_byte_order_mark(encoding, bom):
    """It counts among the bytes and is no character."""
    (value,) = read(bom + '{"a": 1}'.encode(encoding), encoding)
    assert (value.content, value.byte_offset) == ({"a": 1}, len(bom))


@pytest.mark.parametrize("kind", [io.BytesIO, Dripping])
def test_damage_costs_itself(kind):
    """Up to the next line that begins an object; where it stands is told."""
    text = '{"a": 1}\n{"a": oops}\nmore\n {"a": 2}\n'
    found = read(text.encode(), kind=kind)

    assert [type(item) for item in found] == [Value, Damage, Value]
    assert [item.byte_offset for item in found] == [0, 9, text.index('{"a": 2}')]
    assert found[1].reason == "broken JSON: Expecting value"
    assert found[1].excerpt.startswith('{"a": oops}' if kind is io.BytesIO else '{"a": o')


def test_an_object_that_was_cut():
    """At the end it is damage; the one in front of it is whole."""
    found = read(b'{"a": 1}\n{"a": "tw')
    assert [type(item) for item in found] == [Value, Damage]
    assert found[1] == Damage("broken JSON: Unterminated string starting at", 9, '{"a": "tw')


def test_excerpts_are_short():
    """200 characters of a value and of damage."""
    whole, cut = read(b'{"a": "%s"}\n{"b": "%s' % (b"x" * 300, b"y" * 300))
    assert (len(whole.excerpt), len(cut.excerpt)) == (200, 200)


def test_a_text_that_a_console_broke():
    """A line end within a text is allowed in an object, and not in what is none."""
    assert [item.content for item in read(b'{"a": "one\ntwo"}')] == [{"a": "one\ntwo"}]
    assert [type(item) for item in read(b'"one\ntwo"')] == [Damage]


def test_nesting_without_end():
    """What no parser takes is damage, whatever stands below it."""
    found = read(b'{"a": ' + b"[" * 100_000 + b'\n{"a": 1}')
    assert [type(item) for item in found] == [Damage, Value]
    assert found[0].reason.startswith("broken JSON")


@pytest.mark.parametrize(
    ("data", "kinds"), [(b'{"a": 1}\n{"a"', [Value, Damage]), (b'{"a": 1}\n', [Value]), (b"", [])]
)
def test_a_source_that_breaks(data, kinds):
    """Its reason comes behind what could be read, and names what was under way."""
    found = []
    with pytest.raises(SourceError, match="is damaged"):
        found.extend(_kept(data, found))
    assert [type(item) for item in found] == kinds
    if Damage in kinds:
        assert found[1] == Damage("the source ends inside this object", 9, '{"a"')


def _kept(data, found):
    """Keep each item at once, since the last step raises."""
    for item in values(Source("sample", "sample", (), lambda: Broken(data)), "utf-8"):
        found.append(item)
    return ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('PS C:\\> Get-X | ConvertTo-Json\n[{"a": 1}]', '\n[{"a": 1}]'),
        ('[{"a": 1}]', '[{"a": 1}]'),
        ("", ""),
    ],
)
def test_above_the_objects_stands_a_prompt(text, expected):
    """The command goes with it."""
    assert without_prompt(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"b": 2}\n{"a": 1}', '{"a": 1}'),
        ('  "b": 2\n }\n {"a": 1}', '{"a": 1}'),
        ('words\n{"a": 1}', 'words\n{"a": 1}'),
        ('{"a": 1}\n{"a": 2}', '{"a": 1}\n{"a": 2}'),
    ],
)
def test_above_the_objects_stands_the_end_of_one(text, expected):
    """Only what looks like the rest of an object goes."""
    assert from_first_object(text) == expected


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            {"Something": 1},
            "neither evtx_dump's Event, nor Get-WinEvent's ProviderName, nor Winlogbeat's winlog",
        ),
        ({"Event": "x"}, "neither"),
        ({"winlog": []}, "neither"),
        ([], "no JSON object"),
    ],
)
def test_what_is_no_event(content, says):
    """It says what would be one."""
    with pytest.raises(CellError, match=says):
        json_row(content, DateReader(), None)


def test_an_event_that_lacks_its_id():
    """What names its provider is an event of Get-WinEvent: it says what is wrong with it."""
    with pytest.raises(CellError) as caught:
        json_row({"ProviderName": "VSS", "TimeCreated": "2025-02-03T22:00:00Z"}, DateReader(), None)

    assert "neither" not in str(caught.value)


WINLOG = {
    "provider_name": " VSS ",
    "channel": "Application",
    "event_id": 12289,
    "record_id": 7,
    "computer_name": "HV01.contoso.local",
    "level": "information",
}


@pytest.mark.parametrize(
    ("changes", "more", "expected"),
    [
        ({}, {}, {"event_provider": "VSS", "event_id": 12289, "record_id": 7, "host": "HV01", "level": 4}),
        ({"event_id": None}, {"event": {"code": "8222"}}, {"event_id": 8222}),
        ({"event_id": 5}, {"event": {"code": "8222"}}, {"event_id": 5}),
        ({"computer_name": " "}, {}, {"host": "SRV"}),
        ({"level": None}, {"log": {"level": "error"}}, {"level": 2}),
        ({"level": "warning"}, {"log": {"level": "error"}}, {"level": 3}),
        ({}, {"message": "  it failed "}, {"message": "it failed"}),
        ({}, {"message": ""}, {"message": None}),
    ],
)
def test_winlogbeat(changes, more, expected):
    """Each field, and what stands in for one that is missing."""
    content = {"@timestamp": "2025-02-03T22:00:00.000Z", "winlog": WINLOG | changes} | more
    row = json_row(content, DateReader(), "SRV")

    assert {name: row.get(name) for name in expected} == expected
