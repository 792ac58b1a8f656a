"""The daily run and what may befall it: a report or a clear failure each time, and the report before stays."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from lxml import html

from analytics.cli import main
from analytics.errors import DpmAnalyticsError
from analytics.morning import Wishes, run_morning
from analytics.site import load_site
from tests.morning.estate import FIRST, Estate, morning_after, site_file
from tests.morning.postbox import free_port, postbox, stalling

SECOND = FIRST + dt.timedelta(days=1)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def estate(tmp_path_factory) -> Estate:
    """Three nights of four VMs."""
    return Estate(tmp_path_factory.mktemp("estate"), 3)


@pytest.fixture(scope="module")
def begun(estate, tmp_path_factory) -> Path:
    """A folder after its first morning, without mail."""
    folder = tmp_path_factory.mktemp("begun")
    estate.collect(folder / "logs", morning_after(FIRST))
    assert (
        main(["run", "--site", str(site_file(folder)), "--now", morning_after(FIRST).isoformat(), "--quiet"])
        == 0
    )
    return folder


@pytest.fixture
def folder(begun, tmp_path) -> Path:
    """A copy of it."""
    shutil.copytree(begun, tmp_path / "dpm")
    return tmp_path / "dpm"


@pytest.fixture
def go(capsys) -> Callable[..., tuple[int, str]]:
    """Run the morning after a night; exit code and what stood on stderr."""

    def run(site: Path, night: dt.date, *more: str) -> tuple[int, str]:
        code = main(["run", "--site", str(site), "--now", morning_after(night).isoformat(), "--quiet", *more])
        return code, capsys.readouterr().err

    return run


def kept(folder: Path) -> dict[str, bytes]:
    """All reports of a folder, the log and locks aside."""
    reports = folder / "reports"
    return {
        path.relative_to(reports).as_posix(): path.read_bytes()
        for path in reports.rglob("*")
        if path.is_file() and not path.name.startswith("run.l")
    }


def note_of(folder: Path, night: dt.date) -> dict:
    """What the run left about itself."""
    return json.loads((folder / "reports" / f"{night:%Y/%m/%d}" / "run.json").read_text("utf-8"))


class TestWhole:
    def test_archive_latest_and_index(self, begun):
        """The page lies in the archive, is the latest one, and the index leads to it."""
        files = kept(begun)
        page = html.fromstring(files["index.html"])

        assert files["latest.html"] == files["2025/03/10/report.html"]
        assert files["latest.json"] == files["2025/03/10/report.json"]
        assert set(files) >= {"2025/03/10/nights.csv", "2025/03/10/offenders.csv"}
        assert page.xpath("//a/@href")[0] == "2025/03/10/report.html"
        assert note_of(begun, FIRST)["verdict"] in page.text_content()
        assert "met the 22:00–06:00 window: 4 VMs" in note_of(begun, FIRST)["verdict"]

    def test_its_own_log(self, begun):
        """What was read, and how it ended."""
        lines = (begun / "reports" / "run.log").read_text("utf-8").splitlines()

        assert any("run of night 2025-03-10 begins" in line for line in lines)
        assert "ends with 0: Every backup that was due met" in lines[-1]

    def test_depth_language_and_pseudonyms_are_asked_for(self, folder, estate, go):
        """The week in Japanese, and no name of the logs in anything that the run leaves, its mail included."""
        estate.collect(folder / "logs", morning_after(SECOND))
        shutil.rmtree(folder / "reports")
        key = folder / "key.json"
        with postbox() as (box, port):
            more = ("--depth", "weekly", "--lang", "ja", "--anonymise", str(key))
            assert go(site_file(folder, port), SECOND, *more) == (0, "")
        page = (folder / "reports" / "latest.json").read_text("utf-8")
        names = {row["Datasource"].rpartition("\\")[2] for row in estate.jobs}
        said = [part.get_payload(decode=True) or b"" for part in box.mails[0].walk()]
        left = kept(folder) | {"mail": b"".join(said)}
        left |= {"log": (folder / "reports" / "run.log").read_bytes()}

        assert json.loads(page)["depth"] == "weekly"
        assert "バックアップ" in json.loads(page)["verdict"]
        assert names <= set(json.loads(key.read_text("utf-8"))["names"].values())
        assert [
            (place, name) for place, text in left.items() for name in names if name.encode() in text
        ] == []

    def test_the_next_morning(self, folder, estate, go, switch):
        """Grown logs: one more night, by mail with its files; the dead man's switch hears of both ends."""
        url, told = switch
        estate.collect(folder / "logs", morning_after(SECOND))
        with postbox() as (box, port):
            site = site_file(folder, port, f'ping_url = "{url}"', "only_on_change = true")
            assert go(site, SECOND) == (0, "")

        assert [path for path, _ in told] == ["/key/start", "/key"]
        assert told[1][1].startswith("Every backup that was due met")

        assert box.mails[0]["Subject"].startswith("Every backup that was due met")
        assert {part.get_filename() for part in box.mails[0].iter_attachments()} == {
            "report.html",
            "offenders.csv",
        }
        assert note_of(folder, SECOND)["mailed"] == "whole"
        assert html.fromstring(kept(folder)["index.html"]).xpath("//td[@class='night']/a/text()") == [
            str(SECOND),
            str(FIRST),
        ]


