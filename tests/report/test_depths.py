"""Daily, weekly and monthly reports: which nights, which sections, and that all they say is of these nights."""

from __future__ import annotations

import datetime as dt
import io
import json
from functools import cache

import pytest
from pypdf import PdfReader

from analytics.report import build_report
from analytics.report.depths import DEPTHS, WHOLE, nights_of
from analytics.report.sections import SECTIONS
from analytics.report.words import Words, languages
from analytics.report.write import FORMATS
from tests.model.test_compliance import MET, MISSED, OPEN, compliance, judged
from tests.report.estate import FIRST_NIGHT, estate_rows, session_of

LAST = FIRST_NIGHT + dt.timedelta(days=11)


@pytest.fixture(scope="module")
def session():
    """Twelve nights of eleven VMs, hostile names among them."""
    return session_of(estate_rows(11, 12))


@pytest.fixture(scope="module")
def reports(session):
    """One of each depth."""
    return {
        name: build_report(session, *nights_of(session, depth, None), depth=depth)
        for name, depth in DEPTHS.items()
    }


class TestNights:
    def test_they_end_with_the_last_night_due(self, session):
        """Or with the last one before a night that is asked for."""
        asked = LAST - dt.timedelta(days=3)

        assert nights_of(session, DEPTHS["daily"], None) == (LAST, LAST)
        assert nights_of(session, DEPTHS["weekly"], asked) == (asked - dt.timedelta(days=6), asked)
        assert nights_of(session, DEPTHS["monthly"], None) == (dt.date(2025, 11, 1), LAST)

    def test_a_night_on_which_nothing_was_due(self):
        """The night before is the last one."""
        rows = estate_rows(3, 4)
        last = FIRST_NIGHT + dt.timedelta(days=3)
        rows["sla"] = [
            row | ({"expected": False, "met": None} if row["night"] == last else {}) for row in rows["sla"]
        ]

        night = last - dt.timedelta(days=1)
        assert nights_of(session_of(rows), DEPTHS["daily"], None) == (night, night)

    def test_where_nothing_is_due(self):
        """The last night with jobs, else all."""
        jobs = {name: rows for name, rows in estate_rows(3, 4).items() if name != "sla"}
        night = FIRST_NIGHT + dt.timedelta(days=3)

        assert nights_of(session_of(jobs), DEPTHS["daily"], None) == (night, night)
        assert nights_of(session_of({}), DEPTHS["daily"], None) == (None, None)


@pytest.fixture(scope="module")
def made(reports):
    """A report in a form, which is made once."""
    return cache(lambda name, ending: FORMATS[ending](reports[name]))


@pytest.mark.parametrize("name", DEPTHS)
class TestEveryDepth:
    def test_no_row_is_of_another_night(self, name, reports):
        """Whatever bears a night, in any result."""
        report = reports[name]
        nights = {row["night"] for part in report.results.values() for row in part.rows if "night" in row}

        assert max(nights) == LAST
        assert min(nights) >= max(report.since, FIRST_NIGHT)

    @pytest.mark.parametrize("ending", [".html", ".md", ".json", ".csv", ".xlsx", ".prom", ".pdf"])
    def test_every_form_says_which_it_is(self, name, ending, made):
        """In the title, the first lines, or as a value."""
        content = made(name, ending)
        said = Words.of("en").text("page.source_short", depth=name, period="", zone="").split(":")[0]

        assert content
        if ending in (".html", ".md"):
            assert said in content.decode("utf-8")[:3000]
        if ending == ".json":
            assert json.loads(content)["depth"] == name

    def test_what_is_of_all_nights_says_so(self, name, reports, session):
        """Tables whose query knows no nights; a report of all nights has nothing to say."""
        marked = {
            rows
            for part in reports[name].sections
            for rows in part.results
            if "all nights" in (reports[name].listing_title(rows) if rows in listed(part) else "")
        }
        unlimited = {
            rows
            for part in reports[name].sections
            for rows in listed(part)
            if not reports[name].results[rows].parameters
        }

        assert marked == unlimited != set()
        assert "all nights" not in build_report(session).listing_title("accounting")

    @pytest.mark.parametrize("language", languages())
    def test_it_is_said_in_every_language(self, name, language, session):
        """Each section has its first sentence."""
        depth = DEPTHS[name]
        report = build_report(session, *nights_of(session, depth, None), Words.of(language), depth=depth)

        assert list(report.leads) == [section.name for section in depth.sections]
        assert all(report.leads.values())


def listed(section) -> set[str]:
    """The results that its tables show."""
    return {listing.rows for listing in section.listings}


def test_a_statement_has_no_job(reports):
    """Nobody's single job is told; the others have them."""
    with_jobs = {
        name
        for name, report in reports.items()
        if any("job_id" in part.table.column_names for part in report.results.values())
    }

    assert "monthly" not in with_jobs
    assert "daily" in with_jobs


def test_a_statement_is_printed_whole(reports, made):
    """Every VM stands on paper, with what follows for it."""
    said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made("monthly", ".pdf"))).pages)
    rows = reports["monthly"].results["compliance_statement"].rows

    assert len(rows) == 11
    assert [row["vm"] for row in rows if row["vm"][:10] not in said] == []
    assert "Statement of compliance" in said


def test_what_a_program_reads_of_it(reports):
    """The verdict in at most 120 characters, what was checked, how many missed, and how deep it goes."""
    for name, report in reports.items():
        said = report.to_dict()
        assert (said["schema_version"], said["depth"], said["breaches"]) == (1, name, report.breaches)
        assert 0 < len(said["verdict"]) <= 120
        assert {check["status"] for check in said["trust"]} <= {"ok", "warn", "fail"} != set()


def test_every_section_belongs_to_a_depth():
    """None is shown nowhere."""
    assert {part.name for depth in (WHOLE, *DEPTHS.values()) for part in depth.sections} == {
        part.name for part in SECTIONS
    }


@pytest.mark.parametrize(
    "slots", [[MET], [MISSED] * 3, [MET] * 30 + [OPEN], [MET, MISSED, OPEN, MISSED], [OPEN]]
)
def test_a_statement_of_all_nights_is_the_view_compliance(slots):
    """The same counts, bounds and verdict."""
    view = compliance(*slots)
    (row,) = (
        session_of({"sla": judged(*slots)}).run("compliance_statement", since=None, until=None).to_pylist()
    )

    assert row["compliance"] == view["verdict"]
    assert {name: row[name] for name in view if name in row} == {
        name: value for name, value in view.items() if name in row
    }


def test_a_statement_counts_its_nights_alone():
    """A miss before the period is none of it, and its groups add up."""
    rows = {"sla": judged(MISSED, MET, MISSED, MISSED, OPEN)}
    period = {"since": dt.date(2025, 2, 4), "until": dt.date(2025, 2, 6)}
    session = session_of(rows)
    (row,) = session.run("compliance_statement", **period).to_pylist()
    (group,) = session.run("compliance_groups", **period).to_pylist()

    assert [row[name] for name in ("slots", "met", "missed", "unknown", "longest_streak")] == [3, 1, 2, 0, 2]
    assert row["last_missed"] == dt.date(2025, 2, 6)
    assert [group[name] for name in ("vms", "breaks", "slots", "met", "missed")] == [1, 1, 3, 1, 2]
