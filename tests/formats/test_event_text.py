from __future__ import annotations

import html
import json
from datetime import UTC, datetime

import pytest

from analytics.formats import Reading
from analytics.formats.events.events_json import json_row
from analytics.formats.events.events_xml import row_of_text
from analytics.formats.reading.dates import DateReader
from analytics.formats.reading.values import CellError

EVENT = """Log Name:      DPM Alerts
Source:        DPM-EM
Date:          5/10/2014 1:00:19 AM
Event ID:      3106
Task Category: None
Level:         Error
Keywords:      Classic
User:          N/A
Computer:      dpm01.contoso.com
Description:
Level: of the replica is wrong. (ID: 3106)
Second line. (ID: 40003)

Problem Details:
<X><__System><Seq>7</Seq></__System><ExceptionType>FormatException</ExceptionType></X>
"""
JAPANESE = """ログの名前:         Application
ソース:           MSDPM
日付:            2014/05/10 1:00:19
イベント ID:       999
レベル:           警告
コンピューター:       経理
説明:
予期しないエラー
"""
TOKYO = Reading(time_zone="Asia/Tokyo")
AT = datetime(2014, 5, 9, 16, 0, 19, tzinfo=UTC)


def test_every_value_survives(read) -> None:
    """Head fields, message and structured parts of one event arrive; labels inside the text are text."""
    outcome = read(EVENT + EVENT, TOKYO)
    assert outcome.format == "event-text"
    assert [row["record_no"] for row in outcome.rows] == [1, 16]
    row = outcome.rows[0]
    assert json.loads(row.pop("data")) == {
        "Task Category": "None",
        "Keywords": "Classic",
        "Seq": "7",
        "ExceptionType": "FormatException",
        "error_ids": [3106, 40003],
    }
    assert row.pop("message").startswith("Level: of the replica is wrong. (ID: 3106)\nSecond line.")
    assert row == {
        "record_no": 1,
        "host": "dpm01",
        "channel": "DPM Alerts",
        "event_provider": "DPM-EM",
        "event_id": 3106,
        "level": 2,
        "at": AT,
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp932"])
def test_japanese(read, encoding: str) -> None:
    """The labels and levels of a Japanese Event Viewer are known."""
    (row,) = read(JAPANESE, TOKYO, encoding).rows
    assert (row["channel"], row["event_id"], row["level"], row["host"]) == ("Application", 999, 3, "経理")
    assert (row["at"], row["message"]) == (AT, "予期しないエラー")


@pytest.mark.parametrize("colon", ":：")
@pytest.mark.parametrize("end", ["\n", "\n\n"])
def test_colons_and_blank_lines(read, colon: str, end: str) -> None:
    """Labels with full-width colons, and with a blank line between any two, say the same."""
    labels = [line.partition(":") for line in JAPANESE.splitlines()]
    text = "".join(label + (found and colon) + value + end for label, found, value in labels)
    assert read(text, TOKYO).rows == read(JAPANESE, TOKYO).rows


def test_system_time_wins(read) -> None:
    """A SystemTime in the text is UTC and wins over the local date; the record id stands there, too."""
    extra = (
        '<TimeCreated SystemTime="2014-05-09T17:00:00.000000000Z" />\n<EventRecordID>44561</EventRecordID>\n'
    )
    (row,) = read(EVENT + extra, TOKYO).rows
    assert row["at"] == datetime(2014, 5, 9, 17, tzinfo=UTC)
    assert row["record_id"] == 44561


def test_placeholders_are_null(read) -> None:
    """Placeholders of published samples in the place of date and computer are NULL."""
    text = EVENT.replace("5/10/2014 1:00:19 AM", "<Date> <Time>").replace("dpm01.contoso.com", "<servername>")
    (row,) = read(text).rows
    assert not {"at", "host"} & set(row)


def test_bad_blocks(read) -> None:
    """Blocks without usable id or date and text before the first block are rejects; the rest is used."""
    text = (
        "hello\n"
        + EVENT.replace("Event ID:      3106", "Event ID: many")
        + EVENT.replace("5/10/2014", "noon")
    )
    outcome = read(text + EVENT)
    assert len(outcome.rows) == 1
    assert {row["line_no"] for row in outcome.rejects} == {1, 2, 17}


@pytest.mark.parametrize(
    ("cut", "message", "excerpt"),
    [
        ("Tas", None, "Tas"),
        ("Task Category: None\nDescription: VSS fails.\n\nLo", "VSS fails.", "Lo"),
        ("Description: VSS fails.\nLog Name: DPM", "VSS fails.", "Log Name: DPM"),
        ("Description: VSS fails.\nSource: disk 1", "VSS fails.\nSource: disk 1", None),
        ("Description: VSS fails.\nL\n", "VSS fails.\nL", None),
        ("Description: VSS fails.\nEvent Xml:\n", "VSS fails.", "Event Xml:"),
        ("Description: VSS fails.\nEvent Xml:\n<Ev", "VSS fails.", "Event Xml:\n<Ev"),
    ],
)
def test_labels_in_which_a_copy_was_cut(read, cut: str, message: str | None, excerpt: str | None) -> None:
    """What begins the next event, or a label, at the end of a cut copy is no word of the description."""
    head = "Log Name: DPM Alerts\nSource: DPM-EM\nDate: 5/10/2014 1:00:19 AM\nEvent ID: 3106\n"
    outcome = read(head + cut)
    assert [row.get("message") for row in outcome.rows] == [message]
    assert [row["excerpt"] for row in outcome.rejects] == ([excerpt] if excerpt else [])


def test_a_character_that_was_cut_is_told(read) -> None:
    """The stray byte behind the last label is a reject, and the label is read."""
    head = "Log Name: DPM Alerts\nSource: DPM-EM\nDate: 5/10/2014 1:00:19 AM\nEvent ID: 3106\nLevel: Error"
    outcome = read(head.encode("utf-16") + b"\n")
    assert [(row["level"], row.get("message")) for row in outcome.rows] == [(2, None)]
    assert [row["reason"] for row in outcome.rejects] == ["the source ends inside a utf-16-le character"]


@pytest.mark.parametrize("escape", [str, html.escape])
def test_xml_that_was_pasted(escape) -> None:
    """As it is, or as a web page shows it; `&amp;` within stays one sign."""
    event = (
        '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="A &amp;lt; B"/>'
        '<EventID>8193</EventID><TimeCreated SystemTime="2025-02-18T02:55:45Z"/><Computer>HV01</Computer></System>'
        "</Event>"
    )
    row = row_of_text(f"before {escape(event)} behind")

    assert (row["event_provider"], row["event_id"]) == ("A &lt; B", 8193)


@pytest.mark.parametrize("text", ["<Event>", "</Event>", "none", ""])
def test_xml_that_is_not_whole(text) -> None:
    """It has no begin or no end."""
    with pytest.raises(CellError, match="the file ends inside this event"):
        row_of_text(text)


@pytest.mark.parametrize(("cells", "host"), [({"computer_name": "HV01"}, "HV01"), ({}, "HV09")])
def test_the_computer_of_an_event_of_winlogbeat(cells, host) -> None:
    """The event's own, else that of the whole file."""
    winlog = {"provider_name": "VSS", "event_id": 8193, "record_id": 1, "channel": "Application"} | cells
    content = {"@timestamp": "2025-02-18T02:55:45.000Z", "winlog": winlog}

    assert json_row(content, DateReader(), "HV09")["host"] == host


XML = (
    '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="DPM-EM"/>'
    '<EventID>3106</EventID><TimeCreated SystemTime="2014-05-09T16:00:19.000Z"/><EventRecordID>7</EventRecordID>'
    "<Channel>DPM Alerts</Channel><Computer>dpm01.contoso.com</Computer></System></Event>\n"
)


@pytest.mark.parametrize(
    "label", ["Event Xml:\n", "イベント XML：\n", "Event Xml:\n\n", "\nEvent Xml:\n", ""]
)
def test_the_label_above_the_xml_is_no_message(read, label: str) -> None:
    """Whatever its language, and whatever is blank beside it; a description is left as it is."""
    text = f"{EVENT[: EVENT.index('Level: of')]}Something:\n  is wrong.\n{label}{XML}"
    outcome = read(text * 2, TOKYO)

    assert [row["message"] for row in outcome.rows] == ["Something:\n  is wrong."] * 2
    assert {(row["event_id"], row["record_id"], row["at"]) for row in outcome.rows} == {(3106, 7, AT)}


def test_a_description_that_ends_in_a_colon(read) -> None:
    """Without XML below it, it is no label; what dresses the end is taken off."""
    (row,) = read(f"{EVENT[: EVENT.index('Level: of')]}It says:\n\n```\n", TOKYO).rows

    assert row["message"] == "It says:"


def test_one_label_is_enough(read) -> None:
    """A line above it that ends in a colon, too, belongs to the description."""
    text = f"{EVENT[: EVENT.index('Level: of')]}It says:\nEvent Xml:\n{XML}"
    (row,) = read(text, TOKYO).rows

    assert row["message"] == "It says:"
