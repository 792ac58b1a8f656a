"""The quick way from JSON texts to rows gives what the plain way gives: parse the text, walk the tree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.formats.events.evtx.chunks import chunks, looks_intact
from analytics.formats.events.evtx.decode import Record, decode_intact
from analytics.formats.events.evtx.texts import STEP, EventTexts
from analytics.formats.events.tree import tree_row

START = (
    '{"Event_attributes":{"xmlns":"http://schemas.microsoft.com/win/2004/08/events/event"},"Event":{"System":{'
    '"Provider_attributes":{"Name":"Microsoft-Windows-Hyper-V-VMMS","Guid":"6066F867-7CA1-4418-85FD-36E3F9C0600C"},'
    '"EventID":10102,"Version":0,"Level":4,"Task":0,"Opcode":0,"Keywords":"0x8000000000000000",'
    '"TimeCreated_attributes":{"SystemTime":"2026-03-02T20:00:00.000000Z"},"EventRecordID":7,"Correlation":null,'
    '"Execution_attributes":{"ProcessID":1,"ThreadID":2},"Channel":"Microsoft-Windows-Hyper-V-VMMS-Admin",'
    '"Computer":"hv1.example.com"},'
)

# Payloads as the library writes them; each has a part that a careless replacement would break.
ODD = (
    '{"Port":":8080","Rate":":5,","End":":"}',
    '{"A":-1.5,"B":true,"C":false,"D":null,"E":"","F":"1"}',
    '{"A":"","B":""}',
    '{"A":1}',
    "{}",
    '{"Text":"said \\":5, \\"x\\":true, \\":\\"\\""}',
    '{"Path":"C:\\\\r\\n","Lines":"one\\r\\ntwo\\\\r\\\\n"}',
    '{"Id":"{6066f867-7ca1-4418-85fd-36e3f9c0600c}","Half":"{6066f867-7ca1"}',
    '{"A":"x","Binary":""}',
    '{"A":"x","Binary":"0AFF"}',
    '{"Battery":""}',
    '{"A":"ends with },","B":"[1]","C":"{\\"a\\":{\\"b\\":1}}"}',
    '{"名前":"仮想マシン","数":5}',
    '{"Data":{"#text":["","two"]},"Binary":""}',
    '{"Data":{"#text":"one"}}',
    '{"A":{"B":1}}',
)


def records_of(texts: list[str]) -> list[Record]:
    """Texts as the library hands them over."""
    return [{"event_record_id": number, "data": text} for number, text in enumerate(texts, 1)]


def quick_and_plain(records: list[Record]) -> tuple[list[dict], list[dict]]:
    """The rows of both ways, without what only one of them knows."""
    maker = EventTexts()
    gathered = maker.gather(records)
    assert not gathered.rejected
    quick = maker.batch(gathered, range(1, len(records) + 1)).to_pylist()
    plain = [tree_row(json.loads(record["data"])["Event"]) for record in records]
    for row in quick:
        del row["record_no"]
    for row in (*quick, *plain):
        row["data"] = json.loads(row["data"])
    return quick, plain


def intact_records(path: Path) -> list[Record]:
    """All records in intact chunks of a log that name their provider."""
    with path.open("rb") as stream:
        stream.seek(4096)
        found = [chunk for chunk in chunks(stream) if looks_intact(chunk)]
    records: list[Record] = []
    for chunk in found:
        try:
            records += list(decode_intact([chunk]))
        except RuntimeError:
            continue
    return [entry for entry in records if '"Provider_attributes"' in entry["data"]]


def test_real_events(shared: Path) -> None:
    """Every real log."""
    paths = sorted((shared / "samples" / "evtx").glob("*.evtx"))
    assert paths
    for path in paths:
        quick, plain = quick_and_plain(intact_records(path))
        assert quick == plain, path.name


@pytest.mark.parametrize("payload", ODD)
def test_odd_payloads(payload: str) -> None:
    """One payload alone, seen the second time: the first time goes the plain way."""
    texts = [f'{START}"EventData":{payload}}}}}', f'{START}"EventData":{payload}}}}}']
    quick, plain = quick_and_plain(records_of(texts))
    assert quick == plain


def test_odd_payloads_side_by_side() -> None:
    """No payload reaches into its neighbours, other elements than EventData among them."""
    others = [
        '"EventData":null',
        '"UserData":{"X":{"VmName":"a"}}',
        '"EventData":{"A":1},"RenderingInfo":null',
    ]
    events = [*(f'"EventData":{payload}' for payload in ODD), *others]
    quick, plain = quick_and_plain(records_of([f"{START}{event}}}}}" for event in events * 3]))
    assert quick == plain


VALUES = st.one_of(
    st.text(st.sampled_from('":,{}[]\\r\n5ax-é'), max_size=12),
    st.integers(-(2**63), 2**64 - 1),
    st.booleans(),
    st.none(),
)


@given(st.lists(st.dictionaries(st.sampled_from("ABC"), VALUES, max_size=3), min_size=1, max_size=5))
def test_any_payloads(payloads: list[dict]) -> None:
    """Whatever the texts hold."""
    events = [json.dumps(payload, ensure_ascii=False, separators=(",", ":")) for payload in payloads]
    texts = [f'{START}"EventData":{event}}}}}' for event in events]
    quick, plain = quick_and_plain(records_of([texts[0], *texts]))
    assert quick == plain


def test_texts_that_would_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates may repeat a text in every record: the reader gives up before all of it is in memory."""
    monkeypatch.setattr("analytics.formats.events.evtx.texts.MAX_CHARACTERS", 100_000)
    text = f'{START}"EventData":{{"A":"{"x" * 1000}"}}}}}}'
    taken = 0

    def endless() -> object:
        nonlocal taken
        while True:
            taken += 1
            yield {"event_record_id": taken, "data": text}

    with pytest.raises(RuntimeError, match="too much text"):
        EventTexts().gather(endless())
    assert taken <= STEP + 1


