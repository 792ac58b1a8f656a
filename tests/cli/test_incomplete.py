"""A store that lacks records says so with every answer."""

from __future__ import annotations

import pytest

from analytics.ingest import ingest
from analytics.store import Store, mend
from analytics.synth import Knobs, write_estate


@pytest.fixture
def filled(tmp_path) -> Store:
    """A store, and its logs beside it."""
    write_estate(tmp_path / "logs", Knobs(vms=2, nights=1))
    store = Store.create_or_open(tmp_path / "dpm.store")
    ingest(store, [tmp_path / "logs"])
    return store


def test_a_moment_to_judge_by(dpm, filled, tmp_path):
    """--now: evidence that is older is said in the report and by sql; without a moment, or a closer one, nothing is."""
    out = str(tmp_path / "r.json")
    ask = [
        "sql",
        "--store",
        filled.path,
        "SELECT detail FROM trust WHERE \"check\" = 'freshness'",
        "--format",
        "csv",
    ]

    for now, is_old in (
        (None, False),
        ("2025-02-05T07:00", False),
        ("2025-03-01T06:00Z", True),
        ("now", True),
    ):
        moment = ["--now", now] if now else []
        said = dpm("report", "--store", filled.path, "--out", out, *moment)
        assert ("the newest evidence is" in said.out) == is_old
        assert ("evidence_old" in dpm(*ask, *moment).out) == is_old


def test_sql_says_what_may_be_missing(dpm, filled, tmp_path):
    """An ingest that was killed, then records that were lost; nothing where all is there."""
    words = ["sql", "--store", filled.path, "SELECT count(*) AS n FROM trace"]
    assert dpm(*words).err == ""

    with pytest.raises(RuntimeError), filled.ingesting([tmp_path / "logs"]):
        raise RuntimeError("killed")
    assert "did not come to its end" in dpm(*words).err

    ingest(filled, [tmp_path / "logs"])
    part = filled.files("trace")[0]
    part.write_bytes(part.read_bytes()[:-1])
    refused = dpm(*words)
    assert (refused.code, refused.out) == (2, "")
    mend(filled)
    said = dpm(*words)
    assert said.code == 0
    assert "lost with damaged files: see dpm-analytics check" in said.err
