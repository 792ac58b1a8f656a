"""Logs in, report out, through the command, on a simulated estate."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import shutil
from pathlib import Path

import pyarrow.parquet
import pytest

from analytics.store import Store
from analytics.synth import Knobs, write_estate
from analytics.widths import display_width

KNOBS = Knobs(vms=6, nights=3, seed=3, never_run_share=0.2, hostile_share=0.5, failure_share=0.1)


@pytest.fixture(scope="module")
def estate(tmp_path_factory) -> Path:
    """A small estate in which one VM is never backed up."""
    folder = tmp_path_factory.mktemp("estate") / "logs"
    write_estate(folder, KNOBS)
    return folder


@pytest.fixture(scope="module")
def filled(estate, tmp_path_factory) -> Path:
    """A store that holds the estate, with what a first report computed of it."""
    from analytics.ingest import ingest
    from analytics.planning import open_session
    from analytics.report import build_report

    folder = tmp_path_factory.mktemp("store") / "dpm.store"
    made = Store.create_or_open(folder)
    ingest(made, [estate])
    with open_session(made) as session:
        build_report(session)
    return folder


@pytest.fixture
def store(filled, tmp_path) -> Path:
    """A store of one's own."""
    return Path(shutil.copytree(filled, tmp_path / "dpm.store"))


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def accounting(text: str) -> dict[str, int]:
    """The figures of the accounting line."""
    number = r"([\d,]+)"
    words = rf"{number} files?, {number} records?: {number} stored, {number} duplicate, {number} rejected"
    found = re.search(words.replace(" ", r"\s+"), text)
    assert found, text
    names = ("files", "read", "stored", "duplicate", "rejected")
    return {name: int(number.replace(",", "")) for name, number in zip(names, found.groups(), strict=True)}


class TestDepth:
    def test_a_daily_report_is_of_the_last_night_due(self, dpm, store):
        """Its nights are those that a report of this night alone has; an earlier one with --until or --now."""
        said = json.loads(dpm("report", "--store", store, "--depth", "daily", "--json").out)["report"]
        last = max(KNOBS.first_night + dt.timedelta(days=night) for night in range(KNOBS.nights))
        before = last - dt.timedelta(days=1)
        now = f"{last}T12:00"

        assert (said["depth"], said["period"]) == ("daily", str(last))
        for more in (("--until", before), ("--now", now)):
            found = json.loads(dpm("report", "--store", store, "--depth", "daily", "--json", *more).out)[
                "report"
            ]
            assert found["period"] == str(before)

    def test_a_first_night_beside_it_is_refused(self, dpm, store):
        """It has its own."""
        said = dpm("report", "--store", store, "--depth", "weekly", "--since", "2025-02-03")

        assert said.code == 2
        assert "--depth has a first night of its own" in said.err


