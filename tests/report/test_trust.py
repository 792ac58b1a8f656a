"""What is not known is said first, and each sentence of it stands on a row of the view trust."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from analytics.report.build import build_report
from analytics.report.contents import Result, Rows
from analytics.report.trust import checks, is_unproven, trust_line
from analytics.report.verdict import LONGEST, headline, missed
from analytics.report.words import Claim, Words
from analytics.sql import model_queries
from analytics.tables.trust_words import TRUST_CHECKS, TRUST_FINDINGS, TRUST_REMEDIES
from tests.report.estate import session_of

WORDS = Words.of("en")
NIGHT = dt.date(2025, 2, 3)
ROOMS = ("trust", "finding", "remedy", "check", "trust_status")
COUNTS = {"found": 3, "total": 9, "low_s": 60.0, "high_s": 90.0, "names": "HV01", "others": 0}


def found(*details: str, **more: Any) -> Rows:
    """The result of the checks that found this."""
    rows = []
    for detail in details:
        finding = TRUST_FINDINGS.covering(detail)
        codes = {"check": finding.check, "trust": finding.status, "detail": detail, "remedy": finding.remedy}
        rows.append(codes | COUNTS | more)
    return {"checks": Result("checks", "", "", "", {}, pa.Table.from_pylist(rows))}


def line(*details: str, **more: Any) -> str:
    """What is said first."""
    return WORDS.say(trust_line(found(*details, **more)))


def codes(*details: str, **more: Any) -> set[str]:
    """The codes of what is said first."""
    claim = trust_line(found(*details, **more))
    return claim.codes() if claim else set()


class TestLine:
    @pytest.mark.parametrize(
        ("code", "with_cause", "without"),
        [
            ("trust.holds", ("all_there",), ("all_there", "logs_missing")),
            ("trust.idle", ("all_there", "guests_not_compared"), ("all_there", "guests_agree")),
            ("trust.warns", ("all_there", "logs_missing"), ("zone_assumed", "logs_missing")),
            ("trust.fails", ("zone_assumed",), ("logs_missing",)),
            ("trust.beside", ("zone_assumed", "logs_missing"), ("zone_assumed", "all_there")),
            *(
                (f"finding.{finding.name}", (finding.name,), ("no_job",))
                for finding in TRUST_FINDINGS
                if finding.status != "ok"
            ),
        ],
    )
    def test_a_claim_stands_with_its_cause_and_falls_with_it(self, code, with_cause, without):
        """What is missing is said; where it is not missing, nobody says so."""
        assert code in codes(*with_cause)
        assert code not in codes(*without)

    def test_what_is_not_proven_comes_first(self):
        """Then what else is missing, in the order of the checks; what holds is not listed."""
        said = line("zone_assumed", "all_there", "logs_missing", "hosts_not_listed", names="X")

        assert said == (
            "Not proven: nothing names the time zone, X is assumed. Besides: no log, or only its end, of X for"
            " 3 of 9 host-nights with jobs; no list of the VMs of X: one without any backup would not be seen."
        )

    def test_what_had_nothing_to_check_is_counted(self):
        """A check without a case holds, but proves nothing."""
        assert line("all_there", "guests_not_compared") == (
            "Evidence: all 2 checks hold, 1 with nothing to check."
        )
        assert line("all_there", "guests_agree") == "Evidence: all 2 checks hold."

    def test_without_a_check_nothing_is_claimed(self):
        """No row, no sentence."""
        assert trust_line({"checks": Result("checks", "", "", "", {}, pa.table({}))}) is None

    def test_names_are_counted(self):
        """Three names and how many more; words where nothing has a name."""
        assert "of HV01 for" in line("logs_missing")
        assert "of HV01 and 1 other for" in line("logs_missing", others=1)
        assert "of HV01 and 12 others for" in line("logs_missing", others=12)
        assert "of an unknown DPM server for" in line("nights_without_records", names=None)


class TestChecks:
    @pytest.mark.parametrize("finding", TRUST_FINDINGS.values, ids=lambda finding: finding.name)
    def test_every_finding_has_its_words(self, finding):
        """What was found, and what is to be done unless it holds."""
        (check,) = checks(found(finding.name), WORDS)

        assert (check.check, check.status) == (finding.check, finding.status)
        assert check.title
        assert check.said
        assert bool(check.to_do) == (finding.status != "ok") == (finding.remedy is not None)
        assert not set(check.said + check.to_do) & set("{}")
        assert "None" not in check.said + check.to_do

    def test_every_check_may_hold_and_may_not(self):
        """Each has a finding that is ok and one that is not; each remedy mends something."""
        for check in TRUST_CHECKS:
            states = {finding.status for finding in TRUST_FINDINGS if finding.check == check.name}
            assert "ok" in states
            assert len(states) > 1, check.name
        assert {finding.remedy for finding in TRUST_FINDINGS} - {None} == set(TRUST_REMEDIES.names)


def fact(detail: str, day: int | None, found: float | None = 1, name: str = "HV01") -> dict[str, Any]:
    """Something that a check may find, on a night."""
    night = None if day is None else NIGHT + dt.timedelta(days=day)
    return {"detail": detail, "name": name, "night": night, "found": found, "total": 1}


class TestNights:
    FACTS = (
        fact("nights_without_records", 1),
        fact("nights_without_records", 3, 0),
        fact("logs_missing", 3),
        fact("hosts_not_listed", None),
        fact("records_lost", None, 5, "a.errlog"),
        fact("clocks_jumped", 2),
    )

    @pytest.mark.parametrize(
        ("since", "until", "wrong"),
        [
            (None, None, {"job_records", "host_logs", "inventory", "store_intact", "clocks_host"}),
            (1, 1, {"job_records", "inventory", "store_intact"}),
            (2, None, {"host_logs", "inventory", "store_intact", "clocks_host"}),
            (3, 9, {"host_logs", "inventory", "store_intact"}),
            (None, 0, {"inventory", "store_intact"}),
        ],
    )
    def test_what_other_nights_lack_is_no_matter(self, since, until, wrong):
        """A night is judged by what is known of it; the store and the inventory are those of all nights."""
        range_ = {
            name: None if day is None else NIGHT + dt.timedelta(days=day)
            for name, day in (("since", since), ("until", until))
        }
        rows = session_of({"trust_facts": list(self.FACTS)}).run("checks", **range_).to_pylist()

        assert {row["check"] for row in rows if row["trust"] != "ok"} == wrong
        assert [row["check"] for row in rows] == list(TRUST_CHECKS.names)

    def test_all_nights_are_the_view(self):
        """The view trust and the query checks say the same."""
        session = session_of({"trust_facts": list(self.FACTS)})
        asked = session.run("checks", since=None, until=None).to_pylist()
        view = session.connection.sql(model_queries()["trust"].sql).to_arrow_table().to_pylist()

        assert sorted(view, key=str) == sorted(
            ({("status" if key == "trust" else key): value for key, value in row.items()} for row in asked),
            key=str,
        )


class TestHostLogsAlone:
    @pytest.mark.parametrize(
        ("detail", "is_said"), [("only_host_logs", True), ("jobs_without_record", False)]
    )
    def test_the_verdict_says_that_only_hosts_tell(self, detail, is_said):
        """Neither records nor the log of a DPM server: what was a backup, due or missed is not known."""
        begun = dt.datetime(2025, 2, 3, 22, tzinfo=dt.UTC)
        job = {"job_id": "J", "vm": None, "outcome": "unknown", "started_at": begun}
        rows = {"jobs": [job], "job_nights": [{"job_id": "J", "night": NIGHT}]}
        report = build_report(session_of(rows | {"trust_facts": [fact(detail, 0, 7)]}))

        assert ("1 job in logs of hosts alone" in report.verdict) == is_said
        assert ("7 jobs are known from logs of hosts alone" in report.trust) == is_said
        assert report.verdict.startswith("Unproven: ")


class TestVerdict:
    @pytest.mark.parametrize("finding", TRUST_FINDINGS.values, ids=lambda finding: finding.name)
    def test_one_that_fails_qualifies_the_verdict(self, finding):
        """And only one that fails."""
        assert is_unproven(found("all_there", finding.name)) == (finding.status == "fail")

    @pytest.mark.parametrize("detail", ["all_there", "zone_assumed"])
    def test_it_fits_a_subject(self, detail):
        """At most 120 characters, however large the estate; the causes give way, most frequent last."""
        key = {"due": 1234567, "missed": 345678, "met": 800000, "running": 0, "unknown": 88889, "unjudged": 0}
        key |= {"vms_breached": 12345, "nights_breached": 28, "nights": 365, "vms": 99999}
        names = ("claim_wait", "failed", "not_started", "late_start", "unknown")
        causes = [{"cause": name, "breaches": 100000 - place, "late": 0} for place, name in enumerate(names)]
        results = found(detail) | {
            "key_figures": Result("key_figures", "", "", "", {}, pa.Table.from_pylist([key])),
            "breach_causes": Result("breach_causes", "", "", "", {}, pa.Table.from_pylist(causes)),
        }

        said = WORDS.say(headline(results, "22:00–06:00", WORDS))

        assert len(said) <= LONGEST == 120
        assert said.startswith("Unproven: 345,678" if detail == "zone_assumed" else "345,678")
        assert "88,889 are unknown" in said
        assert "verdict.each" not in headline(results, "22:00–06:00", WORDS).codes()

    def test_shorter_wordings_tell_less(self):
        """The first tells all, the last no cause."""
        key = {"due": 9, "missed": 6, "running": 0, "unknown": 0, "vms_breached": 3, "nights_breached": 2}
        causes = [{"cause": name, "breaches": 2, "late": 0} for name in ("queue", "failed", "not_started")]
        said = [WORDS.say(claim) for claim in missed(key, causes)]

        assert said[0] == (
            "6 of 9 backups missed the window (3 VMs, each on 2 nights): 2 late by the DPM queue, 2 failed,"
            " 2 not started."
        )
        assert said[-1] == "6 of 9 backups missed the window (3 VMs)."
        assert len(said) == len(set(said)) == 8


def test_every_word_of_trust_is_said():
    """No text is left behind when its check goes."""
    said = {"trust.title", "trust.others", "trust.nameless"}
    said |= {code for finding in TRUST_FINDINGS for code in codes(finding.name)} | {"trust.beside"}
    known = {code for code in WORDS.codes() if code.split(".")[0] in ROOMS[:1]}

    assert known <= said | {"trust.holds", "trust.idle", "trust.warns", "trust.fails"}
    assert isinstance(trust_line(found("all_there")), Claim)
