"""What the model reads beside the logs."""

from __future__ import annotations

from datetime import time

import pytest

from analytics.site import Site
from analytics.sql import open_session
from analytics.sql.givens import givens, rule_table, settled, site_row
from analytics.store import Store
from analytics.tables import GIVENS, RULES

SERVER, HOST = "dpm-server", "hyper-v-host"
TOKYO, BERLIN = "Asia/Tokyo", "Europe/Berlin"


class TestZone:
    @pytest.mark.parametrize(
        ("collections", "zone", "zone_from"),
        [
            ([], "UTC", "assumed"),
            ([(HOST, None)], "UTC", "assumed"),
            ([(HOST, TOKYO)], TOKYO, "collection"),
            ([(HOST, "UTC")], "UTC", "collection"),
            ([(HOST, TOKYO), (HOST, TOKYO), (SERVER, BERLIN)], BERLIN, "collections_differ"),
            ([(HOST, TOKYO), (None, TOKYO), (HOST, BERLIN)], TOKYO, "collections_differ"),
            ([(HOST, BERLIN), (HOST, TOKYO)], TOKYO, "collections_differ"),
            ([(SERVER, "Mars/Base")], "UTC", "assumed"),
            ([(SERVER, "Mars/Base"), (HOST, TOKYO)], TOKYO, "collection"),
            ([(SERVER, "../../etc/passwd")], "UTC", "assumed"),
        ],
    )
    def test_where_the_site_file_leaves_it_open(self, collections, zone, zone_from):
        """The DPM server's zone, else the one that most computers have, else UTC, which is assumed."""
        rows = [{"role": role, "time_zone": name} for role, name in collections]

        site, told_by = settled(Site(), rows)

        assert (site.time_zone, told_by) == (zone, zone_from)

    def test_the_site_file_decides(self):
        """What was collected matters no more."""
        rows = [{"role": SERVER, "time_zone": "Asia/Tokyo"}]

        site, told_by = settled(Site(time_zone=BERLIN), rows)

        assert (site.time_zone, told_by) == (BERLIN, "site")


class TestSite:
    @pytest.mark.parametrize(
        ("start", "end", "shift_h"),
        [((22, 0), (6, 0), 14), ((18, 0), (20, 0), 7), ((1, 0), (5, 0), -9), ((0, 0), (0, 0), 0)],
    )
    def test_the_night_opens_on_its_date(self, start, end, shift_h):
        """A moment less the shift has the date on which its window opened."""
        site = Site(window_start=time(*start), window_end=time(*end))

        assert site_row(site).to_pylist()[0]["night_shift_s"] == shift_h * 3600

    def test_missing_is_null(self):
        """An empty text and a missing zone."""
        row = site_row(Site()).to_pylist()[0]

        assert (row["time_zone"], row["tracking"]) == (None, None)
        assert (row["window_start"], row["window_s"]) == (time(22, 0), 8 * 3600.0)

    def test_exclusions(self):
        """Each pattern once; names of any script, with commas and line ends."""
        site = Site(vms_exclude=("*-TEMPLATE", "受注,\n*", "*-TEMPLATE"))

        assert givens(Site())["site_exclusions"]().num_rows == 0
        assert givens(site)["site_exclusions"]().to_pylist() == [
            {"vm_pattern": "*-TEMPLATE"},
            {"vm_pattern": "受注,\n*"},
        ]


class TestRules:
    def test_those_that_are_off_are_left_out(self):
        """Unless the site file switches them on."""
        key = "Microsoft-Windows-Hyper-V-VMMS/10107"
        tables = {
            site: rule_table("event_rules", Site(event_rules=site)).to_pylist() for site in ((), (key,))
        }
        added = [row for row in tables[key,] if row not in tables[()]]

        assert tables[()]
        assert added
        assert {(f"{row['event_provider']}/{row['event_id']}", row["enabled"]) for row in added} == {
            (key, False)
        }

    def test_the_site_file_explains_first(self):
        """Its sentence replaces ours; a new one is added; whatever stands in it stays as it is."""
        sentence = 'Call "Ops",\nthen wait.'
        site = Site(explanations={"error/32612": sentence, "event/Own/7": "ours"})
        rows = rule_table("explanations", site).to_pylist()

        assert [row["explanation"] for row in rows if (row["kind"], row["key"]) == ("error", "32612")] == [
            sentence
        ]
        assert {"kind": "event", "key": "Own/7", "explanation": "ours", "source": "site file"} in rows


def test_lists_say_what_sql_must_know():
    """Which outcomes are good, and which kinds count for the SLA, stand in the vocabulary alone."""
    tables = givens(Site())
    rows = {name: tables[name]().to_pylist() for name in ("outcomes", "kinds")}

    assert {row["outcome"] for row in rows["outcomes"] if row["is_good"]} == {"succeeded", "warning"}
    assert {row["outcome"] for row in rows["outcomes"] if not row["is_final"]} == {"running", "unknown"}
    assert {row["kind"] for row in rows["kinds"] if row["owes_sla"]} == {
        "express_full",
        "recovery_point",
        "initial_replica",
    }


def test_every_given_table_is_made():
    """As it is declared."""
    made = {name: make() for name, make in givens(Site()).items()}

    assert set(made) == {table.name for table in (*GIVENS, *RULES)}
    assert all(made[table.name].schema == table.schema for table in (*GIVENS, *RULES))


@pytest.mark.parametrize(("zone", "clock"), [("Asia/Tokyo", "Asia/Tokyo"), (None, "UTC")])
def test_the_clock_of_the_engine(tmp_path, zone, clock):
    """That of the site where it is known."""
    with open_session(Store.create_or_open(tmp_path / "store"), Site(time_zone=zone)) as session:
        (row,) = session.sql(
            "SELECT CAST(TIMESTAMPTZ '2025-02-03 00:00:00+00' AS VARCHAR) AS shown"
        ).to_pylist()

    assert row["shown"].startswith("2025-02-03 09" if clock == "Asia/Tokyo" else "2025-02-03 00")
