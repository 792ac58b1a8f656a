"""Nights that are due: learned from earlier nights, and never from later ones."""

from __future__ import annotations

import pytest

from tests.model.plain_estate import Estate, day, moment, nightly
from tests.model.views import rows_of

EVERY_NIGHT = range(28)
WORKING_DAYS = [night for night in EVERY_NIGHT if night % 7 < 5]


@pytest.fixture
def estate(tmp_path):
    """An empty estate whose DPM server also protects OTHER every night, so that every night has evidence."""
    return Estate(tmp_path)


def due(estate: Estate, vm: str, site: str = "") -> dict[int, tuple[bool | None, str]]:
    """Of a VM: what was expected of each night, and why."""
    rows = estate.rows("SELECT vm, night, expected, reason FROM expected_runs ORDER BY night", site)
    return {(row["night"] - day(0)).days: (row["expected"], row["reason"]) for row in rows if row["vm"] == vm}


def reasons(estate: Estate, vm: str, site: str = "", rule: str = "backup_window") -> dict[int, str]:
    """Of a VM: the reason of each night under a rule."""
    rows = estate.rows("SELECT vm, night, rule, reason FROM sla ORDER BY night", site)
    return {
        (row["night"] - day(0)).days: row["reason"] for row in rows if row["vm"] == vm and row["rule"] == rule
    }


class TestLearning:
    def test_the_first_nights_establish_nothing(self, estate):
        """Two nights of the same kind must have been seen before; a weekend is another kind."""
        estate.add(nightly("A", range(9)), collected=moment(9, 12))
        found = due(estate, "A")

        assert [found[night][1] for night in range(9)] == [
            "not_established",
            "not_established",
            "due",
            "due",
            "due",
            "not_established",
            "not_established",
            "due",
            "due",
        ]

    def test_monday_to_friday(self, estate):
        """From the third weekend on nothing is due on it; before, that is not known."""
        estate.add([*nightly("A", WORKING_DAYS), *nightly("OTHER", EVERY_NIGHT)], collected=moment(28, 12))
        found = due(estate, "A")

        assert {found[night] for night in WORKING_DAYS[2:]} == {(True, "due")}
        assert {found[night][1] for night in (5, 6)} == {"not_established"}
        assert {found[night] for night in (19, 20, 26, 27)} == {(False, "not_due")}

    def test_weekly_with_one_miss(self, estate):
        """The missed week is missed, and no day between becomes due."""
        nights = range(43)
        estate.add(
            [*nightly("A", (0, 7, 14, 28, 35, 42)), *nightly("OTHER", nights)], collected=moment(43, 12)
        )
        found = reasons(estate, "A")

        assert [found[night] for night in (14, 21, 28, 35, 42)] == ["met", "missed", "met", "met", "met"]
        assert {found[night] for night in nights if night > 14 and night % 7} == {"not_due"}

    @pytest.mark.parametrize(("mondays", "expected"), [((0, 7), True), ((0,), True), ((0, 14), True)])
    def test_half_of_the_comparable_nights(self, estate, mondays, expected):
        """It ran on two, on one of two, on two of three Mondays before: half is enough."""
        last = 14 if len(mondays) < 2 or mondays[-1] == 7 else 21
        nights = sorted({*mondays, *(night for night in range(last) if night % 7)})
        estate.add([*nightly("A", nights), *nightly("OTHER", range(last + 1))])

        assert due(estate, "A")[last][0] is expected

    def test_fewer_than_half_of_the_comparable_nights(self, estate):
        """It ran on one of three Mondays before."""
        nights = [0, *(night for night in range(21) if night % 7)]
        estate.add([*nightly("A", nights), *nightly("OTHER", range(22))])

        assert due(estate, "A")[21] == (False, "not_due")

    def test_a_missed_night_in_the_middle(self, estate):
        """One night without a run is missed; the next ones stay due."""
        estate.add([*nightly("A", [n for n in range(14) if n != 9]), *nightly("OTHER", range(14))])
        found = reasons(estate, "A")

        assert found[9] == "missed"
        assert {found[night] for night in (8, 10, 11)} == {"met"}

    def test_several_runs_a_night_are_one(self, estate):
        """The first good one decides; a failed one before it does no harm."""
        runs = [*nightly("A", range(7), status="Failed"), *nightly("A", range(7), start_h=25.0)]
        estate.add([*runs, *nightly("OTHER", range(7))])

        assert reasons(estate, "A")[3] == "met"

    def test_eight_weeks_and_no_more(self, estate):
        """A VM that went from nightly to never on Sundays: after eight weeks Sundays are not due any more."""
        nights = range(7 * 16)
        runs = [night for night in nights if night % 7 != 6 or night < 7 * 8]
        estate.add([*nightly("A", runs), *nightly("OTHER", nights)])
        found = reasons(estate, "A")

        assert found[7 * 8 + 6] == "missed"
        assert found[7 * 15 + 6] == "not_due"


