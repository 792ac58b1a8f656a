"""What schedulers get: a task that Windows' schema takes, units that systemd takes, a line that a shell reads."""

from __future__ import annotations

import datetime as dt
import os
import shlex
import shutil
import stat
import subprocess
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from analytics.cli import main
from analytics.errors import ConfigurationError
from analytics.morning.schedule import plan_of, steps_of, take
from analytics.morning.schedule.plan import Plan
from analytics.morning.schedule.unix import cron_line, crontab_with, service_unit, timer_unit
from analytics.morning.schedule.windows import as_file, needs_password, task_xml
from analytics.site import RunSettings, Site

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).with_name("task.xsd")))
NS = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
NOON = dt.datetime(2025, 3, 10, 12, tzinfo=ZoneInfo("Asia/Tokyo"))
ODD = '/srv/50% "$HOME" & Söhne'


@pytest.fixture
def site(tmp_path) -> Site:
    """A site in Berlin, whose computer stands in Tokyo."""
    return Site(time_zone="Europe/Berlin", run=RunSettings(logs=("logs",)), path=tmp_path / "site.toml")


@pytest.fixture
def plan(site) -> Plan:
    """Its daily run."""
    return plan_of(site, "dpm-analytics", None, "SYSTEM", NOON)


def odd(plan: Plan) -> Plan:
    """The same in a folder with all that needs care."""
    command = (*plan.command[:-2], f"{ODD}/site.toml", "--quiet")
    return replace(plan, folder=Path(ODD), command=command)


class TestPlan:
    def test_ten_minutes_after_the_window(self, plan):
        """By the site's clock, and the same moment by this computer's."""
        assert (plan.at, plan.local_at) == (dt.time(6, 10), dt.time(14, 10))
        assert Path(plan.command[0]).is_absolute()
        assert plan.command[-4:] == ("run", "--site", str(plan.folder / "site.toml"), "--quiet")

    def test_another_time(self, site):
        """As it was asked for."""
        assert plan_of(site, "x", dt.time(7), "SYSTEM", NOON).at == dt.time(7)

    def test_a_site_file_without_a_run(self, site):
        """Nothing is scheduled that would only fail."""
        with pytest.raises(ConfigurationError, match=r"\[run\] logs"):
            plan_of(replace(site, run=RunSettings()), "x", None, "SYSTEM", NOON)


class TestWindows:
    @pytest.mark.parametrize("account", ["SYSTEM", "NETWORK SERVICE", "CONTOSO\\dpm", "CONTOSO\\dpm$"])
    def test_the_schema_takes_it(self, plan, account):
        """As UTF-16 with a mark, for each kind of account."""
        file = as_file(task_xml(replace(odd(plan), account=account)))

        assert file.startswith(b"\xff\xfe<\0?\0")
        SCHEMA.assertValid(etree.fromstring(file))

    def test_no_overlap_made_up_for_and_limited(self, plan):
        """What the contract asks for."""
        task = etree.fromstring(as_file(task_xml(plan)))
        said = {
            path: task.findtext(f".//t:{path}", namespaces=NS)
            for path in (
                "MultipleInstancesPolicy",
                "StartWhenAvailable",
                "ExecutionTimeLimit",
                "StartBoundary",
                "UserId",
                "LogonType",
            )
        }

        assert said == {
            "MultipleInstancesPolicy": "IgnoreNew",
            "StartWhenAvailable": "true",
            "ExecutionTimeLimit": "PT12H",
            "StartBoundary": "2025-03-10T14:10:00",
            "UserId": "S-1-5-18",
            "LogonType": None,
        }

    def test_paths_are_absolute_and_quoted(self, plan):
        """The task starts in another folder."""
        task = etree.fromstring(as_file(task_xml(odd(plan))))

        assert task.findtext(".//t:WorkingDirectory", namespaces=NS) == ODD
        assert task.findtext(".//t:Arguments", namespaces=NS) == (
            'run --site "/srv/50% \\"$HOME\\" & Söhne/site.toml" --quiet'
        )

    def test_who_has_a_password(self, plan):
        """Windows asks for it; it stands in no command."""
        assert [needs_password(name) for name in ("SYSTEM", "local service", "C\\gmsa$", "C\\dpm")] == [
            *(False, False, False, True)
        ]
        texts = [step.text for step in steps_of(replace(plan, account="C\\dpm"), "windows", "install")]
        assert texts[-1].endswith("/F /RU C\\dpm /RP *")