def test_deeply_nested_payload_is_rejected() -> None:
    """A payload that no parser takes costs only itself."""
    deep = f'{{"A":{"[" * 2000}{"]" * 2000}}}'
    maker = EventTexts()
    texts = [f'{START}"EventData":{payload}}}}}' for payload in ('{"A":1}', deep, '{"A":2}')]
    gathered = maker.gather(records_of(texts))
    rows = maker.batch(gathered, [11, 12, 13]).to_pylist()
    assert [row["record_no"] for row in rows] == [11, 13]
    assert list(gathered.rejected) == [1]
    assert "broken JSON" in gathered.rejected[1]


def event(**given: str) -> str:
    """An event as the library writes it, with other words in places."""
    words = {
        "provider": '"Provider_attributes":{"Name":"VSS"},',
        "id": "8193",
        "level": "2",
        "time": "2026-03-02T20:00:00.000000Z",
        "record": "7",
        "channel": '"Application"',
        "computer": '"hv1.example.com"',
        "data": '"EventData":{"A":"1"}',
        "xmlns": "http://schemas.microsoft.com/win/2004/08/events/event",
    } | given
    return (
        f'{{"Event_attributes":{{"xmlns":"{words["xmlns"]}"}},"Event":{{"System":{{{words["provider"]}'
        f'"EventID":{words["id"]},"Version":0,"Level":{words["level"]},"Task":0,"Opcode":0,"Keywords":"0x80",'
        f'"TimeCreated_attributes":{{"SystemTime":"{words["time"]}"}},"EventRecordID":{words["record"]},'
        f'"Correlation":null,"Channel":{words["channel"]},"Computer":{words["computer"]}}},{words["data"]}}}}}'
    )


