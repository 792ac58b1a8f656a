"""What stands behind the sections: wall times, and what a report does not load."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.ingest import ingest
from analytics.report.build import wall_times
from analytics.store import Store

ROOT = Path(__file__).resolve().parents[2]
ZONES = ("Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
YEARS = {"min_value": dt.datetime(1990, 1, 1), "max_value": dt.datetime(2037, 12, 31)}  # noqa: DTZ001 (a strategy)


@given(st.sampled_from(ZONES), st.lists(st.none() | st.datetimes(**YEARS, timezones=st.just(dt.UTC))))
def test_wall_times_are_those_of_the_zone(zone, instants):
    """To the microsecond, on both sides of each change, and nothing where nothing is."""
    table = pa.table({"at": pa.array(instants, pa.timestamp("us", "UTC"))})
    walls = [at and at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in instants]
    assert wall_times(table, zone).column("at").to_pylist() == walls


@pytest.mark.parametrize("us", [-1, 0, 1])
@pytest.mark.parametrize("change", [dt.datetime(2025, 3, 30, 1), dt.datetime(2025, 10, 26, 1)])  # noqa: DTZ001
def test_the_microseconds_around_a_change(change, us):
    """Summer time begins and ends between two of them."""
    at = change.replace(tzinfo=dt.UTC) + dt.timedelta(microseconds=us)
    table = pa.table({"at": pa.array([at], pa.timestamp("us", "UTC"))})
    wall = at.astimezone(ZoneInfo("Europe/Berlin")).replace(tzinfo=None)
    assert wall_times(table, "Europe/Berlin").column("at").to_pylist() == [wall]


def test_a_page_is_written_without_large_libraries(tmp_path):
    """Importing them would take half of the time that a small report takes."""
    ingest(Store.create_or_open(tmp_path / "store"), [ROOT / "sample_logs" / "jobs-csv"])
    report = ["report", "--store", str(tmp_path / "store"), "--out", str(tmp_path / "r.html"), "-q"]
    program = (
        f"import sys; from analytics.cli import main\ncode = main({report!r})\n"
        "print(*{'altair', 'pandas', 'scipy'}.intersection(sys.modules)); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
