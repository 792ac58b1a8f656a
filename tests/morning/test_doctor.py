"""`init` and `doctor`: a site file that fits, and what keeps a run from its work, each with its remedy."""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.cli import main
from analytics.cli.schedule import own_system
from analytics.morning.beginning import Shown, site_text
from analytics.morning.doctor import Finding, examine_site
from analytics.morning.password import many_in
from analytics.places import sample_logs_folder
from analytics.site import load_site
from analytics.store import Store
from analytics.store.layout import MANIFESTS
from tests.morning.estate import site_file
from tests.morning.postbox import LONG_AGO, ca_file, certificate, free_port, postbox


def found(site: Path, check: str) -> list[Finding]:
    """What one check finds; the schedule is asked of a system that is not there."""
    return [
        each
        for each in examine_site(load_site(site), "cron", "dpm-analytics", dt.datetime.now(dt.UTC))
        if each.check == check
    ]


@pytest.fixture
def logs(tmp_path) -> Path:
    """A folder with one new log."""
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "x.errlog").write_text("x", encoding="utf-8")
    return folder


class TestInit:
    def test_from_a_store(self, tmp_path, capsys):
        """Zone, groups and VMs as the logs show them; when jobs ran is said, but is no promise: late ones ran, too."""
        store, out = tmp_path / "store", tmp_path / "site.toml"
        assert main(["ingest", str(sample_logs_folder() / "estate"), "--store", str(store), "--quiet"]) == 0
        assert main(["init", "--store", str(store), "--out", str(out)]) == 0

        text, site = out.read_text("utf-8"), load_site(out)
        assert (site.time_zone, site.window_start, site.window_end) == (
            "Asia/Tokyo",
            dt.time(22),
            dt.time(6),
        )
        assert "ran from 22:00 to 06:30, late ones too" in text
        assert site.run.logs == ("logs",)
        assert "#   SP-004" in text
        assert "夜間バックアップ, Tier 2 (2 VMs)" in text
        assert 'group = "VMs on CSV"' in text
        assert "doctor" in capsys.readouterr().out
        assert main(["init", "--out", str(out)]) == 2
        assert out.read_text("utf-8") == text

    def test_without_a_store(self, tmp_path):
        """The defaults; the zone is left open, since nobody knows it."""
        out = tmp_path / "site.toml"
        assert main(["init", "--out", str(out), "--logs", "D:\\dpm logs", "--quiet"]) == 0

        assert load_site(out).time_zone is None
        assert load_site(out).run.logs == ("D:\\dpm logs",)
        assert "no job shows when they run" in out.read_text("utf-8")

    def test_each_comment_is_a_key(self, tmp_path):
        """Without the marks before them the examples are a site file, too."""
        lines = site_text(Shown(zone="UTC")).splitlines()
        keys = [line.removeprefix("# ") if " = " in line or "[[" in line else line for line in lines]
        path = tmp_path / "site.toml"
        path.write_text("\n".join(keys), encoding="utf-8")

        site = load_site(path)
        assert (site.mail.server, site.mail.tls, site.sla[0].threshold_s) == (
            "mail.example.com",
            "starttls",
            14400,
        )

    def test_hostile_names(self, tmp_path):
        """No name of a log becomes a key."""
        hostile = 'x\n[mail]\nto = ["evil@example.com"]'
        path = tmp_path / "site.toml"
        path.write_text(
            site_text(Shown(zone="UTC", vms=(hostile,), groups=((hostile, 1),))), encoding="utf-8"
        )

        assert load_site(path).mail.to == ()