class TestSystemd:
    @pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
    def test_systemd_takes_it(self, plan, tmp_path):
        """Service and timer, with a path that needs care."""
        folder = tmp_path / '50% "$HOME" & x'
        folder.mkdir()
        moved = replace(
            plan, folder=folder, command=(*plan.command[:-2], str(folder / "site.toml"), "--quiet")
        )
        (tmp_path / "daily.service").write_text(service_unit(moved), encoding="utf-8")
        (tmp_path / "daily.timer").write_text(timer_unit(moved), encoding="utf-8")
        units = [str(tmp_path / "daily.service"), str(tmp_path / "daily.timer")]
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *units],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

        assert not [line for line in done.stderr.splitlines() if "daily." in line], done.stderr

    @pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
    def test_when_it_elapses(self, plan):
        """By the site's clock, whatever that of the computer says."""
        when = next(line for line in timer_unit(plan).splitlines() if line.startswith("OnCalendar="))
        done = subprocess.run(
            ["systemd-analyze", "calendar", when.partition("=")[2]],
            capture_output=True,
            encoding="utf-8",
            check=True,
        )

        assert "06:10:00 Europe/Berlin" in done.stdout

    def test_a_computer_without_systemd(self, plan, tmp_path, monkeypatch):
        """The units are written; the complaint of systemctl is one line."""
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        monkeypatch.setenv("PATH", "")
        with pytest.raises(ConfigurationError, match=r"systemctl: cannot be started"):
            take(steps_of(plan, "systemd", "install"))

        assert (tmp_path / "systemd" / "user" / "dpm-analytics.timer").read_text("utf-8") == timer_unit(plan)


class TestCron:
    def test_a_shell_reads_the_command(self, plan, tmp_path):
        """Folder and words arrive as they are; a percent sign is escaped, as cron wants it."""
        shown = tmp_path / "show"
        shown.write_text('#!/bin/sh\npwd\nfor word; do echo "$word"; done\n', encoding="utf-8")
        shown.chmod(shown.stat().st_mode | stat.S_IXUSR)
        folder = tmp_path / '50% "$HOME" & x'
        folder.mkdir()
        line = cron_line(replace(plan, folder=folder, command=(str(shown), str(folder / "site.toml"))))
        timing, command = line.split(" ", 5)[:5], line.split(" ", 5)[5].replace("\\%", "%")

        assert timing == ["10", "14", "*", "*", "*"]
        assert "%" not in line.replace("\\%", "")
        if os.name != "nt":
            said = subprocess.run(
                ["sh", "-c", command], capture_output=True, encoding="utf-8", check=True
            ).stdout
            assert said.splitlines() == [str(folder), str(folder / "site.toml")]

    def test_only_its_own_line(self):
        """The others of the crontab stay."""
        old = "0 1 * * * mine\n1 1 * * * x # dpm-analytics:a\n"
        added = crontab_with(old, "b", "2 2 * * * y # dpm-analytics:b")

        assert added.splitlines()[1:] == ["1 1 * * * x # dpm-analytics:a", "2 2 * * * y # dpm-analytics:b"]
        assert crontab_with(added, "a", "") == "0 1 * * * mine\n2 2 * * * y # dpm-analytics:b\n"

    @pytest.mark.skipif(os.name == "nt", reason="cron is of POSIX")
    def test_installed_shown_and_removed(self, plan, tmp_path, monkeypatch):
        """With a crontab that keeps what it gets in a file."""
        kept = tmp_path / "kept"
        program = tmp_path / "crontab"
        program.write_text(
            f'#!/bin/sh\nif [ "$1" = -l ]; then cat {shlex.quote(str(kept))} 2>/dev/null'
            f' || {{ echo "no crontab for you" >&2; exit 1; }}; else cat > {shlex.quote(str(kept))}; fi\n',
            encoding="utf-8",
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        said = [
            take(steps_of(plan, "cron", action))
            for action in ("install", "install", "show", "remove", "show")
        ]

        assert said[0] == said[1] == said[2] == cron_line(plan)
        assert said[4] == "no line of dpm-analytics"


class TestCommand:
    def test_print_does_nothing(self, tmp_path, capsys):
        """It shows what would be written and called."""
        path = tmp_path / "site.toml"
        path.write_text('[site]\ntime_zone = "UTC"\n[run]\nlogs = ["x"]\n', encoding="utf-8")
        words = ["schedule", "install", "--site", str(path), "--at", "07:00", "--print", "--system"]
        for system, expected in (
            ("windows", "schtasks /Create"),
            ("systemd", "enable --now"),
            ("cron", " * * * cd "),
        ):
            assert main([*words, system]) == 0
            assert expected in capsys.readouterr().out

        assert [*tmp_path.iterdir()] == [path]

    @pytest.mark.parametrize(
        ("words", "expected"), [(["--at", "7"], "no time of day"), (["--name", "a b"], "no name of a task")]
    )
    def test_what_does_not_fit(self, tmp_path, capsys, words, expected):
        """Told in one line."""
        assert main(["schedule", "install", "--site", str(tmp_path / "x"), *words]) == 2
        assert expected in capsys.readouterr().err
