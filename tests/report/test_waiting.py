"""Whom a job waited for: a line from its row where that stands in the same group, else its name."""

from __future__ import annotations

import re

import pytest

from analytics.report import build_report
from analytics.report.picture import svg
from tests.report.waiting import waiting


def test_in_a_picture():
    """One line with its dot, one name."""
    drawn = svg(build_report(waiting()), ("night_timeline",))

    assert re.findall("waited for [A-C]", drawn) == ["waited for A"]
    assert len(re.findall("mark-symbol role-mark[^>]*><path", drawn)) == 1


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_in_the_page(visit):
    """The same; where a VM is chosen its row stands alone, and names whom it waited for."""
    page = visit("waiting")

    assert [text for text in page.labels("night_timeline") if "waited" in text] == ["waited for A"]
    assert page.page.locator("#figure-night_timeline .role-mark.mark-symbol path").count() == 1
    alone = visit("waiting", "#vm=B")
    assert "waited for A" in alone.labels("night_timeline")
    assert alone.page.locator("#figure-night_timeline .role-mark.mark-symbol path").count() == 0
