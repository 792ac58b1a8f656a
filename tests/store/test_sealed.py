"""Small files that a store keeps about itself: what is theirs, what is damaged, what is too large."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics.store import state
from analytics.store.sealed import seal, unseal
from analytics.store.state import INGEST_FILE, IngestState

BEGUN = datetime(2026, 3, 2, 20, tzinfo=UTC)
NOTE = {"begun_at": BEGUN.isoformat(), "ended_at": None, "paths": ["C:/Logs"]}


def test_what_was_sealed():
    """Comes back; any changed letter is noticed."""
    text = seal({"a": 1, "b": ["経"]})
    assert unseal(text.encode()) == {"a": 1, "b": ["経"]}
    with pytest.raises(ValueError, match="its checksum does not fit"):
        unseal(text.replace('"a": 1', '"a": 2').encode())


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"[]", "not ours"), (b"{}", "not ours"), (b"[" * 100_000, "nested too deep"), (b"{", "Expecting")],
)
def test_what_is_not_ours(data, reason):
    """Is told from what is damaged."""
    with pytest.raises(ValueError, match=reason):
        unseal(data)


def test_the_note_of_an_ingest(tmp_path):
    """None before the first; what was noted; when it ended."""
    assert state.read(tmp_path) is None
    begun = state.begin(tmp_path, ["C:/Logs", "D:/more"])
    assert state.read(tmp_path) == begun
    assert begun.ended_early
    state.complete(tmp_path, begun)
    ended = state.read(tmp_path)
    assert (ended.begun_at, ended.paths, ended.ended_early) == (begun.begun_at, begun.paths, False)
    assert begun.begun_at <= ended.ended_at <= datetime.now(UTC)
    state.note_unknown(tmp_path)
    assert state.read(tmp_path) == IngestState(None, None, ())


@pytest.mark.parametrize(
    "changed", [{"paths": [5]}, {"paths": None}, {"begun_at": 5}, {"ended_at": "noon"}, {"begun_at": ""}]
)
def test_a_note_of_another_shape(tmp_path, changed):
    """Is damaged."""
    (tmp_path / INGEST_FILE).write_text(seal(NOTE | changed), encoding="utf-8")
    with pytest.raises(ValueError, match=r"is none|another type|isoformat"):
        state.read(tmp_path)


def test_a_note_without_a_field(tmp_path):
    """Is damaged."""
    (tmp_path / INGEST_FILE).write_text(seal({"paths": []}), encoding="utf-8")
    with pytest.raises(ValueError, match="a field is missing"):
        state.read(tmp_path)


@pytest.mark.parametrize(("more", "is_read"), [(0, True), (1, False)])
def test_a_note_that_is_too_large(tmp_path, more, is_read):
    """16 MiB are read, one byte more is not."""
    text = seal(NOTE)
    (tmp_path / INGEST_FILE).write_text(
        text + " " * (16 * 2**20 + more - len(text)), encoding="utf-8", newline=""
    )
    if is_read:
        assert state.read(tmp_path).paths == ("C:/Logs",)
    else:
        with pytest.raises(ValueError, match="too large"):
            state.read(tmp_path)


def test_who_ended_early():
    """Who neither completed nor runs."""
    assert IngestState(BEGUN, None, ()).ended_early
    assert not IngestState(BEGUN, None, (), is_running=True).ended_early
    assert not IngestState(BEGUN, BEGUN, ()).ended_early