def test_in_the_middle_of_a_window_its_end_is_waited_for(tmp_path):
    """By the clock: the report is of the night whose window closes meanwhile, not of the one before."""
    now = dt.datetime.now(dt.UTC)
    closes, begins = now + dt.timedelta(seconds=2), now - dt.timedelta(hours=1)
    site = site_file(tmp_path)
    window = f'time_zone = "UTC"\nwindow_start = "{begins:%H:%M:%S}"\nwindow_end = "{closes:%H:%M:%S}"'
    site.write_text(site.read_text("utf-8").replace('time_zone = "Europe/Berlin"', window), encoding="utf-8")
    (tmp_path / "logs").mkdir()

    assert main(["run", "--site", str(site), "--quiet"]) == 5
    assert dt.datetime.now(dt.UTC) >= closes.replace(microsecond=0)
    assert (tmp_path / "reports" / f"{begins:%Y/%m/%d}" / "report.html").exists()
    assert "waits for the end of the window" in (tmp_path / "reports" / "run.log").read_text("utf-8")


class TestInput:
    def test_no_new_logs(self, folder, go):
        """The copy job stopped: nothing is known of the night, in the first word, and why."""
        with postbox() as (box, port):
            code, err = go(site_file(folder, port, more_mail="only_on_change = true"), SECOND)

        assert code == 0
        assert "no new record" in err
        assert box.mails[0]["Subject"].startswith("Unproven: nothing is known of the night of 2025-03-11")
        report = json.loads(kept(folder)["latest.json"])
        assert report["verdict"].startswith("Unproven: nothing is known")
        assert report["trust_said"].startswith("Not proven: no log or record of the night of 2025-03-11")
        assert {check["status"] for check in report["trust"] if check["check"] == "freshness"} == {"fail"}

    def test_no_logs_at_all(self, folder, go):
        """The share is gone: exit code 5, and what was read before is reported."""
        shutil.rmtree(folder / "logs")
        with postbox() as (box, port):
            nowhere = f'ping_url = "http://127.0.0.1:{free_port()}/s3cret"'
            code, err = go(site_file(folder, port, nowhere), SECOND)

        log = (folder / "reports" / "run.log").read_text("utf-8")
        assert "ping of 127.0.0.1" in log  # a switch that is not there stops nothing, and its key is not told
        assert "s3cret" not in log
        assert code == 5
        assert "No log could be read from logs" in err
        assert "No log could be read" in box.mails[0].get_body(("plain",)).get_content()

    def test_no_job_and_one_job(self, tmp_path, estate, go):
        """A report each time."""
        site = site_file(tmp_path)
        (tmp_path / "logs").mkdir()
        assert go(site, FIRST)[0] == 5
        assert "nothing" in note_of(tmp_path, FIRST)["verdict"].lower()

        (tmp_path / "logs" / "HV01").mkdir()
        rows = (estate.source / "DPM01" / "jobs.csv").read_text("utf-8-sig").splitlines(keepends=True)
        (tmp_path / "logs" / "HV01" / "jobs.csv").write_text("".join(rows[:2]), encoding="utf-8")
        assert go(site, FIRST)[0] == 0
        assert "1 backup." in note_of(tmp_path, FIRST)["verdict"]

    def test_a_damaged_store(self, folder, go):
        """No report on what may be wrong: one line, a mail that says what to run, and the report before stays."""
        part = next((folder / "store" / "job_records").rglob("*.parquet"))
        data = bytearray(part.read_bytes())
        data[len(data) // 2] ^= 0xFF
        part.write_bytes(bytes(data))
        before = kept(folder)
        with postbox() as (box, port):
            code, err = go(site_file(folder, port), SECOND)

        assert code == 2
        assert len(err.splitlines()) == 1
        assert box.mails[0]["Subject"].strip().startswith("No report of")
        assert kept(folder) == before


class TestOutput:
    def test_it_cannot_be_made(self, folder, go):
        """A file lies where the folder should be: a mail says so."""
        (folder / "taken").write_text("", encoding="utf-8")
        with postbox() as (box, port):
            site = site_file(folder, port)
            site.write_text(site.read_text("utf-8").replace('"reports"', '"taken/reports"'), encoding="utf-8")
            code, err = go(site, FIRST)

        assert code == 2
        assert "cannot make the folder" in err
        assert "No report of" in box.mails[0]["Subject"]

    @pytest.mark.skipif(sys.platform == "win32", reason="needs a limit of file sizes")
    def test_it_is_full(self, folder, estate):
        """The page cannot be written: nothing of the report before has changed, and no draft is left."""
        estate.collect(folder / "logs", morning_after(SECOND))
        before = kept(folder)
        code = (
            "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000));"
            "from analytics.cli import main; sys.exit(main(sys.argv[1:]))"
        )
        words = ["run", "--site", str(site_file(folder)), "--now", morning_after(SECOND).isoformat()]
        run = subprocess.run(
            [sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
        )

        assert run.returncode == 2, run.stderr
        assert "cannot write: File too large" in run.stderr
        assert kept(folder) == before

    def test_an_archive_half_deleted(self, folder, estate, go):
        """The index leads to what is there, and says what is not; what is too old goes, but for files of others."""
        archive = folder / "reports" / "2025" / "03"
        shutil.copytree(archive / "10", archive / "08")
        (archive / "08" / "mine.txt").write_text("stays", encoding="utf-8")
        (archive / "10" / "report.html").unlink()
        shutil.copytree(archive / "10", archive / "09")
        (archive / "09" / "run.json").write_text("{", encoding="utf-8")
        estate.collect(folder / "logs", morning_after(SECOND))
        assert go(site_file(folder, more_run="keep_days = 2"), SECOND) == (0, "")

        assert [path.name for path in (archive / "08").iterdir()] == ["mine.txt"]
        page = html.fromstring(kept(folder)["index.html"])
        text = page.text_content()
        assert "the report was removed" in text
        assert "the verdict is not kept" in text
        for link in page.xpath("//a/@href"):
            assert (folder / "reports" / link).is_file()


class TestAlone:
    def test_a_run_that_still_goes(self, folder, go):
        """The second one leaves at once, changes nothing and mails nothing."""
        before = kept(folder)
        with FileLock(folder / "reports" / "run.lock"), postbox() as (box, port):
            code, err = go(site_file(folder, port), SECOND)

        assert code == 6
        assert "another run still goes" in err
        assert box.mails == []
        assert kept(folder) == before

    def test_killed_in_the_middle(self, folder, estate, go):
        """The next one does the work of the night, and says that the one before did not end."""
        estate.collect(folder / "logs", morning_after(SECOND))
        with stalling() as port:
            words = [
                "run",
                "--site",
                str(site_file(folder, port)),
                "--now",
                morning_after(SECOND).isoformat(),
            ]
            run = subprocess.Popen([sys.executable, "-m", "analytics", *words], cwd=ROOT)
            while not (folder / "reports" / "2025/03/11/report.html").exists() and run.poll() is None:
                time.sleep(0.05)
            run.kill()
            run.wait()
        with postbox() as (box, port):
            code, err = go(site_file(folder, port, more_mail="only_on_change = true"), SECOND)

        assert code == 0
        assert "did not come to its end" in err
        assert "did not come to its end" in box.mails[0].get_body(("plain",)).get_content()
        assert not (folder / "reports" / "run.begun").exists()


def failing(site):
    """Stands for whatever fails while logs are read."""
    raise DpmAnalyticsError("something is wrong", "D:\\x", "mend it")


def faulty(site):
    """Stands for a fault of ours."""
    return {}["gone"]


class TestTold:
    def test_failure(self, folder, switch):
        """/fail, with the one line."""
        url, told = switch
        site = load_site(site_file(folder, more_run=f'ping_url = "{url}"'))
        with pytest.raises(DpmAnalyticsError):
            run_morning(site, Wishes(now=morning_after(SECOND)), failing)

        assert told[-1] == ("/key/fail", "D:\\x: something is wrong (mend it)")

    def test_a_fault_of_ours(self, folder):
        """It is told, too; the trace is in the log alone."""
        with postbox() as (box, port), pytest.raises(KeyError):
            run_morning(load_site(site_file(folder, port)), Wishes(now=morning_after(SECOND)), faulty)

        assert "KeyError" in box.mails[0]["Subject"]
        assert "Traceback" in (folder / "reports" / "run.log").read_text("utf-8")
        assert "Traceback" not in box.mails[0].as_string()

    def test_a_mail_server_that_is_down(self, folder, estate, go, switch):
        """The report is there; exit code 7, one line, and the switch knows."""
        url, told = switch
        estate.collect(folder / "logs", morning_after(SECOND))
        code, err = go(site_file(folder, free_port(), more_run=f'ping_url = "{url}"'), SECOND)

        assert code == 7
        assert "refuses the connection" in err
        assert note_of(folder, SECOND)["mailed"] == ""
        assert "2025/03/11/report.html" in kept(folder)
        assert told[-1][0] == "/key/fail"

    def test_a_password_that_nobody_gave(self, folder, go, monkeypatch):
        """The report is there; exit code 7, and the line says where the password may stand."""
        monkeypatch.delenv("DPM_MAIL_PASSWORD", raising=False)
        site = site_file(folder, free_port(), 'files = ["json"]', 'user = "nobody-of-ours"')
        site.write_text(site.read_text("utf-8").replace('tls = "none"', 'tls = "tls"'), encoding="utf-8")
        code, err = go(site, FIRST)

        assert code == 7
        assert "no password for nobody-of-ours" in err
        assert "DPM_MAIL_PASSWORD" in err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[site]\ntime_zone = "UTC"\n', "[run] logs: a run needs it"),
        ('[run]\nlogs = ["x"]\nstore = "s"\nout = "o"\n', "[site] time_zone: a run needs it"),
        (
            '[site]\ntime_zone = "UTC"\n[run]\nlogs = ["x"]\nstore = "s"\nout = "s/o"\n',
            "lies inside the store",
        ),
        (
            '[site]\ntime_zone = "UTC"\n[run]\nlogs = ["x"]\nstore = "s"\nout = "o"\nlang = "xx"\n',
            "no report in 'xx'",
        ),
    ],
)
def test_a_site_file_that_lacks_something(tmp_path, capsys, text, expected):
    """Exit code 2 and one line; nothing is made."""
    site = tmp_path / "site.toml"
    site.write_text(text, encoding="utf-8")

    assert main(["run", "--site", str(site)]) == 2
    assert expected in capsys.readouterr().err
    assert [*tmp_path.iterdir()] == [site]
