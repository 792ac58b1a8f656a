"""The drawings: they compile with no, few and many rows, and show no more certainty than the data has."""

from __future__ import annotations

import altair as alt
import pandas as pd
import pytest

from analytics.charts import draw, drawings
from analytics.charts.palette import CONFIG, COVERAGE, GRADE_OPACITY, PHASES, STATES
from analytics.report import build_report
from analytics.report.picture import frame
from analytics.report.words import Words
from tests.report.estate import estate_session

WORDS = Words.of("en")
NAMES = sorted(set(drawings()) - {"job_timeline", "plan_curve"})  # drawn by the command chart, tested there
SHARE = {"vm": "A", "phase": "transfer", "grade": "C", "share": 1.0, "job_median_s": 60.0, "job_p90_s": 90.0}
LENGTH = {"vm": "A", "phase": "post_snapshot", "grade": "C", "median_s": 1.0, "low_s": 1.0, "high_s": 40.0}
LENGTH |= {"least_s": 0.5, "most_s": 60.0}


@pytest.fixture(scope="module")
def rows_of() -> dict[str, pd.DataFrame]:
    """The rows that each figure of a report shows: fourteen VMs, seven nights."""
    report = build_report(estate_session(14, 7))
    figures = [figure for section in report.sections for figure in section.figures]
    return {figure.chart: frame(figure, report)[0] for figure in figures}


def spec(name: str, rows: pd.DataFrame | alt.NamedData | None = None, **given: object) -> dict:
    """The specification of a drawing; without rows, these come later."""
    return draw(name, alt.NamedData("rows") if rows is None else rows, WORDS, **given).to_dict()


def svg(name: str, rows: pd.DataFrame) -> str:
    """The drawing as SVG text."""
    import vl_convert

    return vl_convert.vegalite_to_svg(spec(name, rows) | {"config": CONFIG})


def parts(spec: object) -> list[dict]:
    """All objects inside a specification."""
    if isinstance(spec, list):
        return [found for item in spec for found in parts(item)]
    if not isinstance(spec, dict):
        return []
    return [spec, *(found for value in spec.values() for found in parts(value))]


def test_every_drawing_is_shown(rows_of):
    """No drawing is forgotten in the sections."""
    assert set(NAMES) == set(rows_of)


@pytest.mark.parametrize("name", NAMES)
class TestEveryDrawing:
    def test_rows_are_drawn(self, name, rows_of):
        """One row has its marks; all rows have more."""
        one, every = (svg(name, rows).count("<path") for rows in (rows_of[name].head(1), rows_of[name]))

        assert 3 < one < every

    def test_missing_numbers_are_survived(self, name, rows_of):
        """A row whose numbers are NULL beside a complete one."""
        rows = rows_of[name].head(2).copy()
        numbers = rows.select_dtypes("number").columns
        rows[numbers] = rows[numbers].astype(float)
        rows.loc[rows.index[1], numbers] = None

        assert "<svg" in svg(name, rows)

    def test_rows_may_come_later(self, name):
        """With the name of the data only, the specification holds no rows."""
        made = spec(name)

        assert {"name": "rows"} in [part.get("data") for part in parts(made)]
        assert not made.get("datasets")


class TestCertainty:
    @pytest.mark.parametrize(
        "name",
        [
            "phase_shares",
            "night_timeline",
            "volume_waits",
            "claim_waits",
            "snapshot_lengths",
            "snapshot_gaps",
        ],
    )
    def test_grades_differ_in_opacity_and_outline(self, name):
        """Every drawing of phases says its grade in two ways, with a legend in words."""
        encodings = [part["encoding"] for part in parts(spec(name)) if "encoding" in part]
        graded = [encoding for encoding in encodings if "opacity" in encoding]

        assert graded
        for encoding in graded:
            assert encoding["opacity"]["field"] == encoding["strokeDash"]["field"] == "grade"
            assert encoding["opacity"]["scale"]["domain"] == list(GRADE_OPACITY)
            assert encoding["opacity"]["scale"]["type"] == "ordinal"

    def test_c_and_d_are_far_paler_than_a(self):
        """Not a matter of taste: half as opaque at most."""
        assert GRADE_OPACITY["C"] <= GRADE_OPACITY["A"] / 2
        assert GRADE_OPACITY["D"] < GRADE_OPACITY["C"]

    def test_states_and_phases_have_their_own_colours(self):
        """Unknown is never met and never missed."""
        colours = [colour for colour, _ in STATES.values()]

        assert len(set(colours)) == len(colours)
        assert len(set(PHASES.values())) == len(PHASES)
        assert len(set(COVERAGE.values())) == len(COVERAGE)

    def test_a_bar_of_grade_c_is_drawn_paler(self):
        """Down in the SVG, the opacity is that of the grade."""
        rows = [SHARE | {"vm": grade, "grade": grade} for grade in "AC"]
        text = svg("phase_shares", pd.DataFrame(rows))

        assert 'opacity="0.4"' in text
        assert "stroke-dasharray" in text

    @pytest.mark.parametrize(("grade", "is_solid"), [("A", True), ("B", False), ("C", False)])
    def test_only_an_observed_value_is_a_solid_dot(self, grade, is_solid):
        """The middle of bounds, and the convention of grade C, are hollow."""
        text = svg("snapshot_lengths", pd.DataFrame([LENGTH | {"grade": grade}]))

        assert ('fill="#111111"' in text) == is_solid


def test_lengths_begin_at_nought():
    """Their axis is that of the marks given, neither cut off below nor rounded up."""
    scales = [
        part["scale"]
        for part in parts(spec("snapshot_lengths"))
        if part.get("scale", {}).get("type") == "symlog"
    ]

    assert scales
    assert all((scale["domainMin"], scale["nice"], scale["constant"]) == (0, False, 1) for scale in scales)


class TestNights:
    def test_few_nights_are_no_broad_beams(self):
        """One night is a narrow column, a year is hardly wider than a month."""
        widths = [spec("sla_heatmap", nights=nights)["width"] for nights in (1, 30, 365)]

        assert widths == [90, 810, 900]

    def test_many_nights_leave_out_the_marks(self):
        """Text in cells of a few pixels would only be noise; colours and the table remain."""
        layers = [len(spec("sla_heatmap", nights=nights)["layer"]) for nights in (30, 90)]

        assert layers == [2, 1]

    def test_a_missing_name_is_said(self):
        """Jobs of an errlog alone have no VM: the row is labelled in words."""
        rows = pd.DataFrame([SHARE, SHARE | {"vm": None}])

        assert "(no name)" in svg("phase_shares", rows)
