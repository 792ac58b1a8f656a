"""The mail of a report: what it says and when it does not, what Outlook needs, what fits."""

from __future__ import annotations

import datetime as dt
import io
import random
import re
import zipfile
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import ClassVar

import pyarrow as pa
import pytest
from lxml import html

from analytics.errors import ConfigurationError
from analytics.report import build_report
from analytics.report.depths import DEPTHS
from analytics.report.mail import (
    failure_letter,
    message_of,
    offenders_csv,
    report_letter,
    short_letter,
)
from analytics.report.mail.letter import Letter
from analytics.report.mail.missed import groups_of, heads_of
from analytics.report.words import Claim, Words
from analytics.report.write import FORMATS
from analytics.site import MailSettings
from tests.report.estate import HOSTILE, estate_rows, estate_session, session_of

TO = MailSettings(to=("ops@example.com", "boss@example.com"), sender="dpm@example.com")


def all_met(rows):
    """The estate without a breach."""
    return rows | {
        "sla": [row | {"met": True, "reason": "met", "overrun_s": 0.0, "cause": None} for row in rows["sla"]]
    }


def sent(letter, files=None, settings=TO, place="") -> EmailMessage:
    """The message as the reader's program gets it."""
    return message_from_bytes(message_of(letter, settings, files or {}, place).as_bytes(), policy=default)


def text_of(message: EmailMessage) -> str:
    """Its plain text."""
    return str(message.get_body(("plain",)).get_content())


def page_of(message: EmailMessage) -> str:
    """Its HTML."""
    return str(message.get_body(("html",)).get_content())


@pytest.fixture(scope="module")
def session():
    """Forty VMs with hostile names, fourteen nights."""
    return estate_session(40, 14)


@pytest.fixture(scope="module")
def report(session):
    """Its report."""
    return build_report(session)


@pytest.fixture(scope="module")
def mail(report):
    """Its mail."""
    changed = replace(report, changes=(f"Still: VM002, {HOSTILE[0]}.",))
    return sent(
        report_letter(changed),
        {"report.html": FORMATS[".html"](report), "offenders.csv": offenders_csv(report)},
    )


@pytest.fixture(scope="module")
def quiet():
    """A report without a breach."""
    return build_report(session_of(all_met(estate_rows(5, 2))))


class TestMessage:
    def test_the_subject_is_the_verdict(self, report, mail):
        """And for which nights."""
        assert mail["Subject"] == f"{report.verdict} · {report.period}"
        assert (mail["To"], mail["From"]) == ("ops@example.com, boss@example.com", "dpm@example.com")
        assert mail["Auto-Submitted"] == "auto-generated"

    def test_both_forms_say_the_same(self, report, mail):
        """Trust, verdict, changes, figures, offenders."""
        lines = " ".join(html.document_fromstring(page_of(mail)).text_content().split())
        wanted = [report.trust, report.verdict, "Still: VM002, "]
        for said in [*wanted, *(fact.value for fact in report.facts)]:
            assert said in text_of(mail)
            assert said in lines
        first = report.results["offenders"].rows[0]["vm"]
        assert f"- {first}: " in text_of(mail)
        assert first in lines

    def test_the_subject_keeps_its_blanks(self):
        """Also where it is of Japanese letters and folded."""
        subject = "5,460 件中 568 件が間に合わず (VM 254 台): DPM キューによる遅延 338 件、失敗 104 件"

        assert sent(Letter(subject, Words.of("ja")))["Subject"] == subject

    def test_what_outlook_needs(self, mail):
        """Tables with inline style; no script, no style sheet, nothing to load but the picture inside."""
        tree = html.document_fromstring(page_of(mail))

        assert {element.tag for element in tree.iter() if isinstance(element.tag, str)} <= {
            *("html", "head", "meta", "title", "body", "table", "tr", "td", "th", "b", "img")
        }
        assert not tree.xpath("//@class | //@onerror | //@href")
        sources = tree.xpath("//img/@src")
        pictures = [part for part in mail.walk() if part.get_content_type() == "image/png"]
        assert sources == [f"cid:{pictures[0]['Content-ID'][1:-1]}"]
        assert pictures[0].get_content().startswith(b"\x89PNG")
        assert all(len(alt) > 20 for alt in tree.xpath("//img/@alt"))
        assert not re.search(r"flex|grid|position:|float:|url\(", page_of(mail))

    def test_hostile_names_are_shown(self, mail):
        """Escaped in HTML, and no steering of terminals in the text."""
        assert HOSTILE[0] not in page_of(mail)
        assert "&lt;script&gt;" in page_of(mail)

    def test_files_go_with_it(self, report, mail):
        """The page and the offenders as a table that spreadsheets may open."""
        files = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}

        assert set(files) == {"report.html", "offenders.csv"}
        assert files["offenders.csv"].decode("utf-8-sig").startswith("vm,breaches,due,main_cause")
        assert f"\n{HOSTILE[2][0]}" not in files["offenders.csv"].decode("utf-8-sig")
        assert report.verdict.encode() in files["report.html"]


