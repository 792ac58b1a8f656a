"""Labels of pasted events that were damaged on their way: nothing that the text plainly has is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.formats import Head, Reading, by_name
from analytics.formats.events.labels import says_none

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "sample_logs" / "event-text"
EVENT_TEXT = by_name("event-text")
READING = Reading(time_zone="UTC")
FIELDS = ("event_provider", "event_id", "channel", "level", "host", "at")
HEAD = (
    "Source:        VSS\nDate:          2/18/2025 2:55:45 AM\nEvent ID:      8193\nTask Category: None\n"
    "Level:         Error\nKeywords:      Classic\nUser:          N/A\nComputer:      HV01\nDescription:\nbroken\n"
)


def stated(text: str, outcome) -> list[tuple]:
    """What the events of a text state."""
    rows = outcome(EVENT_TEXT, text.encode("utf-8"), READING).rows
    return [tuple(row.get(name) for name in FIELDS) for row in rows]


def damaged(text: str):
    """The text with one character of one label, or its colon, spoilt or lost: of each label where it first stands."""
    lines, seen = text.splitlines(keepends=True), set()
    for number, line in enumerate(lines):
        colon = line.find(":")
        if line[:colon] in seen:
            continue
        seen.add(line[:colon])
        for place in range(colon + 1 if 0 < colon < 30 else 0):
            for other in ("\u25a1", ""):
                yield "".join(
                    [*lines[:number], line[:place] + other + line[place + 1 :], *lines[number + 1 :]]
                )


@pytest.mark.parametrize("name", ["application.txt", "mail_ja.txt", "wevtutil.txt"])
def test_every_character_of_every_label(name: str, outcome) -> None:
    """One character is wrong or missing, anywhere in the labels: all events keep all that they state."""
    data = (FOLDER / name).read_bytes()
    text = data.decode(Head(name, data).encoding).lstrip("\ufeff").replace("\r\n", "\n")
    due = stated(text, outcome)
    assert due
    for mutant in damaged(text):
        assert EVENT_TEXT.recognise(Head(name, mutant.encode("utf-8"))), mutant
        assert stated(mutant, outcome) == due, mutant


@pytest.mark.parametrize(
    "above",
    ["Log Name: Application", "Log Nme: Application", "Log Name Application", "g Name: Application", "Lo: Application",
     "engine failed.Log Name:      Application", "> Log Name: Application", "Event ID:    Log Name:      Application"],
)  # fmt: skip
def test_the_log_above_the_source(above: str, outcome) -> None:
    """The log is found whatever is left of its label, also behind the cut end of another copy."""
    ((*_, channel, level, host, at),) = stated(f"{above}\n{HEAD}", outcome)
    assert (channel, level, host, at is None) == ("Application", 2, "HV01", False)


@pytest.mark.parametrize("above", ["Hello,", "here is what I found:", "", "See https://support", "-----"])
def test_a_sentence_above_the_source(above: str, outcome) -> None:
    """What stands above an event without a log is none."""
    ((*_, channel, level, host, at),) = stated(f"{above}\n{HEAD}", outcome)
    assert (channel, level, host, at is None) == (None, 2, "HV01", False)


@pytest.mark.parametrize(
    ("text", "says"),
    [("None", True), ("none", True), ("Keine", True), ("\u65e0", True), ("Nonesuch", False), ("", False)],
)
def test_words_for_none(text, says):
    """In the languages of Windows that the rules know."""
    assert says_none(text) is says


@pytest.mark.parametrize(
    "rest", ["Opcode: Info\nKeyword: Classic\nUser: N/A\n", "Date: 2/18/2025 2:55:44 AM\nEvent ID: 1\n"]
)
def test_a_head_of_which_the_rest_was_cut(rest: str, outcome) -> None:
    """A log with its source begins the next event, whatever is left of a head above it."""
    *_, (provider, event_id, channel, level, host, _) = stated(
        f"{rest}Log Name: Application\n{HEAD}", outcome
    )
    assert (provider, event_id, channel, level, host) == ("VSS", 8193, "Application", 2, "HV01")
