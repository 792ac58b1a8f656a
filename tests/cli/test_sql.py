"""dpm-analytics sql as users meet it: what is refused, what ends it, what reaches the terminal."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest

from analytics.cli import console, render
from analytics.ingest import ingest
from analytics.sql import Answer
from analytics.store import Store
from analytics.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample_logs" / "vms-csv"
RUNAWAY = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r"
HOSTILE = "\x1b]0;title\x07\x1b[2J\u202egnp.exe\u2066\x9b31m"
RAW = [character for character in HOSTILE if not character.isprintable()]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A small store."""
    made = Store.create_or_open(tmp_path_factory.mktemp("sql") / "store")
    ingest(made, [str(SAMPLE)])
    return made.path


@pytest.fixture(scope="module")
def estate(sample_store):
    """The estate of the samples."""
    return sample_store


@pytest.fixture
def listening():
    """Hear Ctrl+C as in a console, also where tests run in the background: children ignore what we ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def is_clean(text: str) -> bool:
    """Whether nothing of it steers a terminal."""
    return not any(character in text for character in RAW)


def files_of(store: Path) -> list[Path]:
    """What lies in a store but for the copies of derived tables."""
    return sorted(path for path in store.rglob("*") if "derived" not in path.parts)


class TestRefused:
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["SELECT * FROM jbos"], "did you mean jobs?"),
            (["SELECT vm FROM Breaches"], "it is a named query, no table: dpm-analytics sql breaches)"),
            (["SELECT vm FROM breache"], "(did you mean "),
            (["SELECT strated_at FROM jobs"], "did you mean started_at"),
            (["SELECT j.strated_at FROM jobs AS j"], "did you mean started_at"),
            (["SELECT at FROM trace"], 'write trace.at or "at"'),
            (["ofenders"], "did you mean offenders?"),
            (['SELECT * FROM jobs WHERE vm = "SQL01"'], "(a text stands in single quotes: 'SQL01')"),
            (["offenders", "--param", "sice=2025-01-01"], "it has: "),
            (["SELECT $vm"], "--param vm=VALUE"),
            (["SELECT (1"], "syntax error"),
            (["SELECT \udcff"], "no valid text"),
            (["COPY vms TO 'x.csv'"], "COPY is closed: sql only asks"),
            (["FROM 'x.csv'"], "sql reads the store only"),
            (["SELECT 1", "--memory-limit", "much"], "no size such as 2GB"),
            (["SELECT 1", "--timeout", "0"], "no number of seconds"),
            (["SELECT 1", "--temp-directory", "not-there"], "no such folder"),
            (["SELECT 1", "--time-zone", "Mars/Base"], "Asia/Tokyo"),
            ([""], "an empty query"),
        ],
    )
    def test_in_one_line(self, dpm, store, words, said):
        """Code 2, one line on stderr that says what would be right, nothing on stdout."""
        outcome = dpm("sql", "--store", store, *words)

        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err.count("\n") == 1
        assert said in outcome.err

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ([], "job_log needs --param job_id=VALUE or --param vm=VALUE"),
            (["--param", "vm=SQL-3"], "no VM is called 'SQL-3' (did you mean SQL03?)"),
            (["--param", "vm=zzzz"], "no VM is called 'zzzz' (the table machines lists them)"),
            (["--param", "vm=SQL03"], ""),
            (
                ["--param", "vm=SQL03", "--param", "night=2025-03-05"],
                "no job of SQL03 counts to 2025-03-05",
            ),
            (
                ["--param", "job_id=ZZZ"],
                "no record of a job whose id begins with 'ZZZ' (the table jobs lists them)",
            ),
        ],
    )
    def test_no_row_for_want_of_a_job(self, dpm, store, words, said):
        """A query that chooses jobs says so where it was not told which, or was told a VM that is not there."""
        outcome = dpm("sql", "--store", store, "job_log", *words)

        assert outcome.code == 0
        assert "(0 rows" in outcome.out
        assert outcome.err == (f"dpm-analytics: {said}\n" if said else "")

    def test_a_job_without_records(self, dpm, tmp_path):
        """It counts to its night, though no log tells of it: nothing else is said."""
        made = Store.create_or_open(tmp_path / "store")
        ingest(made, [str(SAMPLE.parent / "jobs-csv")])
        outcome = dpm(
            "sql", "--store", made.path, "job_log", "--param", "vm=SQL03", "--param", "night=2025-02-03"
        )

        assert (outcome.code, outcome.err) == (0, "")
        assert "(0 rows" in outcome.out

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (
                ["breaches", "--param", "until=2025-02-04"],
                "met on 0 VM-nights; of 16 VM-nights it is not established, see sql sla",
            ),
            (
                ["breaches", "--param", "since=2025-02-06", "--param", "until=2025-02-06"],
                "",
            ),
            (
                ["offenders", "--param", "since=2026-02-06"],
                "no night of a VM was due in this time (the store knows 2025-02-03 to 2025-02-07)",
            ),
        ],
    )
    def test_no_breach_does_not_read_as_all_met(self, dpm, estate, words, said):
        """It is told of how many nights that is not established; nothing where there is a row."""
        outcome = dpm("sql", "--store", estate, *words)

        assert outcome.err.endswith(f"{said}\n") if said else not outcome.err

    def test_all_met_says_nothing_of_others(self, dpm, estate, tmp_path):
        """Where every night is established, none is said to be open; a store without nights says so."""
        site = tmp_path / "site.toml"
        site.write_text('[site]\nwindow_start = "12:00"\nwindow_end = "11:59"\n', "utf-8")
        words = ("breaches", "--param", "since=2025-02-06", "--param", "until=2025-02-06", "--site", site)

        assert dpm("sql", "--store", estate, *words).err.endswith("the window was met on 8 VM-nights\n")

    def test_a_store_without_nights(self, dpm, store):
        """Nothing was due that anyone knows of."""
        assert dpm("sql", "--store", store, "breaches").err.endswith("(the store knows none)\n")

    def test_where_the_rows_went(self, dpm, store, tmp_path):
        """A file that is written is named, unless nothing is to be said."""
        assert dpm("sql", "--store", store, "vms", "-o", tmp_path / "v.csv").out.split()[0] == "Written"
        assert dpm("sql", "--store", store, "vms", "-o", tmp_path / "v.csv", "--quiet").out == ""

    def test_a_wrong_name_is_told_before_anything_is_computed(self, dpm, store, monkeypatch):
        """A typing error on a large store costs no minutes."""
        monkeypatch.setattr("analytics.sql.session.in_order", lambda _: 1 // 0)

        assert dpm("sql", "--store", store, "SELECT vmm FROM sla").code == 2

    @pytest.mark.parametrize("way", ["plain", "dots", "linked folder", "linked file", "linked store"])
    def test_no_output_into_the_store(self, dpm, store, tmp_path, way):
        """By whatever path."""
        link = tmp_path / "link"
        if "linked" in way:
            try:
                link.symlink_to(store / "store.json" if way == "linked file" else store)
            except OSError:
                pytest.skip("no links without the right to make them")
        named = link if way == "linked store" else store
        out = {
            "plain": store / "x.csv",
            "dots": store / "vms" / ".." / "x.csv",
            "linked folder": link / "x.csv",
            "linked file": link,
            "linked store": store / "x.csv",
        }[way]
        before = files_of(store)
        for words in (
            ["sql", "--store", named, "SELECT 1", "-o", out],
            ["report", "--store", named, "--out", out.with_suffix(".html")],
        ):
            if way == "linked file" and words[0] == "report":
                continue  # another name: no link, and a report opens the store, which leaves its mark there
            outcome = dpm(*words)
            assert (outcome.code, outcome.out) == (2, "")
            assert "lies inside the store" in outcome.err
        assert files_of(store) == before

    def test_unconfined(self, dpm, store, tmp_path):
        """--unconfined opens files."""
        out = tmp_path / "vms.csv"
        text = f"COPY (SELECT vm FROM vms ORDER BY vm LIMIT 1) TO '{out.as_posix()}'"

        assert dpm("sql", "--store", store, text).code == 2
        assert dpm("sql", "--store", store, "--unconfined", text).code == 0
        assert out.read_text(encoding="utf-8").startswith("vm\n")

    def test_a_file_that_is_not_there(self, dpm, store):
        """Unconfined, a wrong path is the query's fault, not the store's."""
        said = dpm("sql", "--store", store, "--unconfined", "FROM 'not-there.csv'").err

        assert "the store" not in said
        assert "not-there.csv" in said


class TestEnds:
    def test_timeout(self, process, store):
        """One line, code 2."""
        done = process("sql", "--store", store, "--timeout", "1", RUNAWAY)

        assert (done.returncode, done.stdout) == (2, b"")
        assert (
            done.stderr
            == b"dpm-analytics: --timeout: stopped after 1 s (give it more time, or ask for less)\n"
        )

    @pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
    @pytest.mark.usefixtures("listening")
    @pytest.mark.parametrize("query", [RUNAWAY, "SELECT i, i FROM range(100000000000) AS t(i)"])
    def test_ctrl_c(self, store, query):
        """A runaway query ends at once with 130 and one word."""
        words = [
            sys.executable,
            "-m",
            "analytics",
            "sql",
            "--store",
            str(store),
            "--memory-limit",
            "500MB",
            query,
        ]
        with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            try:
                _wait_for_work(running.pid)
                running.send_signal(signal.SIGINT)
                out, said = running.communicate(timeout=300)
            finally:
                running.kill()

        assert (running.returncode, out, said) == (130, b"", b"dpm-analytics: stopped\n")

    @pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
    @pytest.mark.parametrize(
        ("words", "code"),
        [
            (["sql", "SELECT i, md5(i::VARCHAR) FROM range(200000) AS t(i)", "--format", "csv"], 0),
            (["sql", "--json", "SELECT i FROM range(200000) AS t(i)"], 0),
            (["queries"], 0),
        ],
    )
    def test_a_reader_that_leaves_early_changes_no_exit_code(self, store, words, code):
        """`| head` ends nothing, and not a word is said."""
        words = [*words, "--store", str(store)] if words[0] == "sql" else words
        line = " ".join(f"'{word}'" for word in [sys.executable, "-m", "analytics", *words]) + " | head -c 1"
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", line], cwd=ROOT, capture_output=True, check=False
        )

        assert (done.returncode, done.stderr) == (code, b"")

    @pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
    def test_a_reader_that_leaves_early_hides_no_partial_input(self, tmp_path):
        """Code 4 stays 4, whoever reads the summary."""
        broken = tmp_path / "logs" / "jobs.csv"
        broken.parent.mkdir()
        shutil.copy(ROOT / "sample_logs" / "jobs-csv" / "jobs.csv", broken)
        broken.write_bytes(broken.read_bytes() + b"only,two\r\n")
        line = (
            f"'{sys.executable}' -m analytics ingest '{broken.parent}' --store '{tmp_path / 'store'}' | true"
        )
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", line], cwd=ROOT, capture_output=True, check=False
        )

        assert (done.returncode, done.stderr) == (4, b"")


def _wait_for_work(process_id: int) -> None:
    """Until it has computed for longer than it takes to start, or for a while where the system does not tell."""
    deadline = time.monotonic() + 300
    stat = Path(f"/proc/{process_id}/stat")
    while time.monotonic() < deadline:
        time.sleep(0.2)
        if not stat.exists():
            time.sleep(10)
            return
        ticks = sum(int(field) for field in stat.read_text(encoding="utf-8").rsplit(")", 1)[1].split()[11:13])
        if ticks / os.sysconf("SC_CLK_TCK") > 4:
            return


class TestTerminal:
    TABLE = pa.table({HOSTILE: [HOSTILE, "=1+1", "受注"]})

    @pytest.mark.parametrize("form", ["table", "csv", "json", "markdown"])
    def test_nothing_steers_it(self, monkeypatch, form):
        """Whatever the format, and whatever a log holds, in cells and headings."""
        screen = io.StringIO()
        monkeypatch.setattr(screen, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(sys, "stdout", screen)
        render.write_result(Answer.of(self.TABLE), form, None)

        assert "受注" in screen.getvalue()
        assert "gnp.exe" in screen.getvalue()
        assert is_clean(screen.getvalue().replace("\n", ""))

    def test_a_program_gets_csv_as_it_is(self, capsys):
        """In a pipe, nothing is lost."""
        render.write_result(Answer.of(self.TABLE), "csv", None)

        assert next(csv.reader(io.StringIO(capsys.readouterr().out))) == [HOSTILE]

    def test_json_reads_back(self):
        """Escapes are JSON's own."""
        value = {HOSTILE: [HOSTILE, "\u00a0\u3000é\U000e0041\ud800"]}
        text = console.json_text(value)

        assert json.loads(text) == value
        assert is_clean(text)
        assert "é" in text

    def test_errors(self, dpm, store):
        """A query that is shown again in its error."""
        outcome = dpm("sql", "--store", store, f"SELECT '{HOSTILE}' FROM jbos")

        assert outcome.code == 2
        assert is_clean(outcome.err.rstrip("\n"))

    def test_a_store_of_someone_else(self, dpm, tmp_path):
        """Names of files and VMs in it are only text."""
        logs = tmp_path / "logs"
        logs.mkdir()
        name = "vms.csv" if os.name == "nt" else f"vms {HOSTILE}.csv"
        text = next(SAMPLE.glob("*.csv")).read_text(encoding="utf-8-sig")
        vm = text.splitlines()[1].split(",")[0]
        (logs / name).write_text(text.replace(vm, f'"{HOSTILE}"'), encoding="utf-8")
        assert dpm("ingest", logs, "--store", tmp_path / "store").code in {0, 4}

        for form in ("table", "json", "markdown"):
            for query in ("SELECT path FROM sources", "SELECT DISTINCT vm FROM vms"):
                outcome = dpm("sql", "--store", tmp_path / "store", "--format", form, query)
                assert outcome.code == 0
                assert is_clean(outcome.out.replace("\n", ""))
        names = dpm("sql", "--store", tmp_path / "store", "--json", "SELECT DISTINCT vm FROM vms").out
        assert HOSTILE in {row["vm"] for row in json.loads(names)}