class TestSize:
    FILES: ClassVar = {"report.html": b"<p>night</p>" * 100_000, "offenders.csv": b"vm\r\nA\r\n"}

    def test_what_is_too_large_is_zipped(self, quiet):
        """The largest first; the others stay as they are."""
        message = sent(report_letter(quiet), self.FILES, MailSettings(to=("a@b.c",), max_mb=1))
        files = {part.get_filename(): part.get_content() for part in message.iter_attachments()}

        assert set(files) == {"report.html.zip", "offenders.csv"}
        with zipfile.ZipFile(io.BytesIO(files["report.html.zip"])) as archive:
            assert archive.read("report.html") == self.FILES["report.html"]
        assert len(message.as_bytes()) < 1_000_000

    def test_what_does_not_fit_is_named_with_its_place(self, quiet):
        """Nothing is left out in silence."""
        settings = MailSettings(to=("a@b.c",), max_mb=0.05)
        message = sent(report_letter(quiet), self.FILES, settings, r"\\FS01\reports")

        assert [*message.iter_attachments()] == []
        assert "report.html (1.2 MB) does not fit into a mail of 50 kB" in text_of(message)
        assert r"All files of the report: \\FS01\reports" in text_of(message)

    def test_a_small_one_stays_where_a_large_one_goes(self, quiet):
        """What is left out makes room for the others, as they are."""
        files = {"report.html": random.Random(1).randbytes(1_024_000), "offenders.csv": b"vm\r\nA\r\n"}
        message = sent(report_letter(quiet), files, MailSettings(to=("a@b.c",), max_mb=0.5))

        assert [part.get_filename() for part in message.iter_attachments()] == ["offenders.csv"]
        assert "report.html (1.02 MB) does not fit" in text_of(message)

    def test_what_fits_is_not_named(self, quiet):
        """The sentence of the size disappears with its cause."""
        assert "does not fit" not in text_of(sent(report_letter(quiet), self.FILES))


