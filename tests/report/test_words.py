"""Numbers as people say them."""

from __future__ import annotations

import pytest

from analytics.errors import UsageError
from analytics.report.words import Claim, Words

WORDS = Words.of("en")


def said(template: str, **values: object) -> str:
    """A template of its own, filled."""
    texts = {"x": {"y": template}, "unit": WORDS.table("unit"), "join": WORDS.table("join")}
    return Words("xx", texts).say(Claim("x.y", **values))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "unknown"),
        (0.04, "0 s"),
        (7.25, "7.2 s"),
        (9.94, "9.9 s"),
        (10.4, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (724, "12 min 4 s"),
        (5520, "1 h 32 min"),
        (7200, "2 h"),
        (97200, "1 d 3 h"),
    ],
)
def test_seconds_are_said_in_two_units(value, expected):
    """The two largest units, the second only where it is not zero."""
    assert expected == said("{v:seconds}", v=value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1.0, "100 %"), (0.99999, "99.99 %"), (0.5, "50 %"), (0.00001, "0.01 %"), (0, "0 %"), (None, "unknown")],
)
def test_a_share_is_never_rounded_to_all_or_nothing(value, expected):
    """One record of a million that was rejected keeps the share below 100 %."""
    assert expected == said("{v:share}", v=value)


@pytest.mark.parametrize(
    ("value", "expected"), [(4.2e12, "4.2 TB"), (999, "999 B"), (1.5e9, "1.5 GB"), (None, "unknown")]
)
def test_sizes_are_decimal(value, expected):
    """Units of 1000, three digits."""
    assert expected == said("{v:size}", v=value)


def test_nouns_follow_their_number():
    """One VM, two VMs, 1,200 backups; a verb, too."""
    template = "{n:count|VM|VMs} {n:|is|are} late"

    assert [said(template, n=n) for n in (1, 2, 1200)] == [
        "1 VM is late",
        "2 VMs are late",
        "1,200 VMs are late",
    ]


def test_lists_are_joined_as_the_language_does():
    """Commas, and a word before the last."""
    assert [said("{parts:and}", parts=list("abc")[:n]) for n in range(4)] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_a_name_is_no_template():
    """Braces in the name of a VM stay as they are."""
    assert said("{vm} failed", vm="{n} {vm!r}") == "{n} {vm!r} failed"


def test_a_name_turns_no_sentence_around():
    """A bidi override stands as text, alone, in a list and in a claim within a claim."""
    name = "VM\u202egnp"

    assert said("{v} was late", v=name) == r"VM\u202egnp was late"
    assert said("{v:list} were late", v=[name, "B"]) == r"VM\u202egnp, B were late"
    assert said("{v}", v="会計サーバー01") == "会計サーバー01"


def test_a_language_without_a_file_is_refused():
    """The message lists those that there are."""
    with pytest.raises(UsageError, match="one of en, ja"):
        Words.of("xx")
