"""The drawings: they compile with no, few and many rows, and show no more certainty than the data has."""

from __future__ import annotations

import altair as alt
import pandas as pd
import pytest

from analytics.charts import CONFIG, draw, drawings
from analytics.charts.palette import COVERAGE, GRADE_OPACITY, GRADES, PHASES, STATES

ROWS = {
    "sla_heatmap": {"vm": "A", "night": "2025-11-03", "state": "late", "overrun_s": 120.0},
    "nights_overview": {"night": "2025-11-03", "due": 3, "met": 1, "missed": 1, "unknown": 1},
    "phase_shares": {
        "vm": "A",
        "phase": "transfer",
        "grade": "C",
        "share": 1.0,
        "job_median_s": 60.0,
        "job_p90_s": 90.0,
    },
    "night_timeline": {
        "label": "A",
        "group": "HV01",
        "phase": "snapshot",
        "grade": "C",
        "from_ms": 79200000,
        "to_ms": 79260000,
    },
    "guest_gain": {"vm": "A", "host_p50_s": 9.0, "host_p90_s": 12.0, "guest_low_s": 1.0, "guest_p50_s": 2.0}
    | {"guest_high_s": 4.0, "limit_s": 28800.0},
    "volume_waits": {"vm": "A", "volume": "V", "grade": "B", "waited_s": 9.0, "least_s": 1.0, "most_s": 12.0}
    | {"refusals": 1, "jobs": 1},
    "claim_waits": {"vm": "A", "volume": "V", "grade": "B", "waited_s": 9.0, "least_s": 1.0, "most_s": 12.0}
    | {"refusals": 1, "jobs": 1},
    "snapshot_lengths": {"vm": "A", "phase": "post_snapshot", "grade": "C", "median_s": 1.0, "low_s": 1.0}
    | {"high_s": 40.0, "least_s": 0.5, "most_s": 60.0},
    "snapshot_gaps": {"vm": "A", "grade": "B", "median_s": 7.0, "low_s": 2.0, "high_s": 12.0, "least_s": 0.0}
    | {"most_s": 20.0},
    "coverage_map": {
        "log": "H · errlog:DPMRA",
        "host": "H",
        "log_kind": "errlog:DPMRA",
        "night": "2025-11-03",
        "status": "missing",
    },
}


def svg(name: str, rows: pd.DataFrame) -> str:
    """The drawing as SVG text."""
    import vl_convert

    return vl_convert.vegalite_to_svg(draw(name, rows).to_dict() | {"config": CONFIG})


def parts(spec: object) -> list[dict]:
    """All objects inside a specification."""
    if isinstance(spec, list):
        return [found for item in spec for found in parts(item)]
    if not isinstance(spec, dict):
        return []
    return [spec, *(found for value in spec.values() for found in parts(value))]


def test_every_drawing_is_tested():
    """A new drawing needs a row here."""
    assert set(ROWS) == set(drawings())


@pytest.mark.parametrize("name", ROWS)
class TestEveryDrawing:
    def test_one_row_is_drawn(self, name):
        """The row's marks are there."""
        assert svg(name, pd.DataFrame([ROWS[name]])).count("<path") > 3

    def test_missing_numbers_are_survived(self, name):
        """A row whose numbers are NULL beside a complete one."""
        bare = {column: value for column, value in ROWS[name].items() if isinstance(value, str)}

        assert "<svg" in svg(
            name, pd.DataFrame([ROWS[name], bare | dict.fromkeys(set(ROWS[name]) - set(bare))])
        )

    def test_rows_may_come_later(self, name):
        """With the name of the data only, the specification holds no rows."""
        spec = draw(name, alt.NamedData("rows")).to_dict()

        assert {"name": "rows"} in [part.get("data") for part in parts(spec)]
        assert not spec.get("datasets")

    def test_many_rows_are_drawn(self, name):
        """Altair's limit of 5,000 rows does not stop a direct call within it."""
        rows = [
            ROWS[name] | ({"vm": f"VM{i}"} if "vm" in ROWS[name] else {"night": f"N{i}"}) for i in range(300)
        ]

        assert svg(name, pd.DataFrame(rows)).count("<path") > 250 or name in (
            "night_timeline",
            "volume_waits",
        )


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
        encodings = [
            part["encoding"]
            for part in parts(draw(name, alt.NamedData("rows")).to_dict())
            if "encoding" in part
        ]
        graded = [encoding for encoding in encodings if "opacity" in encoding]

        assert graded
        for encoding in graded:
            assert encoding["opacity"]["field"] == encoding["strokeDash"]["field"] == "grade"
            assert encoding["opacity"]["scale"]["domain"] == list(GRADES)
            assert encoding["opacity"]["scale"]["type"] == "ordinal"

    def test_c_and_d_are_far_paler_than_a(self):
        """Not a matter of taste: half as opaque at most."""
        assert GRADE_OPACITY[2] <= GRADE_OPACITY[0] / 2
        assert GRADE_OPACITY[3] < GRADE_OPACITY[2]

    def test_states_and_phases_have_their_own_colours(self):
        """Unknown is never met and never missed."""
        colours = [colour for colour, _, _ in STATES.values()]

        assert len(set(colours)) == len(colours)
        assert len(set(PHASES.values())) == len(PHASES)
        assert len({colour for colour, _ in COVERAGE.values()}) == len(COVERAGE)

    def test_a_bar_of_grade_c_is_drawn_paler(self):
        """Down in the SVG, the opacity is that of the grade."""
        rows = [ROWS["phase_shares"] | {"vm": grade, "grade": grade} for grade in "AC"]
        text = svg("phase_shares", pd.DataFrame(rows))

        assert 'opacity="0.4"' in text
        assert "stroke-dasharray" in text

    @pytest.mark.parametrize(("grade", "is_solid"), [("A", True), ("B", False), ("C", False)])
    def test_only_an_observed_value_is_a_solid_dot(self, grade, is_solid):
        """The middle of bounds, and the convention of grade C, are hollow."""
        text = svg("snapshot_lengths", pd.DataFrame([ROWS["snapshot_lengths"] | {"grade": grade}]))

        assert ('fill="#111111"' in text) == is_solid


class TestNights:
    def test_few_nights_are_no_broad_beams(self):
        """One night is a narrow column, a year is as wide as a month."""
        widths = [
            draw("sla_heatmap", alt.NamedData("rows"), nights=nights).to_dict()["width"]
            for nights in (1, 30, 365)
        ]

        assert widths == [90, 900, 900]

    def test_many_nights_leave_out_the_marks(self):
        """Text in cells of a few pixels would only be noise; colours and the table remain."""
        layers = [
            len(draw("sla_heatmap", alt.NamedData("rows"), nights=nights).to_dict()["layer"])
            for nights in (30, 90)
        ]

        assert layers == [2, 1]

    def test_a_missing_name_is_said(self):
        """Jobs of an errlog alone have no VM: the row is labelled in words."""
        rows = pd.DataFrame([ROWS["phase_shares"], ROWS["phase_shares"] | {"vm": None}])

        assert "(no name)" in svg("phase_shares", rows)