@pytest.mark.parametrize(
    "given",
    [
        {"record": "8"},
        {"record": str(2**63 - 1)},
        {"record": "null"},
        {"time": "1999-12-31T23:59:59.999999Z"},
        {"time": "2026-03-02T20:00:00.123456Z"},
        {"xmlns": "http://example.com/other"},
        {"computer": '" hv1.example.com "'},
        {"channel": '" Application "'},
        {"channel": '""', "computer": '""'},
        {"channel": "null"},
        {"computer": "null"},
        {"computer": "5"},
        {"level": "null"},
        {"id": '"8193"'},
        {"provider": '"Provider_attributes":{"Name":" VSS "},'},
        {"data": '"EventData":{"Time":"\\"SystemTime\\":\\"2026\\"","Channel":"\\"Channel\\":"}'},
        {"data": '"EventData":null'},
        {"data": '"UserData":{"X":{"A":"1"}}'},
    ],
)
def test_any_event_again_and_among_others(given: dict) -> None:
    """The first, what looks like it, and its neighbours come out as the plain way has them."""
    quick, plain = quick_and_plain(
        records_of([event(), event(**given), event(**given), event(), event(record="9")])
    )
    assert quick == plain
    assert quick[0]["at"].isoformat() == "2026-03-02T20:00:00+00:00"


def numbers_and_reasons(texts: list[str], providers: frozenset[str] | None = None) -> tuple:
    """The numbers of the rows, why others are no events, and how many are left out."""
    maker = EventTexts(providers)
    gathered = maker.gather(records_of(texts))
    rows = maker.batch(gathered, range(11, 11 + len(texts))).to_pylist()
    return [row["record_no"] for row in rows], gathered.rejected, gathered.filtered


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"record": str(2**63)}, f"EventRecordID: {2**63} lies outside 0 to {2**63 - 1}"),
        ({"record": "-1"}, "EventRecordID: -1 lies outside"),
        ({"id": str(2**31)}, f"EventID: {2**31} lies outside 0 to {2**31 - 1}"),
        ({"provider": ""}, "the event names no provider"),
        ({"provider": '"Provider_attributes":{"Name":" "},'}, "the event names no provider"),
        ({"time": "2226-03-02T20:00:00.000000Z"}, "lies outside the years"),
    ],
)
def test_what_is_no_event(given: dict, reason: str) -> None:
    """It costs only itself, wherever it stands; its reason names what is wrong."""
    numbers, rejected, _ = numbers_and_reasons([event(), event(**given), event(), event(**given), event()])
    assert numbers == [11, 13, 15]
    assert list(rejected) == [1, 3]
    assert all(reason in why for why in rejected.values())


def test_what_is_not_wanted() -> None:
    """Known or new, it is counted and makes no row."""
    other = event(provider='"Provider_attributes":{"Name":"Ntfs"},')
    texts = [other, event(), other, other, event()]
    assert numbers_and_reasons(texts, frozenset({"vss"})) == ([12, 15], {}, 3)
    assert numbers_and_reasons(texts) == ([11, 12, 13, 14, 15], {}, 0)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_what_is_remembered_is_forgotten(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Kinds and places without end fill no memory, and the rows stay the same."""
    monkeypatch.setattr("analytics.formats.events.evtx.texts._KNOWN_AT_MOST", most)
    maker = EventTexts()
    for number in range(1, 6):
        texts = [event(id=str(number), channel=f'"C{number}"')] * 2
        gathered = maker.gather(records_of(texts))
        rows = maker.batch(gathered, [1, 2]).to_pylist()
        assert [(row["event_id"], row["channel"]) for row in rows] == [(number, f"C{number}")] * 2
        assert len(maker._kinds) == len(maker._places) == (number - 1) % most + 1


@pytest.mark.parametrize("more", [0, 1])
def test_just_so_much_text(monkeypatch: pytest.MonkeyPatch, more: int) -> None:
    """What just fits is read."""
    texts = [event()] * 3
    characters = 2 * len('{"A":"1"}') + len("{}")  # the first goes the plain way
    monkeypatch.setattr("analytics.formats.events.evtx.texts.MAX_CHARACTERS", characters - more)
    if more:
        with pytest.raises(RuntimeError, match="too much text"):
            EventTexts().gather(records_of(texts))
    else:
        assert len(EventTexts().gather(records_of(texts)).ids) == 3
