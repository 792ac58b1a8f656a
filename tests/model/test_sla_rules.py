"""Rules side by side, their thresholds to the second, compliance with its intervals, the one cause of each breach."""

from __future__ import annotations

import math

import pytest

from tests.model.plain_estate import Estate, Run, day, moment, nightly

SECOND_H = 1 / 3600


@pytest.fixture
def estate(tmp_path):
    """An empty estate."""
    return Estate(tmp_path)


def verdict(estate: Estate, site: str, rule: str, night: int = 9, vm: str = "A") -> tuple[bool | None, str]:
    """Whether a VM kept a rule on a night, and why."""
    rows = estate.rows(
        f"SELECT met, reason FROM sla WHERE vm = '{vm}' AND rule = '{rule}' AND night = DATE '{day(night)}'",
        site,
    )
    assert len(rows) == 1
    return rows[0]["met"], rows[0]["reason"]


@pytest.mark.parametrize(("over_s", "met"), [(-1, True), (0, True), (1, False)])
class TestThresholds:
    """One second below, at and one second above the limit."""

    def test_backup_window(self, estate, over_s, met):
        """The window closes at 06:00."""
        estate.add([*nightly("A", range(9)), Run("A", 9, 29.0, 1.0 + over_s * SECOND_H)])

        assert verdict(estate, "", "backup_window") == (met, "met" if met else "late")

    def test_a_window_of_its_own(self, estate, over_s, met):
        """The rule's window, not the site's."""
        estate.add([*nightly("A", range(9)), Run("A", 9, 22.5, 1.5 + over_s * SECOND_H)])
        site = '[[sla]]\nrule = "backup_window"\nvms = ["a"]\nthreshold = "21:00-00:00"\n'

        assert verdict(estate, site, "backup_window") == (met, "met" if met else "late")

    def test_max_duration(self, estate, over_s, met):
        """Four hours from the start of the job."""
        estate.add([*nightly("A", range(9)), Run("A", 9, 22.0, 4.0 + over_s * SECOND_H)])
        site = '[[sla]]\nrule = "max_duration"\nthreshold = "4h"\n'

        assert verdict(estate, site, "max_duration") == (met, "met" if met else "late")

    def test_rpo_on_disk(self, estate, over_s, met):
        """36 hours from the newest backup's start (no log shows its snapshot) to the close of the window."""
        last = Run("A", 8, 18.0 - over_s * SECOND_H)
        estate.add([*nightly("A", range(8)), last, *nightly("OTHER", range(12))], collected=moment(12, 12))

        assert verdict(estate, '[[sla]]\nrule = "rpo_disk"\n', "rpo_disk") == (met, "met" if met else "late")


