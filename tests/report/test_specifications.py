"""What Vega-Lite is told of each figure is drawn beforehand: it is what altair draws, and follows window and nights."""

from __future__ import annotations

import json
from types import SimpleNamespace

import altair as alt
import pyarrow as pa
import pytest

from analytics.report.page import specifications
from analytics.report.page.specifications import drawn, drawn_text, kept_path, specification
from analytics.report.sections import SECTIONS
from analytics.report.words import Words, languages

FIGURES = {figure.chart: figure for section in SECTIONS for figure in section.figures}


def of_nights(nights: int, window_ms: tuple[int, int] = (79_200_000, 108_000_000)):
    """As much of a report as a specification asks for."""
    summary = SimpleNamespace(table=pa.table({"night": list(range(nights))}))
    return SimpleNamespace(words=Words.of("en"), results={"night_summary": summary}, window_ms=window_ms)


@pytest.mark.parametrize("language", sorted(languages()))
class TestKept:
    def test_current(self, language):
        """No drawing and no word of one has changed since."""
        assert drawn_text(language) == kept_path(language).read_text(encoding="utf-8")

    def test_as_altair_draws(self, language):
        """The same version of altair draws the same; another may spell it otherwise, so that figures are compared."""
        kept = json.loads(kept_path(language).read_text(encoding="utf-8"))
        found = drawn(Words.of(language))

        assert found.codes == kept["codes"]
        assert list(found.specs) == list(kept["specs"])
        assert found.specs.keys() >= FIGURES.keys()
        if kept["altair"] == alt.__version__:
            assert json.loads(json.dumps(found.specs)) == kept["specs"]


class TestSpecification:
    def test_a_changed_word_is_seen(self, monkeypatch):
        """Another word in a figure makes the file stale, and stands in the one drawn then."""
        other = Words.of("en")

        class Changed:
            language = "en"

            def text(self, code, /):
                return "ANOTHER WORD" if code == "chart.jobs" else other.text(code)

            def table(self, path):
                return other.table(path)

        monkeypatch.setattr(specifications, "Words", SimpleNamespace(of=lambda _: Changed()))

        assert "ANOTHER WORD" in drawn_text("en")
        assert "ANOTHER WORD" not in kept_path("en").read_text(encoding="utf-8")

    def test_the_window_is_the_site_s(self):
        """Two numbers that the timeline's expressions name."""
        spec = specification(FIGURES["night_timeline"], of_nights(7, (1, 2)))

        assert spec["params"] == [
            {"name": "window_from_ms", "value": 1},
            {"name": "window_to_ms", "value": 2},
        ]
        assert '"calculate": "window_to_ms"' in json.dumps(spec)

    def test_as_wide_as_the_nights(self):
        """A column per night, with marks where there is room for them."""
        few, many = (specification(FIGURES["sla_heatmap"], of_nights(nights)) for nights in (10, 365))

        assert (few["width"], many["width"]) == (270, 900)
        assert (len(few["layer"]), len(many["layer"])) == (2, 1)
        assert "is_by_night" not in few
        assert "width" not in specification(FIGURES["night_timeline"], of_nights(10))

    def test_it_says_what_it_shows(self):
        """For those who hear the page."""
        spec = specification(FIGURES["sla_heatmap"], of_nights(10))

        assert spec["description"] == Words.of("en").text("figure.sla_heatmap")