def learned(runs, evidence, first=0, until=None, vm="A", site=()):
    """Of a VM that ran on these nights and of which there is evidence of those: what is due, and who says so."""
    last = max(evidence)
    until = last if until is None else until
    spans = {"vm": vm, "first_night": day(first), "seen_until": moment(until, 23)}
    rows = rows_of(
        "due_nights",
        machine_evidence=[spans | {"night": day(night)} for night in evidence],
        nights=[{"night": day(night), "opens_at": moment(night, 22)} for night in range(first, last + 9)],
        night_results=[{"vm": vm, "night": day(night), "attempts": 1} for night in runs],
        machine_schedules=[{"vm": vm} | dict(row) for row in site],
    )
    return {(row["night"] - day(0)).days: (row["expected"], row["learned_from"]) for row in rows}


class TestLimits:
    """Two comparable nights, half of them, eight weeks of them."""

    def test_two_of_a_kind_then_two_of_a_weekday(self):
        """Three nights establish a kind of day, three weeks a day of the week."""
        found = learned(range(22), range(22))

        assert {night: source for night, (_, source) in found.items()} == {
            **dict.fromkeys((0, 1, 5, 6), None),
            **dict.fromkeys((*range(2, 5), *range(7, 14)), "same_kind_of_day"),
            **dict.fromkeys(range(14, 22), "same_weekday"),
        }

    @pytest.mark.parametrize(
        ("runs", "expected"),
        [
            ((0, 7, 14, 21), True),
            ((0, 14), True),
            ((7, 14), True),
            ((7,), False),
        ],
    )
    def test_half_of_four_mondays(self, runs, expected):
        """On a Monday after four of them, in weeks with runs on the other days."""
        others = [night for night in range(28) if night % 7]

        assert learned([*runs, *others], range(29))[28] == (expected, "same_weekday")

    @pytest.mark.parametrize(("weeks", "source"), [(8, "same_weekday"), (9, "same_kind_of_day")])
    def test_eight_weeks(self, weeks, source):
        """Of a Monday only the eight before count, the oldest of them eight weeks ago."""
        mondays = [0, 7]
        evidence = [*mondays, *(night for night in range(7 * weeks) if night % 7 in {1, 2}), 7 * weeks + 7]
        runs = [night for night in evidence if night != 7 * weeks + 7]

        assert learned(runs, evidence)[7 * weeks + 7][1] == source

    def test_nights_after_the_last_sign(self):
        """A night whose window had not opened then is none, but the first one is one always."""
        assert max(learned(range(5), range(5), until=3)) == 3
        assert set(learned([], [4], first=4, until=2)) == {4}

    @pytest.mark.parametrize(
        ("site", "found"),
        [
            ({"schedule": "daily"}, (True, "site")),
            ({"schedule": "weekly:mon"}, (True, "site")),
            ({"schedule": "weekly:tue"}, (False, "site")),
            ({"schedule": "weekdays"}, (True, "site")),
            ({"protected_until": day(0)}, (True, None)),
            ({"protected_until": day(-1)}, (False, "site")),
        ],
    )
    def test_the_site_says_it(self, site, found):
        """Of the first night, of which nothing is learned; a VM is protected up to and with its last night."""
        expected, source = found
        assert learned([0], [0], site=[site])[0] == ((expected, source) if source else (None, None))

    def test_without_evidence(self):
        """Nothing is due and nobody says so, unless protection has ended."""
        assert learned([0], [0, 2], site=[{"schedule": "daily"}])[1] == (None, None)
        assert learned([0], [0, 2], site=[{"protected_until": day(0)}])[1] == (False, "site")


