"""The site file."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from analytics.errors import ConfigurationError
from analytics.site import SITE_KEYS, Site, check_date_format, load_site


def site_file(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    """A site file with this text."""
    path = tmp_path / "site.toml"
    path.write_text(text, encoding=encoding)
    return path


class TestLoading:
    def test_without_a_file_the_defaults(self):
        """The window is 22:00 to 06:00, the zone is left to collection.json."""
        assert load_site() == Site()
        assert (load_site().window_start, load_site().window_end) == (time(22), time(6))
        assert load_site().time_zone is None

    def test_all_keys(self, tmp_path):
        """Every key reaches its field; the examples of the documentation are valid."""
        sections: dict[str, list[str]] = {}
        for key in SITE_KEYS:
            sections.setdefault(key.section, []).append(f"{key.name} = {key.example}")
        text = "\n".join(f"[{section}]\n" + "\n".join(lines) for section, lines in sections.items())

        site = load_site(site_file(tmp_path, text))

        assert site.time_zone == "Asia/Tokyo"
        assert site.columns == {"serveur": "production_server"}
        assert site.vms_exclude == ("*-template",)
        assert (site.tracking, site.retry_wait_s, site.link_overhead_s) == ("block_compare", 180.0, 120.0)

    def test_a_bom_of_notepad_is_no_mistake(self, tmp_path):
        """Windows editors write a BOM."""
        assert (
            load_site(site_file(tmp_path, "[claims]\nretry_wait_s = 90\n", "utf-8-sig")).retry_wait_s == 90.0
        )

    def test_a_toml_time_is_a_time(self, tmp_path):
        """TOML's own local time needs no quotes."""
        assert load_site(site_file(tmp_path, "[site]\nwindow_start = 21:30:00\n")).window_start == time(
            21, 30
        )

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("[vms]\ncost = { SQL01 = 0 }", "has no cost above 0 for SQL01"),
            ("[vms]\ncost = { SQL01 = true }", "has no cost above 0 for SQL01"),
            ("[vms]\ncost = 3", "is no table of names and numbers"),
            (
                '[vms]\nguest_level_never = ["A", "B"]\nguest_level_always = ["B"]',
                "B is in guest_level_never and in guest_level_always",
            ),
            ('[site]\ntime_zon = "x"', "unknown key time_zon in [site] (did you mean time_zone?)"),
            ("[sit]", "unknown section [sit] (did you mean site?)"),
            ("[zzzzzz]", "known: site, claims, ingest, vms, model"),
            ("site = 3", "write [site]"),
            ('[site]\ntime_zone = "Europe"', "[site] time_zone: 'Europe' is no IANA time zone"),
            ('[site]\ntime_zone = "../etc/passwd"', "is no IANA time zone"),
            ('[site]\ntime_zone = "berlin"', "'berlin' is no IANA time zone (did you mean Europe/Berlin?)"),
            ("[site]\ntime_zone = 9", "9 is no text"),
            (
                '[site]\nwindow_start = "25:00"',
                "'25:00' is no time of day (for example window_start = \"22:00\")",
            ),
            ('[site]\nwindow_start = "22:00+09:00"', "carries an offset"),
            ('[claims]\nretry_wait_s = "180"', "is no number of seconds"),
            ("[claims]\nretry_wait_s = true", "is no number of seconds"),
            ("[claims]\nretry_wait_s = nan", "is out of range"),
            ("[claims]\nretry_wait_s = -1", "is out of range"),
            ('[ingest]\ndate_formats = "%d"', "is no list of texts"),
            ('[ingest]\ndate_formats = ["%H:%M"]', "leaves year, month or day open"),
            ('[ingest]\nhost_time_zones = { HV01 = "Mars" }', "is no IANA time zone"),
            ('[model]\ntracking = "rct?"', "is no way of tracking"),
            ("x", "is no TOML"),
        ],
    )
    def test_what_does_not_fit_is_named(self, tmp_path, text, expected):
        """The complaint names the file, the key, and what would be right."""
        path = site_file(tmp_path, text)

        with pytest.raises(ConfigurationError) as caught:
            load_site(path)

        assert str(caught.value).startswith(str(path))
        assert expected in str(caught.value)

    def test_a_missing_file(self, tmp_path):
        """A site file that is named must be there."""
        with pytest.raises(ConfigurationError, match=r"none\.toml"):
            load_site(tmp_path / "none.toml")

    def test_another_encoding(self, tmp_path):
        """A file in UTF-16 is told to be saved as UTF-8."""
        with pytest.raises(ConfigurationError, match="save it as UTF-8"):
            load_site(site_file(tmp_path, "[site]\n", "utf-16"))