class TestSentences:
    def test_no_change_no_sentence(self, quiet):
        """Without a report before nothing is new, still or resolved, no offender, no picture of a breach."""
        text = text_of(sent(report_letter(quiet)))

        assert not re.search(r"New since|Still:|Resolved:|Which VMs|Attached", text)

    def test_one_night_without_a_breach_has_no_picture(self):
        """A chart is drawn where it says something."""
        rows = estate_rows(5, 2)
        night = dt.date(2025, 11, 4)
        good = build_report(session_of(all_met(rows)), night, night)

        assert not report_letter(good).picture

    def test_one_night_with_a_breach_is_drawn_job_by_job(self, session, report):
        """The night's timeline."""
        late = build_report(session, report.worst_night, report.worst_night)

        assert late.breaches
        assert "Timeline" in report_letter(late).alt

    def test_a_remark_of_the_run(self, quiet):
        """What the run found stands in it, and nothing without it."""
        said = Claim("mail.too_large", file="x", size_bytes=2e6, limit_bytes=1e6)

        assert "x (2 MB) does not fit" in text_of(sent(report_letter(quiet, [said])))

    def test_a_quiet_day(self, quiet):
        """A short mail: verdict and figures."""
        message = sent(short_letter(quiet, dt.date(2025, 11, 3)))

        assert message["Subject"].startswith("No change: Every backup that was due met")
        assert "Nothing changed since the report of 2025-11-03" in text_of(message)
        assert [*message.iter_attachments()] == []

    def test_no_report(self):
        """The line that the command says is the subject, in one line."""
        error = ConfigurationError("cannot write:\x1b[2J disk full", "D:\\out", "free space")
        message = sent(failure_letter(error, Words.of("en"), dt.date(2025, 11, 3)))

        assert message["Subject"].strip().startswith("No report of 2025-11-03: D:\\out: cannot write")
        assert "\x1b" not in message.as_string()


class TestMissed:
    def test_every_cause_with_its_vms(self, report):
        """All VMs that missed have a row or stand by name, as far as there is room; the titles count them."""
        groups = groups_of(report)
        vms = {row["vm"] for row in report.results["offenders"].rows}
        causes = {row["main_cause"] for row in report.results["offenders"].rows}

        assert len(groups) == len(causes) > 1
        assert sum(int(group.title.split()[0]) for group in groups) == len(vms)
        assert all(group.rows or group.others for group in groups)
        assert len([row for group in groups for row in group.rows]) <= 14

    def test_a_failed_vm_says_why(self, report):
        """What explains it, its codes; without the failed jobs only that it failed."""
        failed = next(group for group in groups_of(report) if group.title.endswith(" failed"))
        without = replace(
            report, results={name: rows for name, rows in report.results.items() if name != "failed_jobs"}
        )

        assert (
            "A backup was in progress on the Cluster Shared Volume. (ID 32612, 0x8007173d)"
            in failed.rows[0].said
        )
        assert failed.rows[0].why.startswith("A backup was in progress")
        assert not any(row.why for group in groups_of(without) for row in group.rows)

    def test_what_windows_says_of_the_error(self, report):
        """DPM puts it behind its own id, in any language."""
        text = "予期しないエラー (ID 104 詳細: The cluster resource could not be found (0x8007138F))"
        failed = report.results["failed_jobs"]
        rows = [row | {"error_text": text, "hresult": "0x8007138f"} for row in failed.rows]
        told = replace(failed, table=pa.Table.from_pylist(rows, failed.table.schema))
        changed = replace(report, results=report.results | {"failed_jobs": told})

        said = "\n".join(row.said for group in groups_of(changed) for row in group.rows)
        assert "0x8007138f: The cluster resource could not be found)" in said

    def test_of_one_night_no_column_of_ones(self, report):
        """How often a VM missed stands in the mail of several nights only."""
        night = report.results["night_summary"].rows[-1]["night"]
        one = build_report(estate_session(14, 4), since=night, until=night, depth=DEPTHS["daily"])

        assert "nights missed" in heads_of(report)
        assert "nights missed" not in heads_of(one)
        assert "missed on 1 of 1 night" not in "".join(
            row.said for group in groups_of(one) for row in group.rows
        )

    def test_a_long_name_is_cut(self, report):
        """The table is no wider than the mail; the attached one has the whole name."""
        offenders = report.results["offenders"]
        rows = [row | {"vm": row["vm"] + "x" * 200} for row in offenders.rows]
        told = replace(offenders, table=pa.Table.from_pylist(rows, offenders.table.schema))
        groups = groups_of(replace(report, results=report.results | {"offenders": told}))

        assert max(len(row.vm) for group in groups for row in group.rows) == 40