class TestAnalyze:
    def test_says_verdict_accounting_and_place(self, dpm, estate):
        """Trust, verdict, then what was read and where the report is, in 80 columns; no store is left."""
        said = dpm("analyze", estate)

        counts = accounting(said.out)
        assert said.code == 0
        assert said.out.startswith(
            "Evidence: all 12 checks hold, 1 with nothing to check.\n5 of 6 backups missed"
        )
        assert counts["read"] == counts["stored"] + counts["duplicate"] + counts["rejected"]
        assert counts["rejected"] == 0
        assert "Report    dpm-report.html" in said.out
        assert max(display_width(line) for line in said.out.splitlines()) <= 80
        assert [path.name for path in Path.cwd().iterdir()] == ["dpm-report.html"]

    def test_json(self, dpm, estate):
        """One JSON document holds verdict, report and accounting."""
        said = dpm("analyze", estate, "--json", "--out", "r.json")

        document = json.loads(said.out)
        assert document["out"] == "r.json"
        assert document["report"]["verdict"]
        assert document["report"]["breaches"] > 0
        assert document["ingest"]["records_rejected"] == 0
        assert document["ingest"]["records_read"] == sum(
            row["records_read"] for row in document["ingest"]["sources"]
        )

    def test_quiet(self, dpm, estate):
        """--quiet writes the report without a word."""
        said = dpm("analyze", estate, "--quiet", "--out", "r.md")

        assert (said.code, said.out, said.err) == (0, "", "")
        assert Path("r.md").stat().st_size > 0

    def test_a_breach_gives_3_only_on_request(self, dpm, estate):
        """A VM that is never backed up breaks its window; --fail-on-breach tells the scheduler."""
        assert dpm("analyze", estate, "--out", "r.md").code == 0
        assert dpm("analyze", estate, "--out", "r.md", "--fail-on-breach").code == 3

    def test_nights_without_a_backup_due_are_no_good_news(self, dpm, store):
        """Logs that no longer arrive must not look like a night without breach."""
        words = ["report", "--store", store, "--since", "2031-01-01"]

        said = dpm(*words, "--fail-on-breach", "--quiet")

        assert (said.code, said.out) == (0, "")
        assert "no backup was due on these nights" in said.err
        assert dpm(*words).err == ""

    def test_a_guessed_time_zone_is_said(self, dpm, estate, tmp_path):
        """Without collection.json the window is taken as UTC: the first line of screen and files says so.

        A zone that is given is none that is assumed.
        """
        log = shutil.copy(next(estate.glob("*/jobs.csv")), tmp_path)

        said = dpm("analyze", log, "--out", "r.md").out.splitlines()

        assert said[0].startswith("Not proven: nothing names the time zone, UTC is assumed")
        assert any(line.startswith("Unproven: ") for line in said)
        assert Path("r.md").read_text(encoding="utf-8").startswith(said[0])
        assert "assumed" not in dpm("analyze", log, "--time-zone", "Asia/Tokyo").out
        windows = dpm("analyze", log, "--time-zone", "Tokyo Standard Time", "--out", "r.md")
        assert "assumed" not in windows.out
        assert "times in Asia/Tokyo" in Path("r.md").read_text(encoding="utf-8")
        assert dpm("analyze", estate).out.startswith("Evidence: all ")

    def test_part_of_the_input_is_unreadable(self, dpm, estate, tmp_path):
        """A broken file gives 4 and its line, the rest is reported; --allow-partial gives 0."""
        (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 broken")
        (tmp_path / "notes.txt").write_text("not a log\n", encoding="utf-8")

        said = dpm("analyze", estate, tmp_path, "--out", "r.md")

        assert said.code == 4
        assert "Problems" in said.out
        assert "broken.zip" in said.out
        assert "notes.txt" in said.out
        assert dpm("analyze", estate, tmp_path / "broken.zip", "--out", "r.md", "--allow-partial").code == 0

    def test_many_problems_are_counted(self, dpm, estate, tmp_path):
        """Twenty problems are named, the others counted."""
        for number in range(25):
            (tmp_path / f"notes{number:02}.txt").write_text(f"no log {number}\n", encoding="utf-8")

        said = dpm("analyze", estate, tmp_path, "--out", "r.md")

        assert said.out.count("notes") == 20
        assert "and 5 more, see" in said.out

    @pytest.mark.parametrize(
        ("make", "expected"),
        [
            (Path.mkdir, "empty: no usable input: no file in it (give the folder of the logs)"),
            (Path.touch, "empty: empty file"),
            (lambda _: None, "empty: no such file or folder"),
        ],
        ids=["folder", "file", "nothing"],
    )
    def test_nothing_usable(self, dpm, tmp_path, make, expected):
        """An empty folder, an empty file and no file at all give 5 and one line that says which it is."""
        make(tmp_path / "empty")

        said = dpm("analyze", "empty")

        assert said.code == 5
        assert said.err == f"dpm-analytics: {expected}\n"
        assert not Path("dpm-report.html").exists()

    def test_nothing_usable_in_a_folder(self, dpm, tmp_path):
        """Each file is named, then the folder."""
        (tmp_path / "docs").mkdir()
        (tmp_path / "docs" / "notes.txt").write_text("no log\n", encoding="utf-8")
        (tmp_path / "docs" / "jobs.csv").write_text("9F,SQL01,Succeeded\n", encoding="utf-8")

        said = dpm("analyze", "docs")

        assert said.code == 5
        assert "notes.txt: no known log format (dpm-analytics formats lists them)" in said.err
        assert "jobs.csv: no known log format: its first line is no header that is known (" in said.err
        assert said.err.endswith("docs: no usable input (see dpm-analytics formats)\n")

    def test_a_path_with_blanks_outside_of_quotes(self, dpm, tmp_path):
        """Its pieces are put together again, where that is a path; else each is missing."""
        (tmp_path / "my dpm logs").mkdir()

        said = dpm("analyze", "my", "dpm", "logs")

        assert said.code == 2
        assert said.err == (
            'dpm-analytics: my dpm logs: blanks part this path (put it in quotes: "my dpm logs")\n'
        )
        assert dpm("analyze", "your", "logs").err.count("no such file or folder") == 2

    def test_what_to_do_names_the_store(self, dpm, estate, store, tmp_path):
        """The command can be run as it stands; without a store it says how to come by one."""
        (tmp_path / "notes.txt").write_text("not a log\n", encoding="utf-8")

        kept = " ".join(dpm("analyze", estate, "notes.txt", "--store", "kept", "--out", "r.md").out.split())
        again = " ".join(dpm("report", "--store", "kept", "--out", "r.md").out.split())
        both = " ".join(dpm("report", "--store", "kept", "--store", store, "--out", "r.md").out.split())
        lost = " ".join(dpm("analyze", estate, "notes.txt", "--out", "r.md").out.split())

        assert "dpm-analytics sql --store kept reject_reasons" in kept
        assert "dpm-analytics sql --store kept reject_reasons" in again
        assert "dpm-analytics sql --store DIR reject_reasons" in both
        assert "dpm-analytics sql --store DIR (once analyze was given --store DIR) reject_reasons" in lost

    def test_wildcards(self, dpm, estate):
        """A pattern that the shell left alone is expanded."""
        said = dpm("analyze", estate / "*" / "jobs.csv", estate / "*" / "collection.json", "--out", "r.md")

        assert said.code == 0
        assert accounting(said.out)["files"] >= 2


class TestIngest:
    def test_the_same_twice_adds_nothing(self, dpm, estate, store):
        """All records of the second run are duplicates."""
        counts = accounting(dpm("ingest", estate, "--store", store).out)

        assert counts["stored"] == 0
        assert counts["duplicate"] == counts["read"] > 0

    def test_json(self, dpm, estate, tmp_path):
        """The summary as JSON, one entry per source."""
        document = json.loads(dpm("ingest", estate, "--store", tmp_path / "new", "--json").out)

        assert document["exit_code"] == 0
        assert {source["format"] for source in document["sources"]} >= {"dpm-errlog", "jobs-csv", "vms-csv"}

    def test_a_store_in_use(self, dpm, estate, store):
        """While another process writes, the code is 6."""
        with Store.open(store).writing():
            said = dpm("ingest", estate, "--store", store)

        assert said.code == 6
        assert said.err.count("\n") == 1

    def test_standard_input(self, process, estate, tmp_path):
        """- reads what a pipe brings."""
        done = process(
            "ingest", "-", "--store", tmp_path / "new", stdin=next(estate.glob("*/jobs.csv")).read_bytes()
        )

        assert done.returncode == 0
        assert accounting(done.stdout.decode("utf-8"))["stored"] > 0


class TestReport:
    @pytest.mark.parametrize("ending", ["html", "md", "json", "csv"])
    def test_every_ending(self, dpm, store, ending):
        """The file's ending names the format."""
        said = dpm("report", "--store", store, "--out", f"r.{ending}")

        assert said.code == 0
        assert f"Report    r.{ending}" in said.out
        assert Path(f"r.{ending}").stat().st_size > 100

    def test_json(self, dpm, store):
        """--json says the report on stdout, too."""
        assert json.loads(dpm("report", "--store", store, "--json").out)["report"]["verdict"]

    def test_some_nights(self, dpm, store):
        """--since and --until choose nights; a breach outside of them is none."""
        words = ("report", "--store", store, "--out", "r.md", "--fail-on-breach")

        assert dpm(*words, "--since", "2025-02-03", "--until", "2025-02-05").code == 3
        assert dpm(*words, "--since", "2030-01-01").code == 0


class TestSql:
    def test_without_a_query_the_catalogue(self, dpm):
        """All named queries with their questions."""
        from analytics.sql import catalogue

        entries = json.loads(dpm("sql", "--json").out)

        assert [entry["name"] for entry in entries] == sorted(catalogue())
        assert all(entry["question"] for entry in entries)
        assert entries[0]["name"] in dpm("sql").out

    def test_free_sql(self, dpm, store):
        """SQL on the contract's views."""
        said = dpm("sql", "--store", store, "SELECT count(DISTINCT vm) AS vms FROM jobs", "--format", "csv")

        assert said.out.splitlines()[0] == "vms"
        assert 0 < int(said.out.splitlines()[1]) <= KNOBS.vms

    def test_the_screen_is_80_columns_wide(self, dpm, store):
        """The widest table fits the screen, hostile and Japanese names included."""
        for table in ("jobs", "trace"):
            said = dpm("sql", "--store", store, table)

            assert said.code == 0
            assert max(display_width(line) for line in said.out.splitlines()) <= 80

    def test_parameters_of_free_sql(self, dpm, store):
        """$name is bound, never pasted."""
        hostile = "x' OR 1=1 --"
        query = "SELECT $vm AS vm, $n + 1 AS n"
        said = dpm(
            "sql", "--store", store, query, "--param", f"vm={hostile}", "--param", "n=1", "--format", "json"
        )

        assert json.loads(said.out) == [{"vm": hostile, "n": 2}]

    def test_a_named_query_with_parameters(self, dpm, store):
        """A query of the catalogue takes its parameters as text."""
        words = ("sql", "--store", store, "sla_heatmap", "--format", "json")

        nights = {row["night"] for row in json.loads(dpm(*words).out)}
        chosen = {row["night"] for row in json.loads(dpm(*words, "--param", f"since={max(nights)}").out)}
        assert chosen == {max(nights)} < nights

    @pytest.mark.parametrize("name", ["rejects", "markers", "host_snapshots", "missing_logs"])
    def test_a_table_by_its_name(self, dpm, store, name):
        """The name of a table shows the table."""
        assert dpm("sql", "--store", store, name).code == 0

    def test_files(self, dpm, store):
        """-f reads SQL, -o writes what the ending says."""
        Path("q.sql").write_text("-- a question\nSELECT vm FROM vms ORDER BY vm", encoding="utf-8")

        assert dpm("sql", "--store", store, "-f", "q.sql", "-o", "vms.csv").out == "Written   vms.csv\n"
        assert dpm("sql", "--store", store, "-f", "q.sql", "-o", "vms.parquet").code == 0
        with Path("vms.csv").open(encoding="utf-8-sig", newline="") as text:
            names = [row["vm"] for row in csv.DictReader(text)]
        assert names
        assert len(names) == pyarrow.parquet.read_table("vms.parquet").num_rows
        assert not [name for name in names if name.startswith(("=", "+", "-", "@"))]

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            (["sla_heatmaps"], "no query or table 'sla_heatmaps' (did you mean sla_heatmap or sla_ages?)"),
            (["jbs"], "(did you mean jobs?)"),
            (["SELECT vmm FROM jobs"], "vm"),
            (["SELEC 1"], "SELEC"),
            (["SELECT * FROM jobz"], "jobs"),
            (["SELECT $a"], "a"),
            (["sla_heatmap", "--param", "sinc=2025-01-01"], "since"),
            (["sla_heatmap", "--param", "since=yesterday"], "yesterday"),
            (["-f", "none.sql"], "none.sql: No such file"),
            (["SELECT min(at) FROM trace"], 'write trace.at or "at"'),
            (["SELECT at, level FROM trace"], 'write trace.at or "at"'),
            (["offenders", "--param", "since=yesterday"], "offenders: invalid date"),
        ],
    )
    def test_what_does_not_run_is_one_line(self, dpm, store, words, expected):
        """Unknown queries, columns, tables and parameters: code 2, one line, the nearest name."""
        said = dpm("sql", "--store", store, *words)

        assert said.code == 2
        assert expected in said.err
        assert said.err.count("\n") == 1