class TestSilence:
    def test_a_machine_that_stops_stays_missed(self, estate):
        """Nine nights and nine weeks later: silence is no schedule."""
        nights = range(75)
        estate.add([*nightly("A", range(10)), *nightly("OTHER", nights)], collected=moment(75, 12))
        found = reasons(estate, "A")

        assert {found[night] for night in range(10, 75)} == {"missed"}

    def test_an_outage_of_the_last_nine_nights(self, estate):
        """Nothing ran anywhere, and the logs were collected after it: every backup was missed."""
        estate.add(nightly("A", range(21)), collected=moment(30, 12))

        assert {reasons(estate, "A")[night] for night in range(21, 30)} == {"missed"}

    def test_a_dark_night(self, estate):
        """A night in the middle of which nothing at all is left proves nothing."""
        estate.add(nightly("A", [night for night in range(14) if night != 9]), collected=moment(14, 12))
        found = due(estate, "A")

        assert found[9] == (None, "no_evidence")
        assert reasons(estate, "A")[9] == "no_evidence"

    def test_what_was_collected_before_says_nothing_of_later_nights(self, estate):
        """The records of one DPM server end, those of the other go on: the first is not judged after its end."""
        estate.add([*nightly("A", range(10)), *nightly("B", range(20), server="DPM02", host="HV02")])

        assert max(due(estate, "A")) == 9
        assert max(due(estate, "B")) == 19

    def test_an_outage_of_one_server_alone(self, estate):
        """The other server goes on; the silent one was collected after its outage, so silence is silence."""
        runs = [*nightly("A", range(21)), *nightly("B", range(30), server="DPM02", host="HV02")]
        estate.add(runs, collected=moment(30, 12))

        assert {reasons(estate, "A")[night] for night in range(21, 30)} == {"missed"}

    def test_an_outage_that_was_collected_stays_one_when_it_ends(self, estate):
        """Collected in the middle of the outage: what was missed then is missed when backups go on."""
        estate.add(nightly("A", range(21)), collected=moment(26, 12))
        before = reasons(estate, "A")
        estate.add(nightly("A", [*range(21), *range(29, 33)]), collected=moment(33, 12))
        after = reasons(estate, "A")

        assert {before[night] for night in range(21, 26)} == {"missed"}
        assert {night: after[night] for night in before} == before
        assert {after[night] for night in range(26, 29)} == {"no_evidence"}

    def test_a_computer_counts_from_the_first_night_there(self, estate):
        """The log of another server that the VM moves to later says nothing of nights before."""
        runs = nightly("A", [n for n in range(14) if n != 9])
        other = nightly("B", range(20), server="DPM02", host="HV02")
        moved = nightly("A", range(14, 20), server="DPM02", host="HV02")
        vms = "VMName,VMId,HostName,VhdPath,FileSizeBytes\nA,882C3375-75AF-404F-AE10-24CE4C29C5CB,HV02,C:\\A.vhd,1\n"
        estate.add([*runs, *other, *moved], vms=vms)

        assert reasons(estate, "A")[9] == "no_evidence"

    def test_the_site_file_ends_it(self, estate):
        """From the night after protected_until on nothing is due; the night itself is."""
        estate.add([*nightly("A", range(10)), *nightly("OTHER", range(20))])
        site = f"[vms]\nprotected_until = {{ A = {day(11)} }}\n"
        found = reasons(estate, "A", site)

        assert [found[night] for night in (9, 10, 11, 12, 13)] == [
            "met",
            "missed",
            "missed",
            "not_due",
            "not_due",
        ]

    @pytest.mark.parametrize(
        ("plan", "due_nights"),
        [("daily", {*range(14)}), ("weekdays", {n for n in range(14) if n % 7 < 5}), ("weekly:wed", {2, 9})],
    )
    def test_the_site_file_says_what_is_due(self, estate, plan, due_nights):
        """From the first night on, whatever the nights before were."""
        estate.add([*nightly("A", range(14)), *nightly("OTHER", range(14))])
        found = due(estate, "A", f'[vms]\nschedule = {{ "a*" = "{plan}" }}\n')

        assert {night for night, (expected, _) in found.items() if expected} == due_nights

    def test_another_weekend(self, estate):
        """Friday and Saturday are the weekend of this site; Sunday is a working day, of which five are known."""
        estate.add([*nightly("A", range(7)), *nightly("OTHER", range(7))])
        found = due(estate, "A", '[site]\nweekend = ["fri", "sat"]\n')

        assert found[4][1] == found[5][1] == "not_established"
        assert found[6] == (True, "due")