class TestSite:
    @pytest.mark.parametrize(
        ("start", "end", "expected"),
        [(time(22), time(6), 28800), (time(1), time(5, 30), 16200), (time(6), time(6), 86400)],
    )
    def test_length_of_the_window(self, start, end, expected):
        """A window may cross midnight; from six to six it is a whole day."""
        assert Site(window_start=start, window_end=end).window_s == expected

    def test_zone_of_a_computer(self):
        """Names of computers know no case; an unknown computer has the site's zone."""
        site = Site(time_zone="Asia/Tokyo", host_time_zones={"HV01": "Europe/Berlin"})

        assert [site.zone_of(host) for host in ("hv01", "HV02", None)] == [
            "Europe/Berlin",
            "Asia/Tokyo",
            "Asia/Tokyo",
        ]

    @pytest.mark.parametrize("pattern", ["%d.%m.%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%Y年%m月%d日"])
    def test_usable_date_formats(self, pattern):
        """Patterns that name year, month and day are taken."""
        assert check_date_format(pattern) == pattern


RULES = """
[[sla]]
rule = "backup_window"
threshold = "20:00-04:00"
group = "Tier 1"
until = 2025-03-31

[[sla]]
rule = "max_duration"
vms = ["SQL*", "ERP01"]
threshold = "90min"

[[sla]]
rule = "rpo_disk"
from = 2025-04-01
"""


class TestRules:
    def test_rules_with_their_dates(self, tmp_path):
        """Window, span and default threshold; who it holds for, from when and until when."""
        window, longest, age = load_site(site_file(tmp_path, RULES)).sla

        assert (window.window, window.group, window.last) == (
            (time(20), time(4)),
            "Tier 1",
            date(2025, 3, 31),
        )
        assert (longest.threshold_s, longest.vms) == (5400.0, ("SQL*", "ERP01"))
        assert (age.threshold_s, age.first) == (36 * 3600.0, date(2025, 4, 1))

    @pytest.mark.parametrize(("threshold", "seconds"), [("4", 14400.0), ("0.5", 1800.0), ('"2d"', 172800.0)])
    def test_a_threshold_in_hours_or_with_its_unit(self, tmp_path, threshold, seconds):
        """A bare number is hours."""
        text = f'[[sla]]\nrule = "max_duration"\nthreshold = {threshold}'

        assert load_site(site_file(tmp_path, text)).sla[0].threshold_s == seconds

    def test_validity_that_follows_on_is_no_overlap(self, tmp_path):
        """The last night of one rule is the day before the first of the next."""
        entry = '[[sla]]\nrule = "max_duration"\nvms = ["A"]\nthreshold = 4\n'
        text = f"{entry}until = 2025-03-31\n{entry}from = 2025-04-01\n"

        assert len(load_site(site_file(tmp_path, text)).sla) == 2

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ('rule = "max"', "one of backup_window, max_duration, rpo_disk, rpo_cloud, dpm_sla"),
            ('rule = "max_duration"', "max_duration without threshold"),
            ('rule = "dpm_sla"', "dpm_sla without threshold"),
            ('rule = "rpo_disk"\nthreshold = "soon"', "threshold = 'soon' is no span of time"),
            ('rule = "rpo_disk"\nthreshold = 0', "threshold = 0 is no span of time"),
            ('rule = "rpo_disk"\nthreshold = "99999999 h"', "threshold = '99999999 h' is no span of time"),
            ('rule = "rpo_disk"\nthreshold = inf', "threshold = inf is no span of time"),
            ('rule = "backup_window"\nthreshold = "4h"', "threshold = '4h' is no window"),
            ('rule = "rpo_disk"\nwho = ["x"]', "unknown key who"),
            ('rule = "rpo_disk"\nvms = ["x"]\ngroup = "y"', "vms and group at once"),
            ('rule = "rpo_disk"\nfrom = "soon"', "from = 'soon' is no date"),
            ('rule = "rpo_disk"\nfrom = 2025-05-01\nuntil = 2025-04-01', "lies before from"),
            (
                'rule = "rpo_disk"\nuntil = 2025-04-01\n[[sla]]\nrule = "rpo_disk"\nfrom = 2025-04-01',
                "rules 1 and 2 (rpo_disk) are both valid on 2025-04-01",
            ),
        ],
    )
    def test_what_is_wrong_with_a_rule(self, tmp_path, text, expected):
        """One line: the file, the entry, the key, the value and what would be right."""
        with pytest.raises(ConfigurationError) as caught:
            load_site(site_file(tmp_path, f"[[sla]]\n{text}\n"))

        assert expected in str(caught.value)
        assert "site.toml" in str(caught.value)
        assert "\n" not in str(caught.value)


