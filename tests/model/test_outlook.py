"""What planning reads: the next night on which a VM is due, and the steps of a job."""

from __future__ import annotations

from datetime import date

import pytest

from analytics.site import Site, load_site
from analytics.sql import open_session
from tests.model.plain_estate import Estate, Run, day, moment, nightly

SITE = Site(time_zone="UTC")


def next_nights(estate: Estate, site: Site = SITE) -> dict[str, dict[str, object]]:
    """The rows of next_nights by VM."""
    with open_session(estate.store, site) as session:
        return {row["vm"]: row for row in session.sql("FROM next_nights").to_pylist()}


class TestNextNights:
    def test_daily(self, tmp_path):
        """The night after the last one, in the site's window."""
        found = next_nights(Estate(tmp_path).add(nightly("A", range(3))))["A"]

        assert found["night"] == day(3)
        assert (found["opens_at"], found["closes_at"]) == (moment(3, 22), moment(3, 30))
        assert found["max_duration_s"] is None

    def test_weekend_of_which_nothing_is_known(self, tmp_path):
        """After five working days the next is Monday."""
        assert next_nights(Estate(tmp_path).add(nightly("A", range(5))))["A"]["night"] == day(7)

    def test_weekly(self, tmp_path):
        """A VM that runs on Saturdays only is due on the next of them, not tomorrow."""
        estate = Estate(tmp_path).add(nightly("W", [5, 12, 19])).add(nightly("D", range(22)))

        found = next_nights(estate)
        assert (found["W"]["night"], found["D"]["night"]) == (day(26), day(22))

    def test_too_little_is_known(self, tmp_path):
        """After one night nothing is said to be due."""
        assert next_nights(Estate(tmp_path).add(nightly("A", [0]))) == {}

    def test_given_up(self, tmp_path):
        """A VM that no longer runs on most nights is not due."""
        estate = Estate(tmp_path).add(nightly("OLD", range(3))).add(nightly("D", range(21)))

        assert set(next_nights(estate)) == {"D"}

    @pytest.mark.parametrize(
        ("rule", "night"),
        [
            ('[vms]\nschedule = { "a*" = "weekly:sun" }\n', 6),
            ('[vms]\nprotected_until = { "a" = 2025-02-07 }\n', None),
        ],
    )
    def test_the_site_file_comes_first(self, tmp_path, rule, night):
        """Its schedule, and the end of protection."""
        file = tmp_path / "site.toml"
        file.write_text(f'[site]\ntime_zone = "UTC"\n{rule}', encoding="utf-8")

        found = next_nights(Estate(tmp_path / "e").add(nightly("A", range(5))), load_site(file))
        assert found.get("A", {}).get("night") == (None if night is None else day(night))

    def test_rules(self, tmp_path):
        """Window and limit of the VM's own rules."""
        file = tmp_path / "site.toml"
        text = (
            '[site]\ntime_zone = "UTC"\n[[sla]]\nrule = "backup_window"\nvms = ["a"]\nthreshold = "20:00-23:30"\n'
            '[[sla]]\nrule = "max_duration"\nthreshold = "2h"\n'
        )
        file.write_text(text, encoding="utf-8")

        found = next_nights(Estate(tmp_path / "e").add(nightly("A", range(3))), load_site(file))["A"]
        assert (found["opens_at"], found["closes_at"]) == (moment(3, 20), moment(3, 23.5))
        assert found["max_duration_s"] == 7200


class TestJobTimes:
    def test_what_is_not_planned(self, tmp_path):
        """A consistency check is a job, but no nightly backup; what still runs has the time until which it is known."""
        estate = Estate(tmp_path).add(
            [
                Run("A", 0),
                Run("A", 1, category="Validation"),
                Run("A", 2, hours=None, status="InProgress"),
                Run("B", 2, start_h=25, hours=1),
            ]
        )
        with open_session(estate.store, SITE) as session:
            rows = session.sql("FROM job_times WHERE vm = 'A' ORDER BY night").to_pylist()

        assert [row["is_full"] for row in rows] == [True, False, True]
        assert [row["is_running"] for row in rows] == [False, False, True]
        assert rows[2]["night"] == date(2025, 2, 5)
        assert rows[2]["ended_us"] == int(moment(2, 26).timestamp()) * 1_000_000
