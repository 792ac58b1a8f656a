"""Beginnings of a longer copy are found by size and SHA-256: the same ones as by asking every source."""

from __future__ import annotations

import io
import random
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from analytics.ingest.account import Account
from analytics.ingest.contents import Contents
from analytics.ingest.growth import may_be_shorter, shorter_copies
from analytics.sources import Source

TEXT = b"one\ntwo\nthree\nfour\n" * 5_000
FORMATS = ("dpm-errlog", "vms.csv", "unknown")


def row(number: int, content: bytes, chance: random.Random) -> dict[str, Any]:
    """A source as the store has it: some gave no record, some cannot be read."""
    is_lost = chance.random() < 0.1
    return {
        "source_id": f"{number:016x}",
        "path": chance.choice(["log", f"other {number}"]),
        "format": chance.choice(FORMATS),
        "size_bytes": None if is_lost else len(content),
        "sha256": None if is_lost else sha256(content).hexdigest(),
        "records_rejected": chance.randrange(2),
        "records_stored": chance.randrange(2),
        "first_at": None,
        "last_at": chance.choice([None, "then"]),
    }


def every_one(rows: list[dict[str, Any]], source: Source, account: Account) -> set[str]:
    """The definition: each source is asked."""
    return {
        row["source_id"]
        for row in rows
        if row["size_bytes"] is not None
        and row["size_bytes"] < source.fingerprint.size_bytes
        and may_be_shorter(row, source, FORMATS[0], account)
        and sha256(source.read()[: row["size_bytes"]]).hexdigest() == row["sha256"]
    }


@pytest.mark.parametrize("seed", range(20))
def test_finds_what_asking_every_source_finds(seed: int) -> None:
    """Short and long beginnings, empty files, other contents of the same size, sources that change later."""
    chance = random.Random(seed)
    contents = [TEXT[: chance.choice([0, 0, 3, 9, 70_000, 80_000])] for _ in range(60)]
    rows = [
        row(number, bytes(chance.sample([content, b"x" * len(content)], 1)[0]), chance)
        for number, content in enumerate(contents)
    ]
    present = {each["source_id"]: each for each in rows}
    known = Contents(present.__getitem__)
    for each in rows:
        known.add(each)
    for changed in chance.sample(rows, 10):
        changed |= {"records_stored": 0, "records_rejected": 1}
        known.add(changed)
    source = Source("log", "log", (), lambda: io.BytesIO(TEXT), seekable=True)
    found = shorter_copies(source, FORMATS[0], Account("log"), known)
    ids = [shorter["source_id"] for shorter, _ in found.shorter] if found else []
    assert set(ids) == every_one(rows, source, Account("log"))
    assert len(ids) == len(set(ids))


def test_other_contents_of_a_size_are_not_asked() -> None:
    """However many there are: ten thousand small tables are read in linear time."""
    asked: list[str] = []
    known = Contents(lambda source_id: asked.append(source_id) or {})  # type: ignore[func-returns-value]
    chance = random.Random(1)
    for number in range(100):
        other = row(number, str(number).encode() * 10, chance)
        known.add({**other, "size_bytes": 10, "sha256": str(number), "format": FORMATS[0]})
    source = Source("log", "log", (), lambda: io.BytesIO(TEXT), seekable=True)
    assert shorter_copies(source, FORMATS[0], Account("log"), known) is None
    assert asked == []


def test_a_small_file_is_not_slowed_by_its_folder(tmp_path: Path) -> None:
    """An empty file that grows is found by its path alone."""
    known = Contents({"a": row(1, b"", random.Random(1)) | {"size_bytes": 0, "path": "log"}}.__getitem__)
    known.add(
        row(1, b"", random.Random(1))
        | {"source_id": "a", "size_bytes": 0, "path": "log", "format": "unknown"}
    )
    source = Source("log", "log", (), lambda: io.BytesIO(TEXT), seekable=True)
    found = shorter_copies(source, FORMATS[0], Account("log"), known)
    assert found is not None
    elsewhere = Source("other", "log", (), lambda: io.BytesIO(TEXT), seekable=True)
    assert shorter_copies(elsewhere, FORMATS[0], Account("other"), known) is None