@pytest.mark.usefixtures("logs")
class TestDoctor:
    def test_all_is_well(self, tmp_path, capsys, monkeypatch):
        """One line each, exit code 0; nothing is mailed."""
        monkeypatch.setenv("PATH", "")
        with postbox() as (box, port):
            assert main(["doctor", "--site", str(site_file(tmp_path, port)), "--json"]) == 0

        said = json.loads(capsys.readouterr().out)
        states = {each["check"]: each["status"] for each in said["findings"]}
        assert states == dict.fromkeys(states, "ok") | {"schedule": "warn"}
        assert list(states) == [
            *("inputs", "store", "output", "disk", "mail", "clock", "zone", "versions", "schedule")
        ]
        assert box.mails == []

    def test_a_schedule_of_a_system_that_is_not_there(self, tmp_path, monkeypatch):
        """Where systemd cannot be asked, cron is named; where cron cannot, nothing else is."""
        monkeypatch.setenv("PATH", "")
        site = load_site(site_file(tmp_path))
        for system, ends in (("systemd", " --system cron"), ("cron", "site.toml")):
            last = examine_site(site, system, "dpm-analytics", dt.datetime.now(dt.UTC))[-1]
            assert (last.check, last.status) == ("schedule", "warn")
            assert last.remedy.endswith(ends)

    @pytest.mark.skipif(Path("/run/systemd/system").is_dir(), reason="systemd runs here")
    def test_systemctl_alone_is_no_systemd(self, tmp_path, monkeypatch):
        """As in a container: then it is cron."""
        (tmp_path / "systemctl").touch(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        assert own_system() == ("windows" if os.name == "nt" else "cron")

    def test_inputs(self, tmp_path, logs):
        """Missing is a failure, old a warning."""
        site = site_file(tmp_path)
        assert found(site, "inputs")[0].status == "ok"
        os.utime(logs / "x.errlog", (time.time() - 2 * 86400,) * 2)
        assert "does the copy job still run?" in found(site, "inputs")[0].remedy
        (logs / "x.errlog").unlink()
        assert found(site, "inputs")[0].status == "fail"

    def test_store(self, tmp_path):
        """Not there yet is well; what is damaged is not."""
        site = site_file(tmp_path)
        assert "not there yet" in found(site, "store")[0].said
        Store.create_or_open(tmp_path / "store")
        assert found(site, "store")[0].status == "ok"
        for path in (tmp_path / "store" / MANIFESTS).iterdir():
            path.write_text("{", encoding="utf-8")
        assert found(site, "store")[0].status == "fail"

    def test_output(self, tmp_path):
        """A file in its place."""
        (tmp_path / "reports").write_text("", encoding="utf-8")
        assert found(site_file(tmp_path), "output")[0].status == "fail"

    def test_mail(self, tmp_path):
        """Nobody, nobody there, and an expired certificate."""
        assert found(site_file(tmp_path), "mail")[0].status == "warn"
        assert "refuses the connection" in found(site_file(tmp_path, free_port()), "mail")[0].said
        with postbox(certificate(not_after=LONG_AGO)) as (_, port):
            site = site_file(tmp_path, port, more_mail=f"ca_file = '{ca_file(tmp_path)}'")
            site.write_text(
                site.read_text("utf-8").replace('"none"', '"starttls"').replace("127.0.0.1", "localhost")
            )
            assert "certificate has expired" in found(site, "mail")[0].said

    def test_clock(self, tmp_path, logs, switch):
        """Compared with the server of the pings, which is not pinged; logs of the future are told."""
        url, told = switch
        site = site_file(tmp_path, more_run=f'ping_url = "{url}"')
        assert found(site, "clock")[0].said.endswith("s from that of 127.0.0.1")
        assert told == []
        os.utime(logs / "x.errlog", (time.time() + 3600,) * 2)
        assert "in the future" in found(site, "clock")[0].said
        site = site_file(tmp_path, more_run=f'ping_url = "http://127.0.0.1:{free_port()}/x"')
        assert "cannot be reached" in found(site, "clock")[-1].said

    def test_what_the_site_file_lacks(self, tmp_path, capsys):
        """Each missing key fails with an example; exit code 2."""
        site = tmp_path / "site.toml"
        site.write_text("", encoding="utf-8")

        assert main(["doctor", "--site", str(site), "--quiet"]) == 2
        out = capsys.readouterr().out
        for key in ("[run] logs", "[run] store", "[run] out", "[site] time_zone"):
            assert key in out


class TestPassword:
    def findings(self, tmp_path, system="windows", **keys):
        """What doctor says of the password, for a login that nobody is asked about."""
        site = load_site(site_file(tmp_path, 25))
        mail = replace(site.mail, **{"user": "dpm"} | keys)
        now = dt.datetime.now(dt.UTC)
        found = examine_site(replace(site, mail=mail), system, "dpm-analytics", now)
        return [each for each in found if each.check == "password"]

    def test_no_login_no_finding(self, tmp_path):
        """Nothing is said of a password that nobody needs."""
        assert self.findings(tmp_path, user="") == []

    def test_another_account_does_not_see_the_environment(self, tmp_path, monkeypatch):
        """It says which file to write, and the command that closes it, of the system that is asked."""
        monkeypatch.setenv("DPM_MAIL_PASSWORD", "s3cret")
        (windows,), (cron,) = self.findings(tmp_path), self.findings(tmp_path, "cron")

        assert "SYSTEM, does not see it" in windows.said
        assert 'mail.password" /inheritance:r /grant:r *S-1-5-18:R' in windows.remedy
        assert cron.status == "warn"
        assert "chmod 600" in cron.remedy
        assert "s3cret" not in f"{windows}{cron}"

    @pytest.mark.skipif(os.name == "nt", reason="access of a file by its mode")
    def test_a_file_that_others_can_read(self, tmp_path, monkeypatch):
        """Open to others it is a finding, closed it is well."""
        monkeypatch.delenv("DPM_MAIL_PASSWORD", raising=False)
        file = tmp_path / "mail.password"
        file.write_text("s3cret", encoding="utf-8")
        said = {}
        for mode in (0o644, 0o600):
            file.chmod(mode)
            (said[mode],) = self.findings(tmp_path, "cron", password_file="mail.password")

        assert (said[0o644].status, said[0o600].status) == ("warn", "ok")
        assert "everyone can read it" in said[0o644].said
        assert said[0o644].remedy == f'chmod 600 "{file}"'

    def test_who_is_let_in_by_windows(self):
        """From the access list as SDDL, which has no language; a refusal lets nobody in."""
        closed = "O:BAG:SYD:PAI(A;;FA;;;SY)(A;;FA;;;BA)(D;;FA;;;WD)"

        assert many_in(closed) == []
        assert many_in(f"{closed}(A;ID;0x1200a9;;;BU)") == ["Users"]