class TestExplain:
    def test_a_file_and_a_line(self, dpm, estate):
        """Format, host and the record that a line became."""
        log = next(estate.glob("*/DPMRACurr.errlog"))

        said = dpm("explain", f"{log}:2")

        assert said.code == 0
        assert re.search(r"^Format\s+dpm-errlog", said.out, re.MULTILINE)
        assert f"Host      {log.parent.name} (from collection)" in said.out
        assert re.search(r"^  message\s+\S", said.out, re.MULTILINE)

    def test_why_a_line_was_rejected(self, dpm, tmp_path):
        """A bad row's reason."""
        head = (
            "TaskId,JobId,JobCategory,Status,Datasource,DatasourceType,ProductionServerName,ProtectionGroupName,"
            "CreatedTime,StartTime,EndTime,DataSizeBytes,ErrorCode,DetailedErrorCode,ErrorText,DpmServer"
        )
        (tmp_path / "jobs.csv").write_text(f"{head}\nnot-a-guid{',' * 15}\n", encoding="utf-8")

        said = dpm("explain", "jobs.csv:2", "--json")

        assert said.code == 0
        assert json.loads(said.out)["reason"]

    def test_a_member_of_an_archive(self, dpm, estate):
        """The place that a problem of a zip is reported with can be asked for as it stands."""
        shutil.make_archive("export", "zip", estate)
        member = f"export.zip!{next(estate.glob('*/DPMRACurr.errlog')).relative_to(estate).as_posix()}"

        said = dpm("explain", f"{member}:2", "--json")

        assert said.code == 0
        assert json.loads(said.out)["path"] == member
        assert json.loads(said.out)["fields"]["line_no"] == 2
        assert dpm("explain", "export.zip!no/such.errlog").code == 5
        assert "for example export.zip!" in dpm("explain", "export.zip").err

    def test_the_record_has_its_host(self, dpm, estate):
        """Errlog lines carry no host: the record shows the one that it is stored with."""
        log = next(estate.glob("*/DPMRACurr.errlog"))

        fields = json.loads(dpm("explain", f"{log}:2", "--json").out)["fields"]

        assert (fields["host"], fields["host_from"]) == (log.parent.name, "collection")

    @pytest.mark.parametrize(("place", "code"), [("none.errlog", 5), (".", 2), ("q.txt:99", 2)])
    def test_what_cannot_be_explained(self, dpm, tmp_path, place, code):
        """No file, a folder of several files, a line that is not there."""
        (tmp_path / "q.txt").write_text("a\n", encoding="utf-8")
        (tmp_path / "r.txt").write_text("a\n", encoding="utf-8")

        said = dpm("explain", place)

        assert said.code == code
        assert said.err.count("\n") == 1


