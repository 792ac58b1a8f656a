"""One bit flipped anywhere in a store: it is found, or it changes no value. None is silent."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from analytics.errors import StoreError
from analytics.ingest import ingest
from analytics.sql import open_session
from analytics.store import Store, examine
from tests.store.contents import contents

ROOT = Path(__file__).resolve().parents[2]
FLIPS = 300


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    """A store of the sample estate."""
    store = Store.create_or_open(tmp_path_factory.mktemp("sound") / "store")
    ingest(store, [ROOT / "sample_logs" / "estate"])
    return store.path


def places(store: Path, chance: random.Random) -> list[tuple[Path, int]]:
    """Random bits: half of them over all bytes, half over all files, so that small files get their share."""
    files = sorted(path for path in store.rglob("*") if path.is_file() and path.stat().st_size)
    sizes = [file.stat().st_size for file in files]
    chosen = [*chance.choices(files, sizes, k=FLIPS // 2), *chance.choices(files, k=FLIPS // 2)]
    return [(file, chance.randrange(8 * file.stat().st_size)) for file in chosen]


def flip(file: Path, bit: int) -> None:
    """Flip one bit; a second time it is as before."""
    with file.open("rb+") as stream:
        stream.seek(bit // 8)
        byte = stream.read(1)[0] ^ 1 << bit % 8
        stream.seek(bit // 8)
        stream.write(bytes([byte]))


def is_found(place: Path) -> bool:
    """Whether check finds damage, and a session refuses to open wherever records are hit."""
    try:
        store = Store.open(place)
    except StoreError:
        return True
    health = examine(store)
    if not health.damages:
        return False
    if all(damage.file == "ingest.json" for damage in health.damages):
        return store.ingest_state().ended_early
    with pytest.raises(StoreError):
        open_session(store)
    return True


def test_none_is_silent(sound, tmp_path):
    """300 flips, one after the other: check finds each, or the store holds the very same rows."""
    place = shutil.copytree(sound, tmp_path / "store")
    due = contents(Store.open(place))
    found = 0
    for file, bit in places(place, random.Random(300)):
        flip(file, bit)
        if is_found(place):
            found += 1
        else:
            assert contents(Store.open(place)) == due, (file.name, bit)
        flip(file, bit)

    assert found > FLIPS * 0.8
    assert examine(Store.open(place)).is_whole
