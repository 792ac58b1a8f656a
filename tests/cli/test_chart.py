"""The command chart: one job step by step, figures of the report, and what is refused."""

from __future__ import annotations

import re
from html import unescape

import pytest


@pytest.fixture(scope="module")
def store(sample_store):
    """The sample estate."""
    return sample_store


@pytest.fixture(scope="module")
def job(store):
    """The job with the most records, its VM, and the markers that it has."""
    from analytics import open_session
    from analytics.store import Store

    with open_session(Store.open(store)) as session:
        (row,) = session.sql(
            "SELECT job_id, any_value(vm) AS vm, list(DISTINCT marker) AS markers FROM markers JOIN jobs USING (job_id)"
            " GROUP BY job_id ORDER BY count(*) DESC, job_id LIMIT 1"
        ).to_pylist()
        phases = session.sql(f"SELECT phase FROM phases WHERE job_id = '{row['job_id']}' AND grade <> 'D'")
        return row | {"phases": phases.column("phase").to_pylist()}


def texts(svg: str) -> list[str]:
    """What an SVG says."""
    return [unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


class TestJob:
    def test_each_step_has_its_row(self, dpm, store, job, tmp_path):
        """The job, its VM, every phase in words, every marker by the computer that wrote it."""
        out = tmp_path / "job.svg"
        said = dpm("chart", "job", "--job", job["job_id"][:12], "--store", store, "-o", out, "--lang", "ja")
        drawn = texts(out.read_text(encoding="utf-8"))

        assert said.code == 0
        assert any(job["job_id"] in text and str(job["vm"]) in text and "年" in text for text in drawn)
        assert not [
            marker for marker in job["markers"] if not any(text.endswith(f" · {marker}") for text in drawn)
        ]
        assert "データ転送" in drawn
        assert len(job["phases"]) > 3

    def test_no_name_is_left_with_pseudonyms(self, dpm, store, job, tmp_path):
        """Neither the VM nor a host."""
        out = tmp_path / "job.svg"
        said = dpm(
            "chart",
            "job",
            "--job",
            job["job_id"],
            "--store",
            store,
            "-o",
            out,
            "--anonymise",
            tmp_path / "key",
        )
        drawn = " ".join(texts(out.read_text(encoding="utf-8")))

        assert said.code == 0
        assert job["vm"] not in drawn
        assert not re.search("HV0[12]|DPM01", drawn)
        assert "HOST-" in drawn

    @pytest.mark.parametrize(
        ("words", "line"), [("--job ZZ", "no job begins with 'ZZ'"), ("", "--job ID belongs")]
    )
    def test_what_is_no_job_is_refused(self, dpm, store, tmp_path, words, line):
        """One line, code 2, no file."""
        said = dpm("chart", "job", *words.split(), "--store", store, "-o", tmp_path / "x.svg")

        assert said.code == 2
        assert line in said.err
        assert list(tmp_path.iterdir()) == []


class TestFigure:
    def test_a_night_and_a_vm_narrow_it(self, dpm, store, job, tmp_path):
        """Only the VM's row is drawn."""
        out = tmp_path / "x.svg"
        said = dpm("chart", "sla_heatmap", "--vm", job["vm"], "--store", store, "-o", out)
        drawn = texts(out.read_text(encoding="utf-8"))

        assert said.code == 0
        assert job["vm"] in drawn

    @pytest.mark.parametrize(
        ("name", "out", "line"),
        [
            ("nothing", "x.svg", "no chart 'nothing' (one of job, "),
            ("sla_heatmap", "x.gif", "use .png, .svg or .html"),
        ],
    )
    def test_what_cannot_be_drawn_is_refused(self, dpm, store, tmp_path, name, out, line):
        """The names that there are, the endings that there are."""
        said = dpm("chart", name, "--store", store, "-o", tmp_path / out)

        assert said.code == 2
        assert line in said.err.replace("\n", " ")
