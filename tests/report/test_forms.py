"""The report as workbook, as metrics and as one line: values as what they are, names inert."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from dataclasses import replace

import pytest

from analytics.report import build_report
from analytics.report.metrics import nagios, nagios_line, prometheus
from analytics.report.words import Words
from analytics.report.write import FORMATS
from analytics.tables.sla_words import SLA_REASONS
from tests.report.estate import HOSTILE, estate_rows, estate_session, session_of

METRIC = re.compile(r'[a-z_]+(\{([a-z_]+="([^"\\\n]|\\[\\"n])*",?)*\})? -?[0-9.e+]+')


@pytest.fixture(scope="module")
def report():
    """Fourteen VMs with hostile names, seven nights."""
    return build_report(estate_session(14, 7), words=Words.of("ja"))


@pytest.fixture(scope="module")
def book(report):
    """The workbook as another library reads it."""
    import openpyxl

    return openpyxl.load_workbook(io.BytesIO(FORMATS[".xlsx"](report)))


class TestWorkbook:
    def test_each_table_with_rows_has_its_sheet(self, book, report):
        """All its rows below a frozen head; the first sheet leads to each."""
        listed = [part.rows for section in report.sections for part in section.listings]
        full = [name for name in listed if report.results[name].table.num_rows]

        assert set(book.sheetnames) == {"report", "sla_heatmap", "coverage_map", *full}
        for name in book.sheetnames[1:]:
            assert book[name].max_row == report.results[name].table.num_rows + 1
            assert book[name].freeze_panes in ("A2", "B2")
        links = {cell.value for row in book["report"] for cell in row if cell.hyperlink}
        assert links == set(book.sheetnames[1:])

    def test_dates_and_numbers_are_real(self, book, report):
        """Days, times, counts, shares, sizes and lengths, with the formats of the language."""
        first = next(book["sla_heatmap"].iter_rows(min_row=2, max_row=2))
        row = report.results["sla_heatmap"].rows[0]

        assert first[1].value.date() == row["night"]
        assert first[1].number_format == 'yyyy"年"m"月"d"日"'
        assert abs(first[4].value - row["deadline"]) < dt.timedelta(milliseconds=1)
        assert first[5].value == dt.timedelta(seconds=row["overrun_s"])
        moved = next(book["night_summary"].iter_rows(min_row=2, max_row=2))[-1]
        assert moved.value == report.results["night_summary"].rows[0]["bytes_transferred"]

    def test_a_length_below_nothing_is_a_number(self, book):
        """Excel has no clock for it: seconds with their sign."""
        low = [row[2] for row in book["guest_offsets"].iter_rows(min_row=2) if row[2].value is not None]

        assert min(cell.value for cell in low) < 0
        assert {cell.number_format for cell in low} == {'#,##0.000" s"'}

    def test_no_cell_is_a_formula(self, book, report):
        """A VM called =cmd is a text, and stays one when it is edited."""
        content = zipfile.ZipFile(io.BytesIO(FORMATS[".xlsx"](report)))
        sheets = [content.read(name) for name in content.namelist() if "/worksheets/" in name]
        named = [cell for row in book["offenders"] for cell in row if cell.value == HOSTILE[2]]
        named += [cell for row in book["sla_heatmap"] for cell in row if cell.value == HOSTILE[2]]

        assert not [sheet for sheet in sheets if b"<f>" in sheet or b"<f " in sheet]
        assert named
        assert all(cell.data_type == "s" and cell.quotePrefix for cell in named)

    def test_words_are_those_of_the_language(self, book):
        """Heads and values of columns."""
        assert book["sla_heatmap"]["C1"].value == "状態"
        assert "データ転送" in {cell.value for cell in book["phase_shares"]["B"]}

    @pytest.mark.parametrize(
        "rows", [{}, {"rejects": [{"reason": "x", "path": "p", "excerpt": "\x00\x1b[31m"}]}]
    )
    def test_little_data_and_control_characters_make_a_file(self, rows):
        """Even where nothing but a damaged line was read."""
        import openpyxl

        made = openpyxl.load_workbook(io.BytesIO(FORMATS[".xlsx"](build_report(session_of(rows)))))

        assert made.sheetnames[0] == "report"


class TestPrometheus:
    def test_every_line_is_help_type_or_sample(self, report):
        """HELP and TYPE before the samples of each name, each name once, a line feed at the end."""
        text = FORMATS[".prom"](report).decode("utf-8")
        helps, types = (re.findall(rf"^# {word} (\S+)", text, re.MULTILINE) for word in ("HELP", "TYPE"))
        samples = [line for line in text[:-1].split("\n") if not line.startswith("# ")]

        assert text.endswith("\n")
        assert "\n\n" not in text
        assert set(helps) == set(Words.of("en").table("metric"))
        assert helps == types == sorted(set(helps), key=helps.index)
        assert [line for line in samples if not METRIC.fullmatch(line)] == []
        assert {re.split(r"[{ ]", line)[0] for line in samples} == set(helps)

    def test_samples_say_what_the_report_says(self, report):
        """Counts by state, and times as seconds since 1970."""
        text = prometheus(report)
        newest = max(report.results["sla_heatmap"].rows, key=lambda row: row["night"])
        deadline = newest["deadline"].replace(tzinfo=dt.timezone(dt.timedelta(hours=9))).timestamp()

        assert f'dpm_backups{{state="missed"}} {report.key["missed"]}\n' in text
        assert f'dpm_backup_deadline_timestamp_seconds{{vm="VM001"}} {deadline:.0f}\n' in text
        assert 'dpm_backup_met{vm="\\"><img src=x onerror=alert(2)>"}' in text

    def test_what_is_not_known_has_no_sample(self):
        """Neither 0 nor a guess: a backup that is not judged is neither met nor missed."""
        rows = estate_rows(3, 2)
        rows["sla"] = [row | {"met": None, "reason": "unknown", "finished_at": None} for row in rows["sla"]]
        text = prometheus(build_report(session_of(rows)))

        assert "dpm_backup_met" not in text
        assert "dpm_backup_finished_timestamp_seconds" not in text
        assert "dpm_backup_deadline_timestamp_seconds" in text


def judged(met, reason):
    """A report of an estate all of whose backups were judged so."""
    rows = estate_rows(3, 2)
    cause = {"cause": "transfer", "cause_grade": "A"} if met is False else {}
    rows["sla"] = [row | {"met": met, "reason": reason, "overrun_s": None} | cause for row in rows["sla"]]
    return build_report(session_of(rows))


class TestNagios:
    @pytest.mark.parametrize(
        ("met", "reason", "code", "word"),
        [(True, "met", 0, "OK"), (False, "late", 2, "CRITICAL"), (None, "unknown", 3, "UNKNOWN")],
    )
    def test_the_code_follows_the_verdict(self, met, reason, code, word):
        """Met, missed, not judged."""
        found, line = nagios(judged(met, reason))

        assert found == code
        assert line.startswith(f"DPM {word} - ")

    def test_what_is_not_proven_is_unknown_and_what_is_open_a_warning(self):
        """A failed check outweighs a good verdict; an incomplete one warns."""
        good = judged(True, "met")
        first, *others = good.checks

        assert nagios(replace(good, checks=(replace(first, status="fail"), *others)))[0] == 3
        assert nagios(replace(good, checks=(replace(first, status="warn"), *others)))[0] == 1

    def test_it_is_one_line_with_figures(self, report):
        """The text before the bar has none of its own."""
        code, line = nagios(report)

        assert code == 2
        assert "\n" not in line
        assert re.fullmatch(r"DPM CRITICAL - [^|]+ \| missed=\d+;0;0;0;98( \w+=\d+s?(;;;0)?)+", line)
        assert nagios_line(0, "a|b\nc") == "DPM OK - a/b c"


def test_states_of_a_backup_are_known_to_the_metrics():
    """Each reason of the vocabulary is met, missed or unknown."""
    assert {reason.met for reason in SLA_REASONS} == {True, False, None}
