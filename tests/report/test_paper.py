"""The PDF is the page, printed by a browser; without one it is drawn."""

from __future__ import annotations

import io
from unicodedata import normalize

import pytest
from pypdf import PdfReader

from analytics.report import build_report
from analytics.report.depths import DEPTHS
from analytics.report.page.page import html
from analytics.report.page.paper import browser, printed
from tests.report.conftest import CHROMIUM
from tests.report.estate import estate_session


@pytest.fixture(scope="module")
def report():
    """The statement of twenty VMs and four nights."""
    return build_report(estate_session(20, 4), depth=DEPTHS["monthly"])


@pytest.fixture
def prints(monkeypatch):
    """A browser prints."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the report was not tested in a browser")
    monkeypatch.setenv("DPM_ANALYTICS_BROWSER", CHROMIUM)


@pytest.mark.browser
def test_the_page_is_printed_whole(report, prints):
    """A4, from the verdict to the foot, with every VM of the statement; the verdict is the title."""
    reader = PdfReader(io.BytesIO(printed(report, html(report))))
    # a font may hold two letters as one
    texts = [normalize("NFKC", " ".join(page.extract_text().split())) for page in reader.pages]
    vms = {row["vm"] for row in report.results["compliance_statement"].rows if row["vm"].startswith("VM")}

    assert [round(float(edge)) for edge in reader.pages[0].mediabox[2:]] == [595, 842]
    assert reader.metadata.title == report.verdict
    assert "backups missed the window" in texts[0]
    assert report.words.text("page.evidence_title") in texts[-1]
    assert len(vms) > 8
    assert [vm for vm in vms if vm not in " ".join(texts)] == []


@pytest.mark.browser
def test_a_page_that_was_not_drawn_is_no_pdf(report, prints):
    """Its policy lets no changed script run."""
    assert printed(report, html(report).replace("async function drawAll", "async  function drawAll")) is None


def test_a_browser_that_fails_is_none(report, monkeypatch):
    """Nor one that is not there."""
    monkeypatch.setenv("DPM_ANALYTICS_BROWSER", "git")
    assert browser() is not None
    assert printed(report, "") is None
    monkeypatch.setenv("DPM_ANALYTICS_BROWSER", "none")
    assert browser() is None
    assert printed(report, "") is None


def test_found_on_the_path_or_where_installers_put_it(monkeypatch, tmp_path):
    """Edge, which is on every Windows, below the program files."""
    monkeypatch.delenv("DPM_ANALYTICS_BROWSER")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PROGRAMFILES(X86)", str(tmp_path))
    edge = tmp_path / "Microsoft" / "Edge" / "Application" / "msedge.exe"
    edge.parent.mkdir(parents=True)
    edge.touch()

    assert browser() == str(edge)
