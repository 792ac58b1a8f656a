"""Mornings in a row: logs grow and rotate, one night brings none, one run is killed, the clocks are set once.

Thirteen of them always, thirty with -m bench: a run takes a second and a half of computing.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from lxml import html

from analytics.cli import main
from analytics.sql import open_session
from analytics.store import Store
from tests.morning.estate import KNOBS, Estate, morning_after, site_file
from tests.morning.postbox import postbox

ROOT = Path(__file__).resolve().parents[2]
FIRST = dt.date(2025, 3, 22)
WITHOUT_LOGS, KILLED, CLOCKS_SET = dt.date(2025, 3, 27), dt.date(2025, 3, 31), dt.date(2025, 3, 29)
VMS = KNOBS["vms"]


class Month:
    """What became of it: the reports by night, the mails by night, and the folder."""

    def __init__(self, folder: Path, number: int) -> None:
        self.nights = [FIRST + dt.timedelta(days=days) for days in range(number)]
        self.folder, self.estate = folder, Estate(folder, number, FIRST)
        self.codes: dict[dt.date, int] = {}
        self.mails: dict[dt.date, list] = {}
        with postbox() as (box, port):
            site = site_file(folder, port, 'files = ["json"]', "only_on_change = true")
            for night in self.nights:
                before = len(box.mails)
                if night != WITHOUT_LOGS:
                    self.estate.collect(folder / "logs", morning_after(night))
                words = ["run", "--site", str(site), "--now", morning_after(night).isoformat(), "--quiet"]
                if night == KILLED:
                    self._kill(words)
                self.codes[night] = main(words)
                self.mails[night] = box.mails[before:]

    def _kill(self, words: list[str]) -> None:
        """Start a run and kill it in the middle of its work."""
        run = subprocess.Popen([sys.executable, "-m", "analytics", *words], cwd=ROOT)
        while not (self.folder / "reports" / "run.begun").exists():
            time.sleep(0.01)
        time.sleep(0.3)
        run.kill()
        run.wait()

    def report(self, night: dt.date) -> dict:
        """The report of a night as JSON."""
        path = self.folder / "reports" / f"{night:%Y/%m/%d}" / "report.json"
        return json.loads(path.read_text("utf-8"))

    def missed(self, night: dt.date) -> int:
        """How many VMs had no good backup in the window, by the job records alone."""
        return VMS - len(self.estate.met(night))


@pytest.fixture(scope="module", params=[13, pytest.param(30, marks=pytest.mark.bench)])
def month(tmp_path_factory, request) -> Month:
    """The mornings, once."""
    return Month(tmp_path_factory.mktemp("month"), request.param)


def test_every_run_ends_well(month):
    """None complains: what was late is no failure of the run."""
    assert set(month.codes.values()) == {0}
    assert {month.missed(night) for night in month.nights} >= {0, 1}


def test_every_verdict_is_right(month):
    """As many misses as the job records say, also on the night of 23 hours and on that of the killed run."""
    for night in month.nights:
        report, missed = month.report(night), month.missed(night)
        if night == WITHOUT_LOGS:
            assert report["verdict"].startswith(f"Unproven: nothing is known of the night of {night}")
        elif missed:
            assert report["verdict"].startswith(f"{missed} of {VMS} backups missed the window"), night
        else:
            assert report["verdict"].startswith("Every backup that was due met the"), night
        assert report["period"] == str(night) or night == WITHOUT_LOGS
    assert {CLOCKS_SET, WITHOUT_LOGS, KILLED} < set(month.nights)


def test_one_mail_a_morning(month):
    """Whole where something is to be said, else one heartbeat."""
    for yesterday, night in zip([None, *month.nights], month.nights, strict=False):
        (mail,) = month.mails[night]
        is_short = mail["Subject"].strip().startswith("No change: ")
        must_speak = (
            yesterday in (None, WITHOUT_LOGS)
            or night in (WITHOUT_LOGS, KILLED)
            or month.missed(night)
            or month.missed(yesterday)
        )
        assert is_short == (not must_speak), night
        assert bool([*mail.iter_attachments()]) == bool(must_speak)


def test_what_became_of_the_night_without_logs(month):
    """The next morning brings its logs; its mail says that the killed run did not end."""
    text = month.mails[KILLED][0].get_body(("plain",)).get_content()

    assert "did not come to its end" in text
    assert "no new record" in month.mails[WITHOUT_LOGS][0].get_body(("plain",)).get_content()


def test_no_job_is_doubled(month):
    """Each job of the records once, however often its logs were read."""
    with open_session(Store.open(month.folder / "store")) as session:
        row = session.sql("SELECT count(*) AS jobs, count(DISTINCT job_id) AS ids FROM jobs").to_pylist()[0]

    assert row == {"jobs": len(month.estate.jobs), "ids": len(month.estate.jobs)}


def test_the_index_works(month):
    """All nights, the newest first, and each link leads somewhere."""
    out = month.folder / "reports"
    page = html.fromstring((out / "index.html").read_bytes())

    assert [cell.text_content() for cell in page.xpath("//td[@class='night']")] == [
        str(night) for night in reversed(month.nights)
    ]
    links = page.xpath("//a/@href")
    assert len(links) >= 2 * len(month.nights)
    assert [link for link in links if not (out / link).is_file()] == []
    assert {row.get("class") for row in page.xpath("//tr[@class]")} == {"good", "bad", "unknown"}
