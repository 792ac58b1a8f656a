"""Forecasts and proofs by name, from logs to rows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analytics.planning import open_session
from analytics.site import Site, load_site
from tests.model.plain_estate import Estate, Run, day, moment, nightly

SITE = Site(time_zone="UTC")


def vms_csv(**gb: float) -> str:
    """An inventory; sizes in GB."""
    head = "VMName,HostName,VhdPath,VhdFormat,FileSizeBytes\n"
    return head + "".join(
        f"{vm},HV01,C:\\ClusterStorage\\Volume1\\{vm}.vhdx,VHDX,{round(size * 1e9)}\n"
        for vm, size in gb.items()
    )


def rows(estate: Estate, table: str, site: Site = SITE) -> list[dict[str, object]]:
    """All rows of a table."""
    with open_session(estate.store, site) as session:
        return session.sql(f"FROM {table} ORDER BY ALL").to_pylist()


class TestForecasts:
    def test_per_rule(self, tmp_path):
        """The window always, the longest duration where the site sets one; without sizes no date."""
        file = tmp_path / "site.toml"
        file.write_text(
            '[site]\ntime_zone = "UTC"\n[[sla]]\nrule = "max_duration"\nthreshold = "3h"\n', encoding="utf-8"
        )
        found = rows(Estate(tmp_path / "e").add(nightly("A", range(8))), "forecasts", load_site(file))

        assert [(row["rule"], row["limit_s"], row["level_s"]) for row in found] == [
            ("backup_window", 8 * 3600.0, 3600.0),
            ("max_duration", 3 * 3600.0, 3600.0),
        ]
        assert {(row["verdict"], row["reason"], row["grade"]) for row in found} == {
            ("not_enough_data", "few_sizes", "D")
        }

    def test_growing_disks_without_a_split(self, tmp_path):
        """Sizes of four weeks are there, but no data move was seen: what part of the time grows cannot be told."""
        estate = Estate(tmp_path)
        for week in range(4):
            estate.add(
                nightly("A", range(7 * week, 7 * week + 7)),
                collected=moment(7 * week + 6, 31),
                vms=vms_csv(A=100 + week),
            )

        assert [row["reason"] for row in rows(estate, "forecasts")] == ["split_unknown"]

    def test_no_jobs(self, tmp_path):
        """An empty table."""
        assert rows(Estate(tmp_path), "forecasts") == []


class TestProofs:
    def test_start_moved(self, tmp_path):
        """Since it starts at two, it no longer waits three hours."""
        estate = Estate(tmp_path).add(nightly("A", range(14), start_h=25.0, queued_h=3.0))
        estate.add(nightly("A", range(14, 28), start_h=26.0))
        (found,) = rows(estate, "proofs")

        assert (found["vm"], found["changed_on"], found["what"]) == ("A", day(14), "start_time")
        assert (found["before_p50_s"], found["after_p50_s"], found["change_s"]) == (14400.0, 3600.0, -10800.0)
        assert (found["nights_matched"], found["grade"]) == (14, "A")
        assert found["neighbours_change_s"] is None

    @pytest.mark.parametrize("minutes", [0, 10])
    def test_nothing_changed(self, tmp_path, minutes):
        """Starts that vary by minutes are no change."""
        runs = [Run("A", night, start_h=22 + (night % 3) * minutes / 60) for night in range(28)]

        assert rows(Estate(tmp_path).add(runs), "proofs") == []


def test_dates_are_those_of_the_nights(tmp_path):
    """No day is lost between day numbers and dates."""
    estate = Estate(tmp_path).add(nightly("A", range(5), queued_h=1.0, start_h=25.0))
    estate.add(nightly("A", range(5, 10), start_h=30.0))

    assert [row["changed_on"] for row in rows(estate, "proofs")] == [day(4) + timedelta(days=1)]
