"""Reports of several estates, and a browser that opens them, looks at what they say and lets nothing pass."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import pytest

from analytics.report import write_report
from analytics.report.words import Words
from tests.report.estate import estate_rows, estate_session, session_of
from tests.report.waiting import waiting

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge"))),
    None,
)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
DRAWN = 'body[data-whole]:not([data-whole=""])'


class Visit:
    """One page with what it complained about and what it asked the network for."""

    def __init__(self, page, file: Path) -> None:
        self.page, self.file, self.complaints, self.requests = page, file, [], []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "dialog", lambda dialog: (self.complaints.append("dialog " + dialog.message), dialog.dismiss())
        )
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, choice: str = "") -> Visit:
        """Open the page afresh with a choice in its address, and wait until all is drawn."""
        self.page.goto("about:blank")
        self.page.goto(self.file.as_uri() + choice)
        return self.drawn()

    def drawn(self) -> Visit:
        """Wait until every figure and table is drawn."""
        self.page.wait_for_selector(DRAWN, state="attached", timeout=60_000)
        return self

    def rows(self) -> dict[str, int]:
        """The rows that each figure shows."""
        figures = self.page.query_selector_all("figure")
        return {
            figure.get_attribute("data-chart"): int(figure.get_attribute("data-rows")) for figure in figures
        }

    def labels(self, figure: str) -> set[str]:
        """All texts in a figure's drawing."""
        return set(self.page.locator(f"#figure-{figure} svg text").all_text_contents())


@pytest.fixture(scope="session")
def browser():
    """The system's Chromium; none is downloaded."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the report was not tested in a browser")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


def marked(texts):
    """The texts of a language, each in brackets of its own."""
    inside = {name: marked(text) if isinstance(text, dict) else text for name, text in texts.items()}
    return {name: f"⟦{text}⟧" if isinstance(text, str) else text for name, text in inside.items()}


def jobs_only():
    """An estate of which nothing is known but jobs."""
    rows = estate_rows(4, 2)
    return {name: table for name, table in rows.items() if name not in ("phases", "sla", "candidates")}


def never_run():
    """An estate of which three VMs never ran, and one did, not in time."""
    rows = estate_rows(4, 2)
    for row in rows["sla"]:
        row |= {"met": False, "reason": "late" if row["vm"] == "VM001" else "never_run"}
    return rows


REPORTS = {
    "three": lambda: estate_session(3, 14),
    "never": lambda: session_of(never_run()),
    "forty": lambda: estate_session(40, 12),
    "many": lambda: estate_session(800, 4),
    "empty": lambda: session_of({}),
    "little": lambda: session_of(jobs_only()),
    "waiting": waiting,
    "marked": lambda: estate_session(14, 4),
    "japanese": lambda: estate_session(14, 4),
}


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """A report by name, written when it is first asked for."""
    folder = tmp_path_factory.mktemp("reports")

    @cache
    def write(name: str) -> Path:
        marks = Words("xx", marked(Words.of("en")._texts)) if name == "marked" else None
        words = Words.of("ja") if name == "japanese" else marks
        write_report(REPORTS[name](), folder / f"{name}.html", words=words)
        return folder / f"{name}.html"

    return write


@pytest.fixture
def visit(browser, written):
    """Open a report by name, in a zone far from the site's; afterwards nothing may have gone wrong."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, timezone_id="America/New_York")
    visits = []

    def start(name: str, choice: str = "") -> Visit:
        visits.append(Visit(context.new_page(), written(name)))
        return visits[-1].open(choice)

    yield start
    for each in visits:
        assert each.complaints == []
        assert not [url for url in each.requests if not url.startswith(("file:", "data:", "about:"))]
    context.close()
