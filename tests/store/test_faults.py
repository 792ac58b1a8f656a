"""Whatever the disk refuses, and whenever: nothing is lost, nothing is doubled, and nothing ends in a trace."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from analytics.cli import main
from analytics.store import Store, examine
from tests.store.contents import contents
from tests.store.deliveries import FIRST, write_log
from tests.store.faults import BadDisk

ROOT = Path(__file__).resolve().parents[2]
COMMITS_BEFORE = 8


def command(name: str, place: Path, *words: str) -> int:
    """A command on a store, as a user gives it."""
    return main([name, *words, "--store", str(place), "--quiet"])


@pytest.fixture(scope="module")
def logs(tmp_path_factory) -> Path:
    """The delivery that meets the bad disk: new and grown logs, job records, disks, and what cannot be read."""
    folder = tmp_path_factory.mktemp("logs") / "export"
    for name in ("jobs-csv", "vms-csv", "collection-json"):
        shutil.copytree(ROOT / "sample_logs" / name, folder / name)
    write_log(folder / "HV01" / "DPMRA1.errlog", FIRST, COMMITS_BEFORE + 2)
    write_log(folder / "HV01" / "DPMRACurr.errlog", FIRST + timedelta(days=1), 4)
    (folder / "HV01" / "notes.errlog").write_bytes(b"\x00\x01 no log")
    return folder


@pytest.fixture(scope="module")
def before(tmp_path_factory, logs) -> Path:
    """A store that one more commit makes merge its parts; it holds a shorter copy of one of the logs."""
    folder = tmp_path_factory.mktemp("before")
    for day in range(COMMITS_BEFORE):
        write_log(folder / "old" / f"{day}" / "HV01" / "DPMRA1.errlog", FIRST, day + 1)
        command("ingest", folder / "store", str(folder / "old" / f"{day}"), "--year", "2025")
    return folder / "store"


@pytest.fixture(scope="module")
def undisturbed(before, logs, tmp_path_factory) -> dict[str, list[str]]:
    """What the delivery leaves where nothing fails."""
    place = shutil.copytree(before, tmp_path_factory.mktemp("undisturbed") / "store")
    command("ingest", place, str(logs), "--year", "2025", "--allow-partial")
    return contents(Store.open(place))


@pytest.mark.parametrize(("for_good", "step"), [(False, 1), (True, 4)], ids=["once", "from then on"])
def test_every_operation_of_an_ingest(before, undisturbed, logs, for_good, step, tmp_path, capsys):
    """The nth operation fails, for every n; the command says so in a line; run again, it completes the store."""
    number, refused = 0, True
    begun = Store.open(before).ingest_state().ended_at
    while refused:
        place = shutil.copytree(before, tmp_path / f"{number}")
        disk = BadDisk(place, number, for_good)
        with pytest.MonkeyPatch.context() as patch:
            disk.install(patch)
            code = command("ingest", place, str(logs), "--year", "2025", "--allow-partial")
        refused = disk.is_refused
        error = capsys.readouterr().err
        what = f"operation {number}: {disk.operations[-1]}"
        # what only tidies up may be refused: the next writer does it
        assert code in {0, 2}, f"{what}: {error}"
        assert len(error.splitlines()) == (code == 2), what
        last = Store.open(place).ingest_state()
        if not last.ended_early and last.ended_at != begun:  # it says that it completed
            assert contents(Store.open(place)) == undisturbed, what
        else:  # or that it ended early; or it was refused before it could say that it began, and read nothing
            assert code == 2, what

        assert command("ingest", place, str(logs), "--year", "2025", "--allow-partial") == 0, what
        assert contents(Store.open(place)) == undisturbed, what
        assert examine(Store.open(place)).is_whole, what
        shutil.rmtree(place)
        number += step

    assert number > 80


def test_every_operation_of_a_first_ingest(tmp_path, capsys):
    """Making the store, too: the nth operation fails, for every n; run again, the store holds all."""
    logs, number, refused = ROOT / "sample_logs" / "jobs-csv", 0, True
    command("ingest", tmp_path / "undisturbed", str(logs))
    due = contents(Store.open(tmp_path / "undisturbed"))
    while refused:
        place = tmp_path / f"{number}"
        disk = BadDisk(place, number)
        with pytest.MonkeyPatch.context() as patch:
            disk.install(patch)
            code = command("ingest", place, str(logs))
        refused = disk.is_refused
        error = capsys.readouterr().err
        what = f"operation {number}: {disk.operations[-1]}"
        assert code in {0, 2}, f"{what}: {error}"
        assert len(error.splitlines()) == (code == 2), what

        assert command("ingest", place, str(logs)) == 0, what
        assert contents(Store.open(place)) == due, what
        number += 1

    assert number > 30