class TestRules:
    def test_each_night_by_the_rule_that_was_valid(self, estate):
        """The window moved on night 5: five hours were enough before, and are too long from then on."""
        estate.add(nightly("A", range(10), hours=5.0))
        site = (
            f'[[sla]]\nrule = "backup_window"\nuntil = {day(4)}\n'
            f'[[sla]]\nrule = "backup_window"\nthreshold = "22:00-02:00"\nfrom = {day(5)}\n'
        )
        rows = estate.rows("SELECT night, reason FROM sla WHERE rule = 'backup_window' ORDER BY night", site)

        assert [row["reason"] for row in rows][2:5] == ["met"] * 3
        assert {row["reason"] for row in rows[7:]} == {"late"}

    def test_where_rules_disagree(self, estate):
        """In the window and yet too long: each rule has its own row."""
        estate.add(nightly("A", range(10), hours=5.0))
        site = '[[sla]]\nrule = "max_duration"\nthreshold = 4\n'

        assert verdict(estate, site, "backup_window") == (True, "met")
        assert verdict(estate, site, "max_duration") == (False, "late")

    def test_only_its_group(self, estate):
        """A rule for a protection group holds for no other."""
        estate.add([*nightly("A", range(5), group="Tier 1"), *nightly("B", range(5), group="Tier 2")])
        site = '[[sla]]\nrule = "max_duration"\ngroup = "Tier 1"\nthreshold = 4\n'

        assert estate.rows("SELECT DISTINCT vm FROM sla WHERE rule = 'max_duration'", site) == [{"vm": "A"}]

    def test_the_first_rule_that_fits_wins(self, estate):
        """A pattern before the rule for all."""
        estate.add([*nightly("SQL01", range(5), hours=5.0), *nightly("B", range(5), hours=5.0)])
        site = (
            '[[sla]]\nrule = "max_duration"\nvms = ["sql*"]\nthreshold = 6\n'
            '[[sla]]\nrule = "max_duration"\nthreshold = 4\n'
        )

        assert verdict(estate, site, "max_duration", 3, "SQL01") == (True, "met")
        assert verdict(estate, site, "max_duration", 3, "B") == (False, "late")

    @pytest.mark.parametrize(
        ("hours", "runs", "expected"),
        [
            (24, range(10), (True, "met")),
            (24, [0, 1, 2, 3, 4, 5, 6, 7, 8], (False, "missed")),
            (12, range(10), (False, "missed")),
        ],
    )
    def test_dpm_sla(self, estate, hours, runs, expected):
        """One recovery point a day, and two a day where twelve hours are asked for."""
        estate.add([*nightly("A", runs), *nightly("OTHER", range(12))], collected=moment(12, 12))

        assert verdict(estate, f'[[sla]]\nrule = "dpm_sla"\nthreshold = {hours}\n', "dpm_sla") == expected

    def test_rpo_in_the_cloud(self, estate):
        """Online backups only count for the cloud."""
        cloud = nightly("A", range(3), category="CloudBackup", start_h=31.0)
        estate.add([*nightly("A", range(12)), *cloud], collected=moment(12, 12))
        site = '[[sla]]\nrule = "rpo_cloud"\n[[sla]]\nrule = "rpo_disk"\n'

        assert verdict(estate, site, "rpo_cloud", 4) == (True, "met")
        assert verdict(estate, site, "rpo_cloud", 6) == (False, "late")
        assert verdict(estate, site, "rpo_disk", 6) == (True, "met")


class TestRunning:
    @pytest.mark.parametrize(
        ("collected_h", "reason", "met"), [(26.0, "running", None), (31.0, "running_late", False)]
    )
    def test_inside_and_past_the_window(self, estate, collected_h, reason, met):
        """A running backup is neither kept nor missed until the window has closed on it."""
        running = Run("A", 9, hours=None, status="InProgress")
        estate.add([*nightly("A", range(9)), running, *nightly("OTHER", range(10))], moment(9, collected_h))

        assert verdict(estate, "", "backup_window") == (met, reason)
        (row,) = estate.rows(f"SELECT cause, cause_s FROM sla WHERE vm = 'A' AND night = DATE '{day(9)}'")
        assert row == {"cause": None if met is None else "running", "cause_s": None}

    @pytest.mark.parametrize("collected_h", [26.0, 31.0])
    def test_its_open_phase(self, estate, collected_h):
        """It has no end, and lasts at least until its DPM server was collected."""
        running = Run("A", 9, hours=None, status="InProgress")
        estate.add([*nightly("A", range(9)), running], moment(9, collected_h))
        (row,) = estate.rows(
            "SELECT p.*, j.outcome FROM phases AS p JOIN jobs AS j USING (job_id) WHERE j.outcome = 'running'"
        )

        assert (row["phase"], row["grade"], row["started_at"]) == ("unaccounted", "C", moment(9, 22.0))
        assert row["duration_min_s"] == (collected_h - 22.0) * 3600
        assert [row[name] for name in ("ended_at", "duration_s", "duration_max_s")] == [None] * 3


LATE_BACKUPS = {
    "queue": ({"start_h": 29.0, "hours": 2.0, "queued_h": 7.0}, "queue", 7 * 3600, "A"),
    "late_start": ({"start_h": 29.5, "hours": 1.0}, "late_start", 7.5 * 3600, "A"),
    "several suffice": ({"start_h": 28.0, "hours": 3.0, "queued_h": 5.0}, "queue", 5 * 3600, "A"),
    "none suffices": ({"start_h": 34.0, "hours": 3.0, "queued_h": 6.5}, "queue", 6.5 * 3600, "D"),
}


