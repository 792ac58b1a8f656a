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
    """The oracle tells the records of at least one sample of each format that it has a pattern for."""
    counted = [sample for sample in samples_of(name) if sample.keys]
    assert counted
    assert all(
        wrong_with(sample, sample.text, sample.text.encode(sample.encoding)) is None for sample in counted
    )


@pytest.mark.parametrize("name", sorted(RULES))
def test_the_oracle_sees_what_is_lost(name: str) -> None:
    """A reader that gives nothing is found out."""
    entry = by_name(name)
    assert entry is not None
    blind = replace(entry, read=lambda *_: in_batches(()))
    for sample in samples_of(name):
        if sample.keys:
            mute = Sample(sample.path, blind)
            mute.__dict__["keys"] = sample.keys
            assert "intact records lost" in (
                wrong_with(mute, sample.text, sample.text.encode(sample.encoding)) or ""
            )


@pytest.mark.parametrize("number", [141, 2551, 3019])
def test_mutants_that_were_read_wrongly_once(number: int) -> None:
    """Records of .evtx that lie in one another, and a record id of more than 63 bits, stop no reader."""
    assert judged("evtx", samples_of("evtx"), 1, number)[1] is None
