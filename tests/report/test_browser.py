"""The page in a real browser: no error, no request, every figure drawn, choices filter, hostile names inert."""

from __future__ import annotations

import re

import pytest

from analytics.report.sections import SECTIONS
from tests.report.estate import HOSTILE

FIGURES = {figure.chart for section in SECTIONS for figure in section.figures}

pytestmark = [
    pytest.mark.browser,
    # raised in playwright's and greenlet's own code
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def unmarked(text):
    """What of a text stands outside of all brackets."""
    while "⟦" in text and text != (text := re.sub(r"⟦[^⟦⟧]*⟧", "", text)):
        pass
    return text


class TestJapanese:
    def test_days_are_shown_as_in_japan_and_kept_as_iso(self, visit):
        """In the choice, the table, the axis and the label of a job; the address holds 2025-11-03."""
        page = visit("japanese")
        page.page.select_option("#choose-night", value="2025-11-03")
        page.drawn()

        assert "night=2025-11-03" in page.page.url
        assert page.page.get_attribute("html", "lang") == "ja"
        assert "2025年11月3日 (月)" in page.page.inner_text("#shown")
        assert {"11/3", "11/4"} <= page.labels("sla_heatmap")
        assert "2025年11月3日 (月)" in page.page.text_content("#listing-night_summary")
        page.page.locator("#figure-sla_heatmap svg text", has_text="11/4").first.click()
        page.drawn()
        assert "night=2025-11-04" in page.page.url

    def test_a_job_s_night_chooses_it(self, visit):
        """The label of a VM's job is a day in words, and a click on it chooses the day."""
        page = visit("japanese", "#vm=VM001")
        page.page.locator("#figure-night_timeline svg text", has_text="2025年11月5日 (水)").click()
        page.drawn()

        assert "night=2025-11-05" in page.page.url


class TestDrawing:
    def test_every_figure_is_drawn(self, visit):
        """Each holds a drawing with marks."""
        page = visit("forty")

        assert set(page.rows()) == FIGURES
        for figure in FIGURES:
            assert page.page.locator(f"#figure-{figure} svg path").count() > 5

    def test_of_eight_hundred_vms_the_worst_are_shown_and_all_on_a_click(self, visit):
        """Twelve rows, worst first, then sixty at a time; the page says what is left out."""
        page = visit("many")
        figure = page.page.locator("#figure-sla_heatmap")

        assert page.rows()["sla_heatmap"] == 12 * 4
        assert "The worst 12 of 800." in figure.locator(".pages-note").inner_text()
        figure.locator(".whole").click()
        figure.locator(".pages-note", has_text="rows 1–60 of 800").wait_for()
        first = page.labels("sla_heatmap")
        figure.locator(".pager .on").click()
        figure.locator(".pages-note", has_text="61–120").wait_for()
        figure.locator("svg text", has_text="VM").first.wait_for()

        assert not {name for name in page.labels("sla_heatmap") & first if name.startswith("VM")}

    @pytest.mark.parametrize("name", ["three", "forty", "many"])
    def test_the_page_is_at_most_eight_screens_long(self, visit, name):
        """Whatever the number of VMs; what offends stands on the first screen."""
        page = visit(name).page
        page.set_viewport_size({"width": 1280, "height": 800})

        assert page.evaluate("document.documentElement.scrollHeight") <= 8 * 800
        assert page.locator("#offenders").bounding_box()["y"] < 620

    def test_groups_stand_for_the_vms_without_a_row(self, visit):
        """Each group of all VMs is a row; few VMs need none."""
        assert {"HV01", "HV02", "HV03", "HV04"} <= visit("many", "#kind=host").labels("sla_groups")
        assert "sla_groups" not in visit("three").rows()

    def test_vms_that_never_ran_are_one_row_and_one_line(self, visit):
        """Their names stand in the line; a click shows them as rows of their own."""
        page = visit("never").page
        offenders = page.locator("#listing-offenders")

        assert "never ran (3 VMs)" in page.text_content("#figure-sla_heatmap svg")
        assert "VM002" not in offenders.locator("table").inner_text()
        offenders.get_by_text("3 VMs never ran: VM002, VM003, VM004").click()
        assert "VM002" in offenders.locator("table").inner_text()

    @pytest.mark.parametrize("name", ["empty", "little"])
    def test_little_data_is_said_in_words(self, visit, name):
        """No empty chart: a section without rows holds its words and no figure."""
        page = visit(name)

        assert 0 not in page.rows().values()
        assert "No backup is known to have been due" in page.page.inner_text("#sla")

    def test_times_do_not_move_with_the_browser(self, visit):
        """In New York the window of Tokyo still ends at 06:00."""
        page = visit("forty")

        assert {"22:00", "06:00"} <= page.labels("night_timeline")


class TestChoosing:
    def test_a_vm_filters_the_other_figures(self, visit):
        """Chosen in the list, it is the only one in every figure; the address keeps it; show all lets go."""
        page = visit("forty")
        before = page.rows()
        page.page.select_option("#choose-vm", "VM005")
        page.drawn()
        after = page.rows()

        for figure in ("sla_heatmap", "phase_shares", "guest_gain", "coverage_map"):
            assert 0 < after[figure] < before[figure]
        assert "VM005" in page.labels("phase_shares")
        assert "VM004" not in page.labels("phase_shares")
        assert page.page.url.endswith("#vm=VM005")
        page.page.click("#show-all")
        assert page.drawn().rows() == before

    def test_a_night_or_a_vm_shows_single_jobs_with_their_bounds(self, visit):
        """In the figure of the snapshots a night has one row per VM, a VM one row per night."""
        night = visit("forty", "#night=2025-11-04").labels("snapshot_lengths")
        vm = visit("forty", "#vm=VM005").labels("snapshot_lengths")

        assert "VM005" in night
        assert "2025-11-04" in vm
        assert "VM005" not in vm

    def test_a_night_filters_the_other_figures(self, visit):
        """The timeline shows that night, tables those VMs that missed it."""
        page = visit("forty", "#night=2025-11-04")
        nights = set(page.page.locator("#listing-night_timeline td:first-child").all_text_contents())

        assert nights == {"2025-11-04"}
        assert "2025-11-04" in page.page.inner_text("#shown")

    def test_a_click_on_a_cell_chooses_vm_and_night(self, visit):
        """And a second click lets go of both."""
        page = visit("forty")
        cell = "#figure-sla_heatmap svg .mark-rect path"
        page.page.locator(cell).nth(3).click(position={"x": 3, "y": 3})
        page.drawn()

        assert page.page.input_value("#choose-vm") != ""
        assert page.page.input_value("#choose-night") != ""
        assert page.rows()["sla_heatmap"] == 12

    def test_a_click_on_a_name_chooses_the_vm(self, visit):
        """In the axis of a figure, and in a table."""
        page = visit("forty")
        page.page.locator("#figure-phase_shares svg text", has_text="VM007").click()
        assert page.drawn().page.input_value("#choose-vm") == "VM007"
        page.page.click("#show-all")
        button = page.drawn().page.locator("#listing-offenders td button").first
        name = button.inner_text()
        button.click()

        assert page.drawn().page.input_value("#choose-vm") == name

    def test_part_of_a_name_finds_vms(self, visit):
        """Any script, upper or lower case."""
        page = visit("forty")
        page.page.fill("#choose-find", "サーバー")
        page.page.locator("#shown", has_text="サーバー").wait_for()

        assert page.drawn().rows()["guest_gain"] == 1

    def test_an_unknown_choice_in_the_address_is_dropped(self, visit):
        """An old link must not lead to an empty page."""
        assert visit("forty", "#vm=GONE&night=1999-01-01").rows() == visit("forty").rows()


class TestTables:
    def test_a_click_on_a_heading_sorts(self, visit):
        """Descending for numbers first, then ascending; missing values stay last."""
        page = visit("forty")
        heading = page.page.locator("#listing-offenders th", has_text="failed")
        heading.locator("button").click()
        place = page.page.locator("#listing-offenders th").all_text_contents().index("failed") + 1
        cells = page.page.locator(f"#listing-offenders tbody tr td:nth-child({place})").all_text_contents()

        assert cells == sorted(cells, key=int, reverse=True)
        assert heading.get_attribute("aria-sort") == "descending"

    def test_sql_opens_and_copies(self, visit):
        """The text of the query is there as it was run."""
        page = visit("forty")
        page.page.locator("#sla details.queries > summary").click()
        details = page.page.locator("#sla details.sql").last
        details.locator("summary").click()

        assert "FROM sla" in details.locator("pre").inner_text()


class TestHostileNames:
    def test_a_name_is_only_text(self, visit):
        """Each can be chosen like any other, adds no element and runs nothing (the fixture sees dialogs and errors)."""
        page = visit("forty")
        for name in HOSTILE:
            page.page.select_option("#choose-vm", name)

            assert page.drawn().rows()["sla_heatmap"] == 12
            assert page.page.locator("main img, main b").count() == 0
            assert page.page.locator("script:not([type])").count() == 2


class TestEvents:
    def test_events_beside_a_failed_job_are_lines_of_text(self, visit):
        """Each event stands on a line of its own; what a log says stays text."""
        items = visit("forty").page.locator("#listing-failed_jobs .item").all_text_contents()

        assert any(item.endswith(HOSTILE[1]) for item in items)
        assert "22:02 DPM01 DPM-EM/3114" in items


class TestWords:
    # what stands in the page as data does: names of queries, parameters, zones, times
    SPARED = "script, style, pre, code, td, option, noscript, footer b, #shown, .pages-note, .grade"

    def test_every_word_comes_from_the_language(self, visit):
        """In a language whose texts all stand in brackets, no letter of page, axes and legends stands outside them."""
        page = visit("marked").page
        texts = page.evaluate(
            """spared => {
                const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
                while (walk.nextNode()) {
                    const node = walk.currentNode, own = node.parentElement;
                    if (!own.closest(spared) && !own.closest("svg")) found.push(node.textContent);
                }
                const drawn = ".role-legend-label text, .role-legend-title text, .role-axis-title text";
                return [...found, ...[...document.querySelectorAll(drawn)].map((text) => text.textContent)];
            }""",
            self.SPARED,
        )

        assert len(texts) > 200
        assert [text for text in texts if re.search(r"[A-Za-zα-ω]", unmarked(text))] == []
        assert page.get_attribute("html", "lang") == "xx"


class TestPrint:
    def test_print_is_light_and_whole(self, visit):
        """Controls and SQL are left out, figures stay within the width of the paper."""
        page = visit("forty")
        page.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.page.emulate_media(media="print")
        page.page.set_viewport_size({"width": 700, "height": 990})

        assert not page.page.locator("#choices").is_visible()
        assert not page.page.locator("details.sql").first.is_visible()
        for figure in FIGURES:
            assert page.page.locator(f"#figure-{figure} svg").bounding_box()["width"] <= 700
        assert page.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")

    def test_everything_has_a_name_for_screen_readers(self, visit):
        """Language, labels of the choices, descriptions of the drawings."""
        page = visit("forty").page

        assert page.get_attribute("html", "lang") == "en"
        for figure in FIGURES:
            assert page.get_attribute(f"#figure-{figure} .drawing", "aria-label")
        assert page.get_by_label("Night", exact=False).count() >= 1