class TestCause:
    @pytest.mark.parametrize("name", LATE_BACKUPS)
    def test_a_late_backup(self, estate, name):
        """The largest part without which the deadline would have been met."""
        fields, cause, cause_s, grade = LATE_BACKUPS[name]
        estate.add([*nightly("A", range(9)), Run("A", 9, **fields)])
        row = estate.rows(f"SELECT cause, cause_s, cause_grade FROM sla WHERE night = DATE '{day(9)}'")[0]

        assert row == {"cause": cause, "cause_s": cause_s, "cause_grade": grade}

    def test_a_retry_after_a_failure(self, estate):
        """Late because the first attempt failed, not because it was scheduled late."""
        failed = Run("A", 9, 22.0, 7.0, status="Failed")
        estate.add([*nightly("A", range(9)), failed, Run("A", 9, 29.5, 1.0)])
        row = estate.rows(f"SELECT cause, cause_s FROM sla WHERE night = DATE '{day(9)}'")[0]

        assert row == {"cause": "failed", "cause_s": 7.5 * 3600}

    @pytest.mark.parametrize(
        ("run", "cause"), [(Run("A", 9, status="Failed"), "failed"), (Run("OTHER", 9), "not_started")]
    )
    def test_without_a_backup(self, estate, run, cause):
        """Failed, or never begun."""
        estate.add([*nightly("A", range(9)), *nightly("OTHER", range(9)), run], collected=moment(10, 12))
        row = estate.rows(
            f"SELECT cause, cause_s, cause_grade FROM sla WHERE vm = 'A' AND night = DATE '{day(9)}'"
        )

        assert row == [{"cause": cause, "cause_s": None, "cause_grade": "A"}]

    @pytest.mark.parametrize(
        ("runs", "night", "cause", "grade"),
        [
            ([Run("A", 7, status="Failed"), Run("A", 8, status="Failed")], 8, "failed", "B"),
            ([Run("A", 7, status="Failed"), Run("A", 8, status="Failed")], 9, "not_started", "B"),
            ([Run("A", 7, 34.0, 3.0, queued_h=6.5), Run("A", 8)], 7, "queue", "B"),
            ([Run("A", night) for night in (7, 8, 9)], 9, "unknown", "D"),
        ],
    )
    def test_an_age_has_the_cause_of_the_last_run(self, estate, runs, night, cause, grade):
        """Failed, never begun or late; unknown where the window was kept and the point is too old all the same."""
        estate.add([*nightly("A", range(7)), *runs, *nightly("OTHER", range(12))], collected=moment(12, 12))
        site = f'[[sla]]\nrule = "rpo_disk"\nthreshold = {6 if cause == "unknown" else 12}\n'
        (row,) = estate.rows(
            "SELECT met, cause, cause_grade FROM sla"
            f" WHERE vm = 'A' AND rule = 'rpo_disk' AND night = DATE '{day(night)}'",
            site,
        )

        assert tuple(row.values()) == (False, cause, grade)

    @pytest.mark.parametrize(
        ("last", "cause", "grade"),
        [
            ([], "not_started", "A"),
            ([{"status": "Failed"}], "failed", "A"),
            ([{"status": "InProgress", "hours": None}], "running", "A"),
            ([{"hours": 100.0}], "unknown", "D"),
        ],
    )
    def test_an_age_in_the_cloud(self, estate, last, cause, grade):
        """The last job to the cloud since the newest recovery point there."""
        cloud = [Run("A", 0, 31.0, category="CloudBackup")]
        cloud += [Run("A", 3, 31.0, category="CloudBackup", **fields) for fields in last]
        estate.add([*nightly("A", range(12)), *cloud], collected=moment(12, 12))
        (row,) = estate.rows(
            "SELECT met, cause, cause_grade FROM sla"
            f" WHERE vm = 'A' AND rule = 'rpo_cloud' AND night = DATE '{day(4)}'",
            '[[sla]]\nrule = "rpo_cloud"\n',
        )

        assert tuple(row.values()) == (False, cause, grade)

    def test_what_was_kept_has_no_cause(self, estate):
        """Neither a kept night nor one of which nothing is known."""
        estate.add(nightly("A", range(9)))

        assert estate.rows("SELECT count(*) AS n FROM sla WHERE cause IS NOT NULL") == [{"n": 0}]


