"""Numbers as people say them."""

from __future__ import annotations

import pytest

from analytics.report.words import en as words


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "unknown"),
        (0.04, "0 s"),
        (7.25, "7.2 s"),
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
    assert expected == words.seconds(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1.0, "100 %"), (0.99999, "99.99 %"), (0.5, "50 %"), (0.00001, "0.01 %"), (0, "0 %"), (None, "unknown")],
)
def test_a_share_is_never_rounded_to_all_or_nothing(value, expected):
    """One record of a million that was rejected keeps the share below 100 %."""
    assert expected == words.share(value)


@pytest.mark.parametrize(
    ("value", "expected"), [(4.2e12, "4.2 TB"), (999, "999 B"), (1.5e9, "1.5 GB"), (None, "unknown")]
)
def test_sizes_are_decimal(value, expected):
    """Units of 1000, three digits."""
    assert expected == words.size(value)


def test_nouns_follow_their_number():
    """One VM, two VMs, 1,200 backups."""
    assert [
        words.count(1, "VM"),
        words.count(2, "VM"),
        words.count(1200, "backup"),
    ] == ["1 VM", "2 VMs", "1,200 backups"]
