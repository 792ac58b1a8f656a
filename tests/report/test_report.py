"""The report as values and as files: verdicts for every kind of estate, formats, safety of hostile names."""

from __future__ import annotations

import base64
import csv
import datetime as dt
import gzip
import hashlib
import io
import json
import re
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import altair as alt
import pytest

from analytics.errors import ConfigurationError, UsageError
from analytics.report import build_report, write_report
from analytics.report.contents import Report, Result
from analytics.report.page.vega import bundle
from analytics.report.sections import FIRST_SCREEN
from analytics.report.write import FORMATS
from tests.report.estate import HOSTILE, estate_rows, estate_session, session_of


def without(rows, *names):
    """The estate without some of its tables."""
    return {name: table for name, table in rows.items() if name not in names}


@pytest.mark.parametrize(
    ("nights", "worst"),
    [
        ([], None),
        ([{"jobs": 0, "missed": 9}], None),
        ([{"missed": 1}, {"missed": 2}, {"missed": 1}], 1),
        ([{"missed": 1, "overrun_s": 5}, {"missed": 1}, {"missed": 1, "overrun_s": 9}, {"missed": 1}], 2),
        ([{"missed": 1}, {"missed": 1}, {"missed": 0, "overrun_s": 9}], 1),
    ],
)
def test_the_worst_night(nights, worst):
    """Most misses, then the longest overrun, then the latest."""
    base = {"jobs": 1, "overrun_s": None}
    rows = [base | row | {"night": dt.date(2025, 2, 3 + place)} for place, row in enumerate(nights)]
    report = object.__new__(Report)
    object.__setattr__(report, "results", {"night_summary": SimpleNamespace(rows=rows)})

    assert report.worst_night == (None if worst is None else dt.date(2025, 2, 3 + worst))


def unnamed(rows):
    """What an errlog alone gives: jobs and phases, but no VM."""
    jobs = [job | {"vm": None, "data_source": None} for job in rows["jobs"]]
    phases = [phase | {"vm": None} for phase in rows["phases"]]
    return without(rows, "sla", "candidates") | {"jobs": jobs, "phases": phases}


def judged(rows, **verdict):
    """The estate with the same verdict for all its backups."""
    return rows | {"sla": [row | verdict for row in rows["sla"]]}


SMALL = estate_rows(5, 3)
LITTLE = {
    "nothing": {},
    "no jobs": without(SMALL, "jobs", "phases", "sla", "job_nights", "candidates"),
    "job records only": without(SMALL, "phases"),
    "errlog only": unnamed(SMALL),
    "one night": estate_rows(1, 1),
    "all unknown": judged(SMALL, met=None, reason="unknown", overrun_s=None, finished_at=None),
    "all met": judged(SMALL, met=True, reason="met", overrun_s=0.0),
}


@cache
def little(case: str) -> Report:
    """The report of an estate of which little is known, made once."""
    return build_report(session_of(LITTLE[case]))


VERDICTS = {
    "nothing": "Nothing was read, so nothing can be said.",
    "no jobs": "No backup job was found in 200,017 records from 4 files.",
    "errlog only": "15 jobs found, but no backup of a named VM was due: whether the window was met cannot be said.",
    "one night": "Every backup that was due met the 22:00–06:00 window: 1 VM, 1 night, 1 backup.",
    "all unknown": "Whether the 22:00–06:00 window was met cannot be said: of 15 backups due 15 are unknown.",
    "all met": "Every backup that was due met the 22:00–06:00 window: 5 VMs, 3 nights, 15 backups.",
}


@pytest.fixture(scope="module")
def report():
    """Forty VMs with hostile names, thirty nights."""
    return build_report(estate_session(40, 30))


@pytest.fixture(scope="module")
def page(report):
    """The page of the forty VMs."""
    return FORMATS[".html"](report).decode("utf-8")