class TestHolders:
    def test_who_held_the_queue(self, estate):
        """The jobs that ran while this one waited, each for as long as it did, with what both share."""
        waits = Run("A", 0, 25.0, 1.0, queued_h=3.0)
        others = [
            Run("SAME", 0, 21.0, 2.0),
            Run("GROUP", 0, 23.0, 1.0, host="HV02"),
            Run("SERVER", 0, 24.0, 3.0, host="HV03", group="other"),
            Run("LATER", 0, 25.0, 1.0),
            Run("ELSEWHERE", 0, 22.0, 3.0, server="DPM02"),
        ]
        estate.add([waits, *others])
        rows = estate.rows(
            "SELECT holder_vm, shared, overlap_s FROM queue_holders WHERE vm = 'A' ORDER BY holder_vm"
        )

        assert [tuple(row.values()) for row in rows] == [
            ("GROUP", "protection_group", 3600.0),
            ("SAME", "host", 3600.0),
            ("SERVER", "dpm_server", 3600.0),
        ]

    @pytest.mark.parametrize(("wait_s", "rows"), [(59, 0), (60, 1)])
    def test_a_wait_of_a_minute(self, estate, wait_s, rows):
        """Shorter ones are not asked for."""
        estate.add([Run("A", 0, 23.0, queued_h=wait_s / 3600), Run("B", 0, 22.0, 3.0)])

        assert len(estate.rows("SELECT * FROM queue_holders WHERE vm = 'A'")) == rows


class TestCompliance:
    def wilson(self, met: int, known: int) -> tuple[float, float]:
        """Wilson's interval, as textbooks have it."""
        z, p = 1.96, met / known
        centre, half = (
            p + z * z / (2 * known),
            z * math.sqrt(p * (1 - p) / known + z * z / (4 * known * known)),
        )
        return (centre - half) / (1 + z * z / known), (centre + half) / (1 + z * z / known)

    def of(self, estate: Estate, vm: str = "A") -> dict[str, object]:
        """The compliance of a VM."""
        return estate.rows(f"SELECT * FROM compliance WHERE vm = '{vm}'")[0]

    def test_band_and_interval(self, estate):
        """Three kept, two missed, one running, two dark; the two that establish nothing do not count."""
        runs = [Run("A", night, hours=10.0 if night in (4, 7) else 1.0) for night in (0, 1, 2, 3, 4, 7, 8)]
        estate.add([*runs, Run("A", 9, hours=None, status="InProgress")], collected=moment(9, 23))
        row = self.of(estate)

        assert (row["slots"], row["met"], row["missed"], row["unknown"], row["running"]) == (8, 3, 2, 3, 1)
        assert (row["met_low"], row["met_high"]) == (pytest.approx(3 / 8), pytest.approx(6 / 8))
        assert (row["wilson_low"], row["wilson_high"]) == pytest.approx(self.wilson(3, 5))
        assert row["longest_streak"] == 2

    @pytest.mark.parametrize(
        ("late", "verdict"), [((), "meets"), ((9,), "at_risk"), (tuple(range(10, 40)), "breaks")]
    )
    def test_verdicts(self, estate, late, verdict):
        """None missed, one of many, most of them."""
        estate.add([Run("A", night, hours=10.0 if night in late else 1.0) for night in range(40)])

        assert self.of(estate)["verdict"] == verdict

    def test_nothing_is_known(self, estate):
        """One night establishes nothing."""
        estate.add(nightly("A", range(1)))
        row = self.of(estate)

        assert (row["slots"], row["verdict"], row["wilson_low"]) == (0, "not_established", None)
