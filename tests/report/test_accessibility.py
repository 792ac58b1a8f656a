"""axe-core on the page: nothing that keeps a reader out, in light and in dark, with what is folded away opened."""

from __future__ import annotations

import pytest

from tests.report.conftest import DRAWN

pytestmark = [
    pytest.mark.browser,
    # raised in playwright's and greenlet's own code
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
# more of the same takes ten times as long
FEWER = "document.querySelectorAll('tbody tr:nth-child(n+3), .queries').forEach((each) => each.remove());"
OPEN = "document.querySelectorAll('details').forEach((each) => { each.open = true; });"
CONTRAST = {"runOnly": ["color-contrast"]}
NO_CONTRAST = {"rules": {"color-contrast": {"enabled": False}}}


@pytest.fixture(scope="module")
def found(browser, written):
    """What axe-core finds on a report, each as rule and element."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()

    def look(name, scheme, change, rules=None):
        # axe-core is put into the page, which lets no other script run
        context = browser.new_context(color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        page.goto(written(name).as_uri())
        page.wait_for_selector(DRAWN, state="attached", timeout=60_000)
        page.evaluate(FEWER + change)
        violations = axe.run(page, options={"resultTypes": ["violations"]} | (rules or {})).response[
            "violations"
        ]
        context.close()
        return [(each["id"], node["html"][:200]) for each in violations for node in each["nodes"]]

    return look


def test_nothing_shuts_a_reader_out(found):
    """No rule of axe-core is broken, with what is folded away opened; in light and dark colours all can be read."""
    assert found("japanese", "light", OPEN, NO_CONTRAST) == []
    assert found("never", "light", "", CONTRAST) == []
    assert found("never", "dark", "", CONTRAST) == []


def test_axe_would_find_it(found):
    """A choice without a name, and grey on grey."""
    spoil = """const choice = document.getElementById('choose-night'); choice.closest('label').replaceWith(choice);
        document.getElementById('verdict').style.color = '#ddd';"""

    assert {"select-name", "color-contrast"} <= {rule for rule, _ in found("empty", "light", spoil)}