class TestVerdict:
    @pytest.mark.parametrize("case", VERDICTS)
    def test_little_data_is_said_in_words(self, case):
        """No jobs, no names, one night, all unknown: each has its sentence."""
        assert VERDICTS[case] == little(case).verdict

    def test_numbers_and_cause_stand_in_the_sentence(self, report):
        """Backups, VMs, causes; the headline has at most 120 characters."""
        pattern = (
            r"\d+ of 1,\d+ backups missed the window \(\d+ VMs\): \d+ late by the transfer, \d+ failed,"
            r" \d+ not started;"
            r" \d+ still run\.$"
        )

        assert re.match(pattern, report.verdict)
        assert len(report.verdict) <= 120

    def test_breaches_count_what_is_known_to_be_missed(self, report):
        """Unknown backups are no breaches."""
        states = [row["state"] for row in report.results["sla_heatmap"].rows]

        assert report.breaches == sum(state in ("late", "failed", "missed") for state in states)

    def test_a_period_narrows_everything(self):
        """Since and until reach the verdict and every table by night."""
        night = dt.date(2025, 11, 5)
        made = build_report(estate_session(12, 5), night, night)

        assert made.period == "2025-11-05"
        assert {row["night"] for row in made.results["night_timeline"].rows} == {night}

    @pytest.mark.parametrize("since", [None, dt.date(2025, 11, 4)])
    def test_the_head_names_the_nights_whose_jobs_are_counted(self, since):
        """Also those of which it is not established that a backup was due: jobs and period speak of the same."""
        established = max(row["night"] for row in SMALL["sla"])
        rows = SMALL | {"sla": [row for row in SMALL["sla"] if row["night"] == established]}
        made = build_report(session_of(rows), since)
        counted = {row["night"] for row in SMALL["job_nights"] if since is None or row["night"] >= since}

        assert made.key["jobs"] == sum(row["night"] in counted for row in SMALL["job_nights"])
        assert made.period == f"{min(counted)} to {max(counted)}"
        assert made.key["first_night"] == established

    def test_the_longest_overrun_has_a_name_and_a_night(self, report):
        """Those of the row of sla that it is of."""
        late = [row for row in report.results["sla_heatmap"].rows if row["state"] == "late"]
        longest = max(late, key=lambda row: row["overrun_s"])
        (fact,) = (fact for fact in report.facts if fact.label == report.words.text("facts.past_window"))

        assert f"{longest['vm']}, night of {longest['night']};" in fact.detail


@pytest.mark.parametrize("case", LITTLE)
@pytest.mark.parametrize("ending", [".html", ".md", ".json", ".csv"])
def test_little_data_makes_a_file(case, ending):
    """Every text format copes with empty tables and NULLs."""
    content = FORMATS[ending](little(case)).decode("utf-8-sig")

    assert content.startswith(
        {".html": "<!DOCTYPE html>", ".md": "Evidence: ", ".json": "{", ".csv": "vm,night,state"}[ending]
    )
    assert ending == ".csv" or case not in VERDICTS or VERDICTS[case].split(":")[0] in content


@pytest.mark.parametrize("case", ["nothing", "errlog only"])
@pytest.mark.parametrize("ending", [".png", ".pdf"])
def test_little_data_makes_a_picture(case, ending):
    """Pictures and pages without any row hold at least the verdict."""
    content = FORMATS[ending](little(case))

    assert content.startswith(b"\x89PNG" if ending == ".png" else b"%PDF")


def inflated(page: str, name: str) -> str:
    """What a page holds compressed."""
    (content,) = re.findall(rf'<script type="application/gzip" id="packed-{name}">([\w+/=]*)</script>', page)
    return gzip.decompress(base64.b64decode(content)).decode("utf-8")


class TestHtml:
    def test_the_tables_are_there(self, page, report):
        """Every result but those that stand on the first screen, with all its rows."""
        tables = json.loads(inflated(page, "data"))["tables"]

        assert tables["sla_heatmap"]["n"] == report.results["sla_heatmap"].table.num_rows == 1200
        assert set(report.results) - set(tables) == set(FIRST_SCREEN)

    def test_vega_is_of_the_kind_that_altair_writes_for(self):
        """The same major version of Vega-Lite."""
        head = bundle().splitlines()[0]

        assert f"vega-lite@{alt.SCHEMA_VERSION.removeprefix('v').split('.')[0]}." in head

    def test_names_are_inert(self, page):
        """No hostile name stands in the page as markup."""
        own = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)

        for name in ("<script>alert(1)", "<img src=x", "</script><b>"):
            assert name not in own

    def test_nothing_is_loaded(self, page):
        """The policy forbids it, and no element names an address."""
        own = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)

        assert "default-src 'none'" in page.replace("&#39;", "'")
        assert "unsafe-eval" not in page
        assert not re.search(r'(src|href)="?(https?:)?//', own)

    def test_scripts_have_their_hash_in_the_policy(self, page):
        """Exactly two scripts may run: the page's own, and Vega, which it unpacks."""
        bodies = [*re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL), inflated(page, "vega")]
        hashes = [base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() for body in bodies]

        assert len(bodies) == 2
        assert f"script-src 'sha256-{hashes[0]}' 'sha256-{hashes[1]}';" in page.replace("&#39;", "'")

    def test_sql_is_shown_with_parameters_and_rows(self, page):
        """Each result names its query, its parameters and its rows."""
        assert "dpm-analytics sql --store DIR sla_heatmap" in page
        assert "$since = NULL" in page
        assert "(1,200 rows)" in page

    def test_times_are_the_site_s(self, report):
        """22:00 in Tokyo is 22:00 in the report, wherever it is read."""
        deadlines = {row["deadline"].hour for row in report.results["sla_heatmap"].rows}

        assert deadlines == {6}

    def test_a_hundred_vms_and_thirty_nights_stay_small(self):
        """Under 5 MB."""
        assert len(FORMATS[".html"](build_report(estate_session(100, 30)))) < 5_000_000