class TestSchedules:
    def test_what_is_due_and_when_it_ended(self, tmp_path):
        """Names in any script, patterns, a weekday, the days of the weekend."""
        text = (
            '[site]\nweekend = ["Friday", "sat"]\n[vms]\nprotected_until = { "会計01" = 2025-04-13 }\n'
            'schedule = { "TEST*" = "weekdays", ERP01 = "weekly:Saturday" }\n'
        )
        site = load_site(site_file(tmp_path, text))

        assert site.protected_until == {"会計01": date(2025, 4, 13)}
        assert site.schedules == {"TEST*": "weekdays", "ERP01": "weekly:sat"}
        assert site.weekend == ("fri", "sat")

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ('protected_until = { A = "soon" }', "has no date for A"),
            ("protected_until = 2025-04-13", "is no table of names and dates"),
            ('schedule = { A = "monthly" }', "has no schedule for A: daily, weekdays or weekly:DAY"),
            ('schedule = { A = "weekly:x" }', "has no schedule for A"),
        ],
    )
    def test_what_is_wrong_with_them(self, tmp_path, text, expected):
        """One line with key, value and what would be right."""
        with pytest.raises(ConfigurationError, match=expected):
            load_site(site_file(tmp_path, f"[vms]\n{text}\n"))


class TestMorning:
    def test_run_and_mail(self, tmp_path):
        """Their keys have settings of their own; paths start at the file's folder."""
        text = '[run]\nlogs = ["logs"]\nkeep_days = 30\n[mail]\nto = ["a@b.c"]\nfrom = "d@e.f"\ntls = "tls"\n'
        site = load_site(site_file(tmp_path, text))

        assert (site.run.logs, site.run.keep_days, site.run.depth) == (("logs",), 30, "daily")
        assert (site.mail.to, site.mail.sender, site.mail.its_port) == (("a@b.c",), "d@e.f", 465)
        assert site.place("logs") == tmp_path / "logs"
        assert site.place(str(tmp_path)) == tmp_path

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ('[mail]\nto = ["ops"]', "is no mail address"),
            ('[mail]\nto = ["a@b.c\\nBcc: x@y.z"]', "is no mail address"),
            ('[mail]\ntls = "ssl"', "is none of starttls, tls, none"),
            ("[mail]\nport = 70000", "is out of range"),
            ("[mail]\nport = true", "is no whole number"),
            ("[mail]\nmax_mb = 0", "is no number above 0"),
            ('[mail]\nonly_on_change = "yes"', "is neither true nor false"),
            ('[mail]\nuser = "dpm"\ntls = "none"', "a login without TLS"),
            ('[run]\nping_url = "file:///etc/passwd"', "begins with https:// or http://"),
            ('[run]\ndepth = "hourly"', "is none of daily, weekly, monthly"),
            ("[run]\nlog = []", "did you mean logs"),
        ],
    )
    def test_what_does_not_fit(self, tmp_path, text, expected):
        """Named with key and example."""
        with pytest.raises(ConfigurationError, match=expected):
            load_site(site_file(tmp_path, text))