class TestSynth:
    def test_every_knob_is_an_option(self, dpm):
        """The estate that the options describe, and where it lies."""
        said = dpm(
            "synth",
            "new",
            "--vms",
            3,
            "--nights",
            1,
            "--form",
            "no-pid",
            "--crash",
            "--window",
            "21:00-05:00",
        )

        assert said.code == 0
        assert "Truth     new.truth" in said.out
        assert list(Path("new").glob("*/jobs.csv"))
        assert list(Path("new").glob("*/*.Crash"))

    def test_a_folder_with_content_is_left_alone(self, dpm, estate):
        """Nothing is overwritten."""
        said = dpm("synth", estate)

        assert said.code == 2
        assert "name a new folder" in said.err

    @pytest.mark.parametrize("words", [["--form", "xml"], ["--failure-share", "2"], ["--window", "late"]])
    def test_knobs_out_of_range(self, dpm, words):
        """A value that does not fit is one line, code 2."""
        said = dpm("synth", "new", *words)

        assert said.code == 2
        assert said.err.count("\n") == 1


class TestForms:
    def test_nagios_says_one_line_and_never_fails(self, dpm, tmp_path):
        """A store that is not there is unknown, with code 3; no report is written."""
        said = dpm("report", "--store", tmp_path / "none", "--nagios")

        assert said.code == 3
        assert said.out.startswith("DPM UNKNOWN - ")
        assert len(said.out.splitlines()) == 1
        assert list(tmp_path.iterdir()) == []

    def test_a_language_without_a_file_is_refused_at_once(self, dpm, tmp_path):
        """Before anything is read."""
        said = dpm("analyze", tmp_path / "none", "--lang", "tlh")

        assert said.code == 2
        assert "no report in 'tlh' (one of en, ja)" in said.err
