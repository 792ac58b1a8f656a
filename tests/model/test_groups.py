"""Protection groups and DPM servers of which no VM ran on a night on which others did."""

from __future__ import annotations

import pytest

from analytics.report.build import build_report
from tests.model.plain_estate import Estate, Run, day, moment, nightly

IDLE = "SELECT dpm_server, protection_group, vms, jobs FROM groups_without_runs WHERE night = DATE '{}'"


@pytest.fixture
def estate(tmp_path):
    """An empty estate."""
    return Estate(tmp_path)


def idle(estate, night, site=""):
    """Groups and servers without runs on a night."""
    return [tuple(row.values()) for row in estate.rows(IDLE.format(day(night)), site)]


def two_groups(missing, others=(), *, extra=()):
    """Two VMs of one group and one of another, nightly for five nights; those of `missing` and `others` left out."""
    first = [
        run
        for vm in ("A", "B")
        for run in nightly(vm, [n for n in range(5) if n not in missing], group="Tier 1")
    ]
    return [*first, *nightly("C", [n for n in range(5) if n not in others], group="Tier 2"), *extra]


def test_a_group_that_ran_nothing(estate):
    """Both its VMs were due and ran nothing, the other group's did."""
    estate.add(two_groups({3}), collected=moment(5, 12))

    assert idle(estate, 3) == [("DPM01", "Tier 1", 2, 1)]
    assert idle(estate, 4) == []


@pytest.mark.parametrize(
    "runs",
    [
        two_groups({3}, extra=[Run("A", 3, group="Tier 1")]),
        two_groups({3}, extra=[Run("A", 3, group="Tier 1", status="Failed")]),
        two_groups({3}, extra=[Run("A", 3, group="Tier 1", status="InProgress", hours=None)]),
        two_groups({3}, {3}),
        two_groups({0}),
    ],
    ids=["one member ran", "one failed", "one runs", "nobody ran", "before its first backup"],
)
def test_nothing_to_say(estate, runs):
    """One member is enough, whatever became of it; and others must have run."""
    estate.add(runs, collected=moment(5, 12))

    assert [row for night in range(5) for row in idle(estate, night)] == []


def test_a_night_that_is_not_due(estate):
    """The site file says that the group's protection has ended."""
    estate.add(two_groups({3, 4}), collected=moment(5, 12))
    ended = f"[vms]\nprotected_until = {{ A = {day(2)}, B = {day(2)} }}\n"

    assert len(idle(estate, 3)) == 1
    assert idle(estate, 3, ended) == []


def test_a_server_that_ran_nothing(estate):
    """Its groups are not named one by one: their server ran no others."""
    other = nightly("D", range(5), server="DPM02", host="HV02")
    estate.add([*two_groups({3}, {3}), *other], collected=moment(5, 12))

    assert idle(estate, 3) == [("DPM01", None, 3, 1)]


def test_the_sentence_comes_and_goes(estate):
    """The report names the group, and says nothing once its backups are found."""
    estate.add(two_groups({3}), collected=moment(5, 12))
    with estate.session() as session:
        said = build_report(session).notes["coverage"]
    estate.add([run for run in two_groups(()) if run.night == 3], collected=moment(5, 12))
    with estate.session() as session:
        silent = build_report(session).notes["coverage"]

    sentence = (
        f"No VM of the protection group Tier 1 ran a backup on 1 night (the last: {day(3)}; 2 VMs were due)"
    )
    assert sentence in said
    assert "protection group" not in silent
