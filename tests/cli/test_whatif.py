"""dpm-analytics whatif on a store: forms, documents, exit codes."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from analytics.cli.grid import display_width
from analytics.ingest import ingest
from analytics.store import Store
from analytics.synth import Knobs, write_estate

_ROW = {
    "vm",
    "night",
    "before_s",
    "after_p50_s",
    "low_s",
    "high_s",
    "p_meets_before",
    "p_meets_after",
    "start",
}
_PLAN = {
    "night", "moves", "status", "gap", "prefixes", "alternatives", "least_lateness_s", "late", "reproduction",
    "assumptions",
}  # fmt: skip


def _filled(folder: Path, knobs: Knobs) -> Path:
    write_estate(folder / "logs", knobs)
    ingest(Store.create_or_open(folder / "store"), [folder / "logs"])
    return folder / "store"


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    """Twelve VMs, nine nights."""
    return _filled(tmp_path_factory.mktemp("whatif"), Knobs(vms=12, nights=9, seed=3, rct_share=0.0))


@pytest.fixture
def asked(dpm, store):
    """The document of a question."""

    def ask(*words: object) -> dict:
        outcome = dpm("whatif", "--store", store, "--json", *words)
        assert outcome.code == 0, outcome.err
        return json.loads(outcome.out)

    return ask


def _vm(asked, place: int = 0, *words: str) -> str:
    rows = asked("--window", "22:00-06:00", *words)["rows"]
    return sorted(rows, key=lambda row: -row["before_s"])[place]["vm"]


class TestChanges:
    def test_document_of_a_move(self, asked) -> None:
        """A row per VM, the reproduction, what is assumed; the moved one gets faster."""
        vm = _vm(asked)
        document = asked("--move", vm)

        assert set(document) == {"reproduction", "rows", "assumptions"}
        assert document["reproduction"]["accepted"] is True
        assert document["reproduction"]["nights"] == 9
        assert all(set(row) == _ROW for row in document["rows"])
        row = next(row for row in document["rows"] if row["vm"] == vm)
        assert row["after_p50_s"] < row["before_s"]
        assert row["low_s"] <= row["after_p50_s"] <= row["high_s"]
        assert "guest_level" in {each["code"] for each in document["assumptions"]}

    def test_start_and_window(self, asked) -> None:
        """A start at a time of day; another window moves the starts with its opening, and the limit."""
        vm = _vm(asked)
        started = {row["vm"]: row for row in asked("--start", f"{vm.lower()}=01:30")["rows"]}
        assert started[vm]["start"] == "01:30"
        narrow = {row["vm"]: row for row in asked("--window", "23:30-23:40")["rows"]}
        assert narrow[vm]["p_meets_after"] == 0
        usual = {row["vm"]: row["start"] for row in asked("--window", "22:00-06:00")["rows"]}
        later = {row["vm"]: row["start"] for row in asked("--window", "22:10-06:00")["rows"]}
        assert usual != later

    def test_several_at_once_and_a_past_night(self, asked) -> None:
        """Moves, limits and starts together, on a night that was."""
        night = ("--night", "2025-02-05")
        first, second = _vm(asked, 0, *night), _vm(asked, 1, *night)
        caps = ("--cap", "hv01=1", "--cap", "volume1=2")
        document = asked("--move", first, *caps, "--start", f"{second}=21:00", *night)

        assert {row["night"] for row in document["rows"]} == {"2025-02-05"}
        said = next(each["text"] for each in document["assumptions"] if each["code"] == "caps")
        assert "hv01: 1" in said
        assert "Volume1\\: 2" in said  # a volume goes by its last folder, too

    def test_what_is_doubtful_comes_first(self, dpm, store, tmp_path) -> None:
        """In the lines and in the document; nothing where every check holds."""
        site = _site(tmp_path, "22:00", "06:00")
        words = ("whatif", "--store", store, "--window", "22:00-06:00", "--site", site)
        held = dpm(*words, "--json").out
        site.write_text(site.read_text(encoding="utf-8") + "[vms]\nexclude = ['NOBODY']\n", encoding="utf-8")
        first = json.loads(dpm(*words, "--json").out)["assumptions"][0]

        assert "evidence" not in {each["code"] for each in json.loads(held)["assumptions"]}
        assert first["code"] == "evidence"
        assert dpm(*words).out.startswith(first["text"].split()[0])
        assert "NOBODY" in first["text"]

    def test_same_again(self, dpm, store) -> None:
        """The same question, the same bytes."""
        first, second = (dpm("whatif", "--store", store, "--json", "--spread").out for _ in range(2))

        assert first == second

    def test_table_at_eighty_columns(self, dpm, store) -> None:
        """For people: how far it is off, a headline, a table, what is assumed, nowhere wider than the terminal."""
        outcome = dpm("whatif", "--store", store, "--spread")

        assert outcome.code == 0
        first, second, *_ = outcome.out.splitlines()
        assert first.startswith("Error of the simulator on 9 past nights: ")
        assert second.startswith("Night of 2025-02-12: ")
        assert "met before" in outcome.out
        assert max(display_width(line) for line in outcome.out.splitlines()) <= 80


class TestPlan:
    def test_document(self, asked, tmp_path) -> None:
        """All keys of the contract; prefixes begin with no move and lead to all of them."""
        document = asked("--plan", "--probability", "0.9", "--site", _site(tmp_path, "22:00", "23:20"))

        assert set(document) == _PLAN
        assert document["moves"]
        assert document["prefixes"][0]["moves"] == 0
        assert document["prefixes"][-1]["moves"] == len(document["moves"])
        assert document["prefixes"][-1]["meets_share"] > document["prefixes"][0]["meets_share"]
        assert "spread" in {each["kind"] for each in document["alternatives"]}

    def test_its_figure(self, dpm, store, tmp_path) -> None:
        """A bar per move and the night in Japanese, with names or pseudonyms; without a move one line and 2."""
        site, out = _site(tmp_path, "22:00", "23:20"), tmp_path / "plan.svg"
        words = (
            "chart",
            "plan",
            "--store",
            store,
            "-o",
            out,
            "--lang",
            "ja",
            "--anonymise",
            tmp_path / "key.json",
        )
        moves = json.loads(dpm("whatif", "--store", store, "--plan", "--site", site, "--json").out)["moves"]
        assert dpm(*words, "--site", site).code == 0
        drawn = out.read_text(encoding="utf-8")
        refused = dpm(*words, "--site", _site(tmp_path, "22:00", "21:00"))

        assert f"ゲスト レベルへの移行 {len(moves)} 台" in drawn
        assert f"{len(moves)} · VM-" in drawn
        assert not [vm for vm in moves if vm in drawn]
        assert refused.code == 2
        assert "nothing_to_do" in refused.err

    def test_nothing_to_do(self, asked, tmp_path) -> None:
        """In a window that all meet there is nothing to move."""
        document = asked("--plan", "--site", _site(tmp_path, "22:00", "21:00"))

        assert (document["status"], document["moves"], document["late"]) == ("nothing_to_do", [], [])

    def test_the_site_file_forbids_a_move(self, asked, tmp_path) -> None:
        """What must not move does not, what must does."""
        narrow = _site(tmp_path, "22:00", "23:20")
        free = asked("--plan", "--site", narrow)["moves"]
        vms = {row["vm"] for row in asked("--window", "22:00-06:00")["rows"]}
        other = min(vms - set(free))
        narrow.write_text(
            narrow.read_text(encoding="utf-8")
            + f"[vms]\nguest_level_never = ['{free[0]}']\nguest_level_always = ['{other}']\n",
            encoding="utf-8",
        )
        document = asked("--plan", "--site", narrow)

        assert free[0] not in document["moves"]
        assert other in document["moves"]
        assert {"never", "always"} <= {each["code"] for each in document["assumptions"]}

    def test_impossible_limits_are_infeasible(self, dpm, store, tmp_path) -> None:
        """A window of a minute: exit 0, one line says that no plan is enough, and how late the latest is."""
        site = _site(tmp_path, "22:00", "22:01")
        outcome = dpm("whatif", "--store", store, "--plan", "--site", site)
        document = json.loads(dpm("whatif", "--store", store, "--plan", "--site", site, "--json").out)

        assert outcome.code == 0
        assert "enough for all: the latest is still" in " ".join(outcome.out.split()).lower()
        assert document["status"] == "infeasible"
        assert document["least_lateness_s"] > 0
        assert document["late"]

    @pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
    def test_ctrl_c_prints_the_best_so_far(self, dpm, store, tmp_path, monkeypatch) -> None:
        """The signal while moves are looked for: code 0, a sentence on stderr, and a plan by which more meet."""
        terminal = _Terminal()
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        monkeypatch.setattr(sys, "stderr", terminal)
        try:
            outcome = dpm(
                "whatif", "--store", store, "--plan", "--site", _site(tmp_path, "22:00", "23:20"), "--json"
            )
        finally:
            signal.signal(signal.SIGINT, before)
        document = json.loads(outcome.out)

        assert outcome.code == 0
        assert "stopped: this is the best plan so far" in terminal.getvalue()
        assert set(document) == _PLAN
        assert document["prefixes"][-1]["moves"] == len(document["moves"]) > 0
        assert document["prefixes"][-1]["meets_share"] > document["prefixes"][0]["meets_share"]

    def test_at_most_so_many(self, asked, tmp_path) -> None:
        """No more moves than asked for."""
        document = asked("--plan", "--max-moves", "1", "--site", _site(tmp_path, "22:00", "22:50"))

        assert len(document["moves"]) <= 1


class TestRefusals:
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ((), "no change is named"),
            (("--plan", "--spread"), "--spread with --plan"),
            (("--spread", "--max-moves", "3"), "without --plan"),
            (("--move", "NOBODY"), "no 'NOBODY'"),
            (("--cap", "Nowhere=2"), "no 'Nowhere'"),
            (("--cap", "hv01=0"), "no limit"),
            (("--start", "SQL01"), "no start"),
            (("--start", "SQL01=25:00"), "no time of day"),
            (("--window", "22:00"), "no window"),
            (("--plan", "--probability", "2"), "no probability"),
            (("--spread", "--night", "2031-01-01"), "no backup ran on 2031-01-01"),
        ],
    )
    def test_one_line(self, dpm, store, words, said) -> None:
        """What does not fit is one line that says so, and exit code 2."""
        outcome = dpm("whatif", "--store", store, *words)

        assert outcome.code == 2
        assert said in outcome.err
        assert outcome.err.count("\n") == 1
        assert not outcome.out

    def test_too_few_nights(self, dpm, tmp_path) -> None:
        """Two nights cannot show how far the simulator is off: refused with the reason, in the document, too."""
        store = _filled(tmp_path, Knobs(vms=4, nights=2, seed=1))
        outcome = dpm("whatif", "--store", store, "--json", "--spread", "--night", "2025-02-03")

        assert outcome.code == 2
        assert "refused" in outcome.err
        assert json.loads(outcome.out)["refused"] == "too_few_nights"


class _Terminal(io.StringIO):
    """A console at which somebody presses Ctrl+C as soon as it shows how many moves are found."""

    is_pressed = False

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if text.strip().endswith("moves") and not self.is_pressed:
            self.is_pressed = True
            signal.raise_signal(signal.SIGINT)
        return super().write(text)


def _site(folder: Path, opens: str, closes: str) -> Path:
    path = folder / "site.toml"
    text = f'[site]\ntime_zone = "Asia/Tokyo"\nwindow_start = "{opens}"\nwindow_end = "{closes}"\n'
    path.write_text(text, encoding="utf-8")
    return path