class TestOtherFormats:
    def test_csv_times_are_those_of_spreadsheets(self, report):
        """No T, no offset, no fraction: Excel opens them as times; their zone has a column."""
        rows = list(csv.DictReader(io.StringIO(FORMATS[".csv"](report).decode("utf-8-sig"))))
        ended = [row["finished_at"] for row in rows if row["finished_at"]]

        assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", text) for text in ended)
        assert {row["time_zone"] for row in rows} == {report.time_zone}
        assert ended

    def test_csv_cells_start_no_formula(self, report):
        """A VM called =cmd... gets an apostrophe; Excel finds a BOM."""
        content = FORMATS[".csv"](report)
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))

        assert content.startswith(b"\xef\xbb\xbf")
        assert len(rows) == 1200
        assert not any(
            cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row.values()
        )
        assert {row["vm"] for row in rows} >= {"'" + HOSTILE[2], HOSTILE[3]}

    def test_json_holds_everything(self, report):
        """Verdict, facts and all rows, times as ISO 8601."""
        made = json.loads(FORMATS[".json"](report))

        assert made["verdict"] == report.verdict
        assert len(made["results"]["sla_heatmap"]["rows"]) == 1200
        assert made["results"]["sla_heatmap"]["rows"][0]["deadline"].endswith("T06:00:00")

    def test_markdown_escapes_names(self, report):
        """Neither HTML nor a table cell can be opened by a name."""
        text = FORMATS[".md"](report).decode("utf-8")

        assert "<script>" not in text
        assert "</script>" not in text
        assert re.match(r"Evidence: .*\n\n# \d+ of 1,\d+ backups missed", text)

    def test_pdf_has_the_verdict_on_its_first_page(self):
        """Text, not only a picture; every section with figures is there, and none begins a page that it need not."""
        from pypdf import PdfReader

        report = build_report(estate_session(12, 6))
        reader = PdfReader(io.BytesIO(FORMATS[".pdf"](report)))

        assert "backups missed the window" in " ".join(reader.pages[0].extract_text().split())
        every = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
        titles = [report.words.text(f"section.{part.name}.title") for part in report.sections if part.figures]
        assert [title for title in titles if title not in every] == []
        assert len(reader.pages) < len(titles)


class TestWriting:
    def test_other_endings_are_refused(self, tmp_path):
        """The message lists what would be right, and nothing is written."""
        with pytest.raises(UsageError, match=r"\.html"):
            write_report(estate_session(3, 2), tmp_path / "report.docx")

        assert list(tmp_path.iterdir()) == []

    def test_a_missing_folder_is_one_clear_line(self, tmp_path):
        """No trace of an OSError."""
        with pytest.raises(ConfigurationError, match="cannot write"):
            write_report(estate_session(3, 2), tmp_path / "missing" / "report.html")

    def test_the_old_file_is_replaced_whole(self, tmp_path):
        """No part file is left, and the report is returned."""
        out = tmp_path / "レポート 1.html"
        out.write_text("old", encoding="utf-8")

        made = write_report(estate_session(3, 2), out)

        assert made.verdict in out.read_text(encoding="utf-8")
        assert [Path(out)] == list(tmp_path.iterdir())


def test_results_have_rows_as_plain_values(report):
    """The Python API gives dates and local times, no zone left."""
    result = report.results["night_summary"]

    assert isinstance(result, Result)
    assert result.rows[0]["last_end_at"].tzinfo is None


@pytest.mark.parametrize("expected", [True, None])
def test_nights_on_which_nothing_is_due_have_no_bars(expected):
    """An axis without a bar says nothing; with one backup due they are there."""
    rows = estate_rows(3, 2)
    changed = {"expected": expected} | ({} if expected else {"met": None, "reason": "not_established"})
    rows |= {"sla": [row | changed for row in rows["sla"]]}

    page = FORMATS[".html"](build_report(session_of(rows))).decode("utf-8")
    assert ('id="figure-nights_overview"' in page) is bool(expected)
