"""Where a pasted event begins, where its labels end, and what a cut copy leaves of them: line by line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analytics.formats import Head
from analytics.formats.events.cut_end import certain, own_lines
from analytics.formats.events.event_head import (
    EventHead,
    head_at,
    holds_heads,
    is_mark,
    may_begin,
    names_source,
)

LOG, SOURCE, DATE, ID = "Log Name: A", "Source: VSS", "Date: noon", "Event ID: 8193"
LEVEL, COMPUTER = "Level: Error", "Computer: HV01"
FOUR = {"log": "A", "source": "VSS", "date": "noon", "id": "8193"}
ALL = [LOG, SOURCE, DATE, ID, LEVEL, COMPUTER]


def head_of(*lines: str) -> tuple[str, int] | None:
    """The names of the fields of the head that lines begin with, and how many lines it takes."""
    head = head_at(lines)
    return (" ".join(head.fields), head.lines) if head else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Event[0]:", True), ("Event[12]", True), ("  Event[1]: ", True), ("Event[]:", False), ("Event[1]: x", False)],
)  # fmt: skip
def test_the_mark_of_a_record(text, expected):
    """Stands alone on its line."""
    assert is_mark(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LOG, True), ("Source: x", True), ("Level: Error", True), ("Date: today", False), ("log name: A", False),
        ("lOg name: A", False),
        ("Event[0]:", True), ("<Event xmlns='x'>", True), ("<System>", False), ("Log Nme: A", True),
        ("> Log Nme: A", False), ("Log Nme A", False), ("hello", False), ("hello: you", False), ("", False),
    ],
)  # fmt: skip
def test_a_line_that_may_begin_an_event(text, expected):
    """Alone: a label that is first in some tool, as Windows writes it, a mark, a tag; a damaged label of a log."""
    assert may_begin(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Source: x", True), ("Quelle: x", True), ("Log: x", False), ("x", False), ("", False)],
)
def test_a_line_that_names_the_source(text, expected):
    """In any language."""
    assert names_source(text) is expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (ALL, ("log source date id level computer", 6)),
        ([*ALL, "Description:", "broken"], ("log source date id level computer description", 7)),
        ([*ALL, "Description: broken", "User: x"], ("log source date id level computer description user", 8)),
        ([*ALL, "Description:", "User: x"], ("log source date id level computer description", 7)),
        ([*ALL, "Description: broken", "again"], ("log source date id level computer description", 7)),
        ([LOG, "", SOURCE, "", "", DATE, ID, "", LEVEL, ""], ("log source date id level", 9)),
        ([*ALL, LOG, SOURCE], ("log source date id level computer", 6)),
        ([*ALL, "Xxx: yyy", "User: x"], ("log source date id level computer user", 8)),
        ([*ALL, "Xxx: yyy", "zzz"], ("log source date id level computer", 6)),
        ([*ALL, "Xxx: yyy", "Level: again"], ("log source date id level computer", 6)),
        ([*ALL, "xxx", "User: x"], ("log source date id level computer", 6)),
        ([*ALL, "Event Xml:", "User: x"], ("log source date id level computer", 6)),
        ([SOURCE, DATE, ID, LEVEL], ("source date id level", 4)),
        ([LEVEL, DATE, ID, COMPUTER], ("level date id computer", 4)),
        ([SOURCE, DATE, ID], None),
        ([SOURCE, DATE, LEVEL, COMPUTER], None),
        ([SOURCE, ID, LEVEL, COMPUTER], None),
        ([DATE, ID, COMPUTER, "User: x"], None),
        ([LOG, SOURCE], ("log source", 2)),
        ([LOG, SOURCE, "words"], None),
        ([LOG, SOURCE, DATE, "words"], ("log source date", 3)),
        ([LOG, SOURCE, ID, "words"], ("log source id", 3)),
        ([LOG, SOURCE, LEVEL, "words"], None),
        ([LOG, DATE, ID, "words"], None),
        ([LOG, DATE, ID], None),
        ([LOG, *[""] * 27, SOURCE], ("log source", 29)),
        ([LOG, *[""] * 28, SOURCE], None),
        ([LEVEL, DATE, ID, COMPUTER, LOG, SOURCE], ("level date id computer", 4)),
        (["Description: broken", *ALL], None),
        (["words", *ALL], None),
        ([], None),
        ([""], None),
    ],
)  # fmt: skip
def test_the_labels_of_a_head(lines, expected):
    """Go on over blank lines and over one foreign label, and suffice with id, date and one more, or log and source."""
    assert head_of(*lines) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([LOG, "Sourc: VSS", DATE, ID], FOUR),
        ([LOG, SOURCE, "Xyz: noon", ID, LEVEL], FOUR | {"level": "Error"}),
        ([LOG, SOURCE, "Xyz noon", ID, LEVEL], None),
        ([LOG, SOURCE, DATE, "Event D: 8193"], {"log": "A", "source": "VSS", "date": "noon"}),
        (["A", *ALL[1:]], None),
        (["Xyz: A", *ALL[1:]], FOUR | {"level": "Error", "computer": "HV01"}),
        (["Lg Name: A", "", *ALL[1:5]], FOUR | {"level": "Error"}),
        (["Lg Name: A", SOURCE, DATE], None),
        ([LOG, SOURCE, "Dte: noon", SOURCE], None),
        (["Lg Name: A", SOURCE, "", DATE, "", LEVEL], None),
        (["Lg Name: A", SOURCE, "", DATE, ID, LEVEL], FOUR | {"level": "Error"}),
        (["Lg Name: A", "x", SOURCE, DATE, ID, LEVEL], None),
        (["> Log Name: A", "> Source: VSS", "> Date: noon", "> Event ID: 1"], None),
        ([LOG, "> Source: VSS", "> Date: noon", "> Event ID: 8193"], FOUR),
    ],
)  # fmt: skip
def test_damaged_labels_of_a_head(lines, expected):
    """Are told by what they nearly are, or by their place where the head goes on below them."""
    head = head_at(lines)
    assert (dict(head.fields) if head else None) == expected


def test_the_log_above_a_head_counts_as_its_lines():
    """With the blank ones below it; the languages are those of the labels that are known."""
    head = head_at(["Lg Name: A", "", "", SOURCE, DATE, ID, LEVEL])
    assert head is not None
    assert head.lines == 7
    assert "en" in head.languages


@pytest.mark.parametrize(
    ("lines", "languages"),
    [
        (["Ereignis-ID: 1", "Datum: x", "Quelle: y", "Ebene: z"], {"de"}),
        (["Source: y", DATE, ID, "Niveau : z"], set()),
    ],
)
def test_the_language_of_a_head(lines, languages):
    """Is what all of its labels share."""
    head = head_at(lines)
    assert head is not None
    assert head.languages == languages


SHAPE = [
    "Loki: A", "Lahde: VSS", "Paiva: 18.2.2025 2:55:45", "Tunnus: 8193", "Luokka: -", "Taso: Virhe", "Sanat: -",
    "Kuka: -", "Kone: HV01",
]  # fmt: skip
NAMES = "log source date id category level keywords user computer"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (SHAPE, (NAMES, 9)),
        ([*SHAPE, "Kuvaus: meni rikki"], (f"{NAMES} description", 10)),
        ([*SHAPE, "Kuvaus: meni rikki", "Viela: yksi"], (f"{NAMES} description", 10)),
        (SHAPE[:8], None),
        ([*SHAPE[:6], "no label", *SHAPE[6:]], None),
        (["", *SHAPE], None),
        ([SHAPE[0], "", *SHAPE[1:]], (NAMES, 10)),
        (SHAPE[1:], (NAMES.removeprefix("log "), 8)),
        (SHAPE[2:], None),
        (["Viela: yksi", *SHAPE], None),
        (["Loki: ", *SHAPE[1:]], None),
        (["Loki: A", "Lahde: ", *SHAPE[2:]], None),
        ([*SHAPE[:3], "Tunnus: x", *SHAPE[4:]], None),
        ([*SHAPE[:3], "Tunnus: 123456", *SHAPE[4:]], None),
        ([*SHAPE[:8], "Kone: a b"], None),
    ],
)  # fmt: skip
def test_a_head_in_a_language_that_nobody_taught_us(lines, expected):
    """Down to the computer, the date second or third, a whole number below it, in the end one word for the computer."""
    assert head_of(*lines) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (ALL, True),
        (["words", "", *ALL], True),
        ([LOG, SOURCE, *[""] * 27, ID], True),
        ([LOG, SOURCE, *[""] * 28, ID], False),
        (["<Events>", *ALL], False),
        (["<Event>", *ALL], False),
        (["<Event></Event>", *ALL], True),
        (["<Event>", "x", "</Event>", *ALL], True),
        (["words"], False),
    ],
)
def test_a_text_that_holds_heads(lines, expected):
    """Within thirty lines, and outside of XML."""
    assert holds_heads(Head("a.txt", "\n".join([*lines, "end"]).encode())) is expected


WITHOUT_TEXT = EventHead({"log": "A", "source": "VSS", "level": "n"}, 3, frozenset({"en"}))
WITH_TEXT = replace(WITHOUT_TEXT, fields={**WITHOUT_TEXT.fields, "description": ""})


@pytest.mark.parametrize(
    ("body", "is_open", "expected"),
    [
        (["Key"], True, 0),
        (["", "Key", ""], True, 0),
        (["Key"], False, 1),
        (["Key: x"], True, 1),
        (["Xyz"], True, 1),
        (["Key", "User"], True, 2),
        ([""], True, 1),
    ],
)
def test_a_cut_label_below_a_head_without_a_description(body, is_open, expected):
    """One word that begins a label, where the source ends without a line end; in an unknown language any word."""
    assert own_lines(WITHOUT_TEXT, LOG, "", body, is_open) == expected
    unknown = replace(WITHOUT_TEXT, languages=frozenset())
    assert own_lines(unknown, LOG, "", body, is_open) == (0 if body == ["Xyz"] else expected)


@pytest.mark.parametrize(
    ("body", "is_open", "mark", "expected"),
    [
        (["broken"], True, "", 1),
        (["broken", "Log Name: B"], False, "", 1),
        (["broken", "", "", "Log Name: B", "Source: x"], False, "", 1),
        (["broken", "Log Name: B", "words"], False, "", 3),
        (["broken", "Log Name: B", "Sour"], True, "", 1),
        (["broken", "Log Name: B", "Sour"], False, "", 3),
        (["broken", "Log Name: B", "", "Source: x"], False, "", 1),
        (["broken", "Log N"], True, "", 1),
        (["broken", "Log N"], False, "", 2),
        (["broken", "Log N", "Source: x"], True, "", 3),
        (["broken", "Source: x"], True, "", 2),
        (["Log Name: B", *["x: y"] * 29], False, "", 0),
        (["Log Name: B", *["x: y"] * 30], False, "", 31),
        (["broken", "", "Event[1]:"], False, "Event[0]:", 1),
        (["broken", "Event[1]:"], False, "", 2),
        (["broken", "Event[1"], True, "Event[0]:", 1),
        (["broken", "Ev"], True, "Event[0]:", 1),
        (["broken", "Ev"], False, "Event[0]:", 2),
        (["broken", "Evil"], True, "Event[0]:", 2),
        (["broken", "Event[1]:", "Log Name: B"], True, "Event[0]:", 1),
        (["broken", "Ev", "Log Name: B"], True, "Event[0]:", 2),
        (["broken", "", "Event Xml:"], False, "", 1),
        (["broken", "Event Xml: x"], False, "", 2),
        (["broken", "Event X"], True, "", 1),
        (["broken", "Event X"], False, "", 2),
        (["broken", "Event Xml:", "<Ev"], True, "", 1),
        (["broken", "Event Xml:", "<Ev"], False, "", 3),
        (["broken", "<Ev"], True, "", 1),
        (["broken", "Event Xml:", "Log Name: B"], False, "", 2),
        ([], True, "Event[0]:", 0),
        (["Event[1]:"], False, "Event[0]:", 0),
        (["Event Xml:"], False, "", 0),
        (["<Ev"], True, "", 0),
    ],
)
def test_what_begins_the_next_event(body, is_open, mark, expected):
    """Its first label with nothing but labels below it, its mark, or the label of its XML; cut ones at the end."""
    assert own_lines(WITH_TEXT, LOG, mark, body, is_open) == expected


@pytest.mark.parametrize(
    ("is_open", "value", "expected"), [(True, "n", ""), (False, "n", "n"), (True, "x", "x")]
)
def test_a_last_value_that_was_cut(is_open, value, expected):
    """The beginning of `null` or `N/A` says nothing where the source ends behind it."""
    head = certain(EventHead({"log": "n", "level": value}, 2, frozenset({"en"})), is_open)
    assert (head.fields, head.lines, head.languages) == ({"log": "n", "level": expected}, 2, {"en"})
