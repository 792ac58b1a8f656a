"""A few mutants of every format, and that the oracle sees what it is there for; `python -m tests.fuzz` takes more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analytics.formats import FORMATS, by_name
from analytics.formats.reading.batching import in_batches
from tests.fuzz.oracle import RULES
from tests.fuzz.run import Sample, fuzz, judged, samples_of, wrong_with

MUTANTS = 6


@pytest.mark.parametrize("name", [entry.name for entry in FORMATS])
def test_a_few_mutants(name: str) -> None:
    """Readers lose no intact record, invent none and never raise, whatever stands beside it."""
    tally = fuzz(name, seconds=600, seed=20261127, most=MUTANTS)
    assert [what for what, _ in tally.failures] == []
    assert tally.mutants > 0


@pytest.mark.parametrize("name", RULES)
def test_the_oracle_counts_the_samples(name: str) -> None:
    """The oracle tells the records of every sample of each text format, and finds out a reader that gives none."""
    entry = by_name(name)
    assert entry is not None
    blind = replace(entry, read=lambda *_: in_batches(()))
    for sample in samples_of(name):
        assert sample.keys, sample.path
        data = sample.text.encode(sample.encoding)
        assert wrong_with(sample, sample.text, data) is None
        mute = Sample(sample.path, blind)
        mute.__dict__["keys"] = sample.keys
        assert "intact records lost" in (wrong_with(mute, sample.text, data) or "")


def test_every_format_is_counted() -> None:
    """There is a pattern for every text format."""
    assert {*RULES, "evtx"} == {entry.name for entry in FORMATS}


@pytest.mark.parametrize(("seed", "number"), [(1, 141), (1, 2551), (1, 3019), (1127, 19190)])
def test_mutants_that_were_read_wrongly_once(seed: int, number: int) -> None:
    """Records of .evtx that lie in one another, a record id of more than 63 bits, and an event that shows to be none
    only when its row is made, stop no reader.
    """
    assert judged("evtx", samples_of("evtx"), seed, number)[1] is None