class TestNeverRun:
    VMS = "VMName,VhdPath,FileSizeBytes\nA,C:\\A.vhd,1\nIDLE,C:\\IDLE.vhd,1\n"

    def test_known_from_the_inventory_on(self, estate):
        """Taken on the third day: from that night on the machine is known to be without any backup."""
        estate.add(nightly("A", range(3)), collected=moment(2, 23), vms=self.VMS)
        estate.add(nightly("A", range(6)), collected=moment(6, 12))
        found = reasons(estate, "IDLE")

        assert found == {2: "never_run", 3: "never_run", 4: "never_run", 5: "never_run"}
        causes = estate.rows("SELECT DISTINCT cause, cause_grade FROM sla WHERE vm = 'IDLE'")
        assert causes == [{"cause": "never_run", "cause_grade": "A"}]

    def test_a_dark_night_proves_nothing(self, estate):
        """Nothing at all is left of the fifth night, so nobody says that nothing ran."""
        nights = [night for night in range(6) if night != 4]
        estate.add(nightly("A", nights), collected=moment(2, 23), vms=self.VMS)
        found = reasons(estate, "IDLE")

        assert found == {2: "never_run", 3: "never_run", 4: "no_evidence", 5: "never_run"}

    @pytest.mark.parametrize(
        ("homes", "reason"),
        [(("HV01", ""), "never_run"), (("HV02", ""), "no_evidence"), (("HV02", "CL1"), "never_run")],
    )
    def test_a_host_of_which_no_job_is_known(self, estate, homes, reason):
        """Its DPM server may have given nothing; another host of its cluster with jobs is enough."""
        (host, cluster), head = homes, "VMName,VMId,HostName,ClusterName,VhdPath,FileSizeBytes\n"
        rows = f"A,,HV01,CL1,C:\\A.vhd,1\nIDLE,,{host},{cluster},D:\\IDLE.vhd,1\n"
        estate.add(nightly("A", range(3)), collected=moment(2, 23), vms=head + rows)

        assert reasons(estate, "IDLE") == {2: reason}

    def test_the_site_file_says_that_it_is_not_protected(self, estate):
        """What was never protected owes nothing; a schedule says on which nights it is missed."""
        estate.add(nightly("A", range(7)), collected=moment(2, 23), vms=self.VMS)
        until = reasons(estate, "IDLE", "[vms]\nprotected_until = { IDLE = 2025-02-05 }\n")
        weekly = reasons(estate, "IDLE", '[vms]\nschedule = { IDLE = "weekly:fri" }\n')

        assert until == {2: "never_run"} | dict.fromkeys(range(3, 7), "not_due")
        assert weekly == {4: "never_run"} | dict.fromkeys((2, 3, 5, 6), "not_due")

    def test_a_first_backup_later_changes_no_earlier_night(self, estate):
        """It was never run until then, and that stays."""
        estate.add(nightly("A", range(3)), collected=moment(2, 23), vms=self.VMS)
        before = reasons(estate, "IDLE")
        estate.add([*nightly("A", range(6)), *nightly("IDLE", [4, 5])], collected=moment(6, 12))
        after = reasons(estate, "IDLE")

        assert before == {2: "never_run"}
        assert after == {2: "never_run", 3: "never_run", 4: "not_established", 5: "not_established"}


@pytest.mark.parametrize("seed", range(6))
def test_later_nights_change_no_earlier_verdict(tmp_path, seed):
    """Any estate, cut at any night: what was judged before the cut is judged the same after the rest came."""
    from random import Random

    rng = Random(seed)
    kinds = {
        "nightly": range(40),
        "weekdays": [n for n in range(40) if n % 7 < 5],
        "weekly": [n for n in range(40) if n % 7 == 2],
        "stops": range(rng.randrange(5, 35)),
        "rare": sorted(rng.sample(range(40), 12)),
        "gap": [n for n in range(40) if not 12 <= n < 12 + rng.randrange(2, 9)],
    }
    runs = [
        run
        for vm, nights in kinds.items()
        for run in nightly(vm, nights, hours=rng.choice((1.0, 9.0)), queued_h=rng.choice((0.0, 2.0)))
        if rng.random() < 0.93
    ]
    runs += nightly("OTHER", range(40))
    cut = rng.randrange(8, 39)
    estate = Estate(tmp_path)
    estate.add([run for run in runs if run.night < cut], collected=moment(cut, 12))
    text = (
        "SELECT vm, night, rule, expected, met, deadline, finished_at, overrun_s, reason, cause, cause_s,"
        f" cause_grade, job_id FROM sla WHERE night < DATE '{day(cut)}' ORDER BY ALL"
    )
    before = estate.rows(text)
    estate.add(runs, collected=moment(40, 12))

    assert before
    assert estate.rows(text) == before
