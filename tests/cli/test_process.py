"""The command as a process: streams, encodings, ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analytics.cli import formats
from analytics.cli.console import ProgressLine, say_wrapped

ROOT = Path(__file__).resolve().parents[2]
NAME = "受注<b>\x1b[2J"


def _wait_for_reading(process_id: int, written: Path) -> None:
    """Until a process has written a file and then waits for its input, as the kernel tells."""
    end = time.monotonic() + 300
    while not written.exists() and time.monotonic() < end:
        time.sleep(0.05)
    call = Path(f"/proc/{process_id}/syscall")
    if not os.access(call, os.R_OK):
        time.sleep(10)
        return
    # number of the call, then its first argument: the descriptor; addresses are never 0
    while call.read_text(encoding="ascii").split()[1:2] != ["0x0"] and time.monotonic() < end:
        time.sleep(0.05)


class TestStreams:
    @pytest.mark.parametrize(
        "environment", [{"PYTHONUTF8": "1"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "cp1252"}]
    )
    def test_any_text_on_any_console(self, process, tmp_path, environment):
        """A path in Japanese is named in any encoding; no escape sequence gets out."""
        done = process("report", "--store", tmp_path / NAME, **environment)

        assert done.returncode == 2
        assert b"\x1b" not in done.stderr
        assert "受注".encode() in done.stderr or b"\\u53d7\\u6ce8" in done.stderr
        assert b"Traceback" not in done.stderr

    def test_a_pipe_gets_utf8(self, process):
        """Output into a pipe or file is UTF-8 on every system."""
        done = process("formats", "--json", LC_ALL="C", PYTHONUTF8="0")

        assert json.loads(done.stdout.decode("utf-8"))

    @pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
    @pytest.mark.parametrize("words", ["formats --json", "--help"])
    def test_a_reader_that_leaves_early_is_no_error(self, words):
        """`| head -1` ends the command without a word."""
        line = f"{sys.executable} -m analytics {words} | head -c 1"
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", line], cwd=ROOT, capture_output=True, check=False
        )

        assert (done.returncode, done.stderr) == (0, b"")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
    def test_a_full_disk_is_one_line(self):
        """No space left: one line, code 2."""
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [sys.executable, "-m", "analytics", "formats"],
                cwd=ROOT,
                stdout=full,
                stderr=subprocess.PIPE,
                check=False,
            )

        assert done.returncode == 2
        assert done.stderr.splitlines()[0] == b"dpm-analytics: output: No space left on device"

    def test_quiet_says_nothing(self, process):
        """--quiet leaves stdout empty."""
        assert process("formats", "--quiet").stdout == b""

    def test_sentences_fit_the_width(self, capsys, monkeypatch):
        """Long lines are broken at blanks, paths stay whole."""
        monkeypatch.setenv("COLUMNS", "50")
        path = "x" * 60
        say_wrapped(f"{'word ' * 20}{path}", indent="  ")

        lines = capsys.readouterr().out.splitlines()
        assert max(len(line) for line in lines[:-1]) <= 50
        assert lines[-1] == f"  {path}"

    def test_no_progress_where_nobody_looks(self, capsys):
        """A file or pipe gets no progress line."""
        with ProgressLine() as line:
            line.show("1/2")

        assert capsys.readouterr().err == ""


class TestEnds:
    def test_our_own_bug_shows_its_trace(self, dpm, monkeypatch):
        """Code 1, the trace, and the request to report it."""
        monkeypatch.setattr(formats, "run", lambda _: 1 // 0)

        said = dpm("formats")

        assert said.code == 1
        assert "ZeroDivisionError" in said.err
        assert "please report" in said.err

    def test_an_interrupt_in_the_making_of_a_class(self, dpm, monkeypatch):
        """Python 3.11 wraps what is raised there: it stays an interrupt, no bug of ours."""

        class Field:
            def __set_name__(self, *_: object) -> None:
                raise KeyboardInterrupt

        monkeypatch.setattr(formats, "run", lambda _: type("Made", (), {"field": Field()}))

        said = dpm("formats")

        assert said.code == 130
        assert said.err == "dpm-analytics: stopped\n"

    @pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
    def test_interrupted(self, tmp_path, request):
        """Ctrl+C ends with 130 and one word, and the store stays usable."""
        # a background shell ignores the signal and hands that on; what has a handler here is default over there
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
        words = [sys.executable, "-m", "analytics", "ingest", "-", "--store", str(tmp_path / "store")]
        with subprocess.Popen(
            words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as running:
            _wait_for_reading(running.pid, tmp_path / "store" / "store.json")
            running.send_signal(signal.SIGINT)
            running.wait(timeout=300)  # with its input open: the end of it would be an answer of its own
            said = running.stderr.read()

        # an interrupt inside of an import is passed on by Python as the signal itself, which shells call 130
        assert running.returncode in {130, -signal.SIGINT}
        assert said == b"dpm-analytics: stopped\n"