class TestTables:
    """A table on a screen of 80 columns shows first what it answers; files and programs get the declared order."""

    @pytest.mark.parametrize(
        ("table", "answers"),
        [
            ("candidates", "vm recommendation grade breaches host_p50_s"),
            ("sla", "vm night rule met reason cause"),
            ("job_causes", "vm night cause duration_s grade job_id"),
            ("predictions", "vm night p_meets finish_p50_at"),
            ("jobs", "vm started_at duration_s outcome"),
            ("phases", "vm phase started_at duration_s"),
        ],
    )
    def test_what_is_asked_for_is_seen(self, dpm, estate, table, answers):
        """Also where names are long."""
        heading = dpm("sql", "--store", estate, table).out.split("\n")[0].split()

        assert heading[: len(answers.split())] == answers.split()

    @pytest.mark.parametrize("form", ["csv", "json", "markdown"])
    def test_others_keep_the_declared_order(self, dpm, estate, form):
        """Whatever reads them goes by the contract."""
        out = dpm("sql", "--store", estate, "candidates", "--format", form).out

        places = [out.index(name) for name in ("nights", "breaches", "host_p50_s", "recommendation")]
        assert places == sorted(places)

    def test_no_column_is_lost(self, dpm, estate):
        """What found no room is named."""
        out = dpm("sql", "--store", estate, "jobs").out

        named = re.findall(r"\w+", out.split("\n")[0] + "\n" + out[out.index("no room for") :])
        assert sorted(set(TABLES["jobs"].column_names) - set(named)) == [], out

    def test_answers_are_columns(self):
        """Of each table that names some, each once."""
        for table in TABLES.values():
            assert set(table.answers) <= set(table.column_names)
            assert len(set(table.answers)) == len(table.answers)
