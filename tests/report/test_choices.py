"""The choices of the page in Chromium: what follows them, what says that it does not, and the way back."""

from __future__ import annotations

import pytest

pytestmark = [
    pytest.mark.browser,
    # raised in playwright's and greenlet's own code
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


class TestPlaces:
    def test_a_host_leaves_its_vms(self, visit):
        """In tables, in figures, in the sentence of the choice; the address keeps it."""
        page = visit("forty")
        page.page.select_option("#choose-host", "HV02")
        page.drawn()

        assert page.rows()["sla_heatmap"] == 10 * 12
        assert page.page.url.endswith("#host=HV02")
        assert page.page.inner_text("#shown").startswith("Shown: HV02, all nights:")
        assert {"HV01", "HV03"}.isdisjoint(page.labels("night_timeline"))

    def test_a_group_and_a_volume_leave_what_both_have(self, visit):
        """Rows of a volume of its own are held against it."""
        page = visit("forty", "#group=Group 1&volume=C:\\ClusterStorage\\Volume1\\")
        page.page.click("#timeline .folds summary >> nth=1")
        volumes = set(page.page.locator("#listing-night_timeline td:nth-child(4)").all_text_contents())

        assert volumes == {"C:\\ClusterStorage\\Volume1\\"}

    def test_a_click_on_a_group_chooses_it(self, visit):
        """In the heatmap of groups."""
        page = visit("forty", "#kind=protection_group")
        page.page.locator("#figure-sla_groups svg .mark-rect path").first.click(position={"x": 3, "y": 3})
        page.drawn()

        assert page.page.input_value("#choose-group").startswith("Group ")


class TestNights:
    def test_a_range_leaves_its_nights(self, visit):
        """Tables by night show these alone; the timeline shows the worst of them."""
        page = visit("forty", "#night=2025-11-05&until=2025-11-07")
        days = set(page.page.locator("#listing-night_summary td:first-child").all_text_contents())

        assert days == {"2025-11-05", "2025-11-06", "2025-11-07"}
        shown = page.page.inner_text("#shown")
        assert "2025-11-05 to 2025-11-07" in shown
        assert set(page.page.locator("#listing-night_timeline td:first-child").all_text_contents()) < days

    def test_the_sentence_of_the_choice_counts_its_backups(self, visit):
        """One VM on one night has one; without a choice there are all."""
        assert "of 1 backups missed" in visit("forty", "#vm=VM005&night=2025-11-04").page.inner_text("#shown")
        assert "of 1 backups missed" not in visit("forty").page.inner_text("#shown")


class TestWholeEstate:
    def test_what_does_not_follow_says_so(self, visit):
        """Sentences always; figures of the whole estate; not what shows the VM itself, and nothing without a choice."""
        page = visit("forty", "#vm=VM005").page

        assert page.inner_text("#offenders .lead .scope") == "whole estate, all nights"
        assert page.inner_text("#figure-nights_overview > .scope") == "whole estate"
        assert page.locator("#figure-sla_heatmap > .scope:not([hidden])").count() == 0
        page.click("#show-all")
        assert page.locator(".scope:not([hidden])").count() == 0

    def test_numbers_over_all_nights_say_so(self, visit):
        """Where a night is chosen and a table counts all of them; what has a row for each job of the night does not."""
        page = visit("forty", "#night=2025-11-04").page

        assert page.inner_text("#offenders .numbers > .scope") == "all nights"
        assert page.locator("#figure-phase_shares > .scope:not([hidden])").count() == 0


class TestHistory:
    def test_back_and_forward_undo_and_redo_a_choice(self, visit):
        """Each choice is a step; the way back ends where it began."""
        page = visit("forty")
        before = page.rows()
        page.page.select_option("#choose-vm", "VM005")
        page.drawn()
        page.page.select_option("#choose-night", "2025-11-04")
        chosen = page.drawn().rows()

        page.page.go_back()
        assert page.drawn().page.url.endswith("#vm=VM005")
        page.page.go_back()
        assert page.drawn().rows() == before
        page.page.go_forward()
        page.page.go_forward()
        assert page.drawn().rows() == chosen
