"""dpm-analytics queries: what can be asked."""

from __future__ import annotations

import json

import pytest

from analytics.sql import catalogue
from analytics.tables import DERIVED, PLANNED, RAW, TABLES


def test_all_named_queries(dpm):
    """A line each, with its question; no tables."""
    said = dpm("queries").out

    assert all(f"\n{name} " in f"\n{said}" for name in catalogue())
    assert "\njobs " not in said


def test_all_tables(dpm):
    """Those of the contract first."""
    listed = json.loads(dpm("queries", "--tables", "--json").out)

    assert [entry["name"] for entry in listed if entry["kind"] == "table"] == [
        table.name for table in (*RAW, *DERIVED, *PLANNED)
    ]
    assert {entry["name"] for entry in listed} == set(TABLES)


@pytest.mark.parametrize(
    ("words", "names", "others"),
    [
        (["snapshot", "gap"], {"snapshot_gap", "snapshot_gaps"}, {"offenders"}),
        (["RECOMMENDATION"], {"offenders", "candidates"}, {"rejects"}),
        (["--tables", "recommendation"], {"candidates"}, {"offenders"}),
        (["sla"], {"sla"}, {"sla_heatmap"}),
        (["queues"], {"volume_queues"}, {"offenders"}),
    ],
)
def test_by_words(dpm, words, names, others):
    """Every word, wherever it stands; the name of one is that one alone."""
    found = {entry["name"] for entry in json.loads(dpm("queries", *words, "--json").out)}

    assert found >= names
    assert not found & others


def test_a_word_is_found_by_its_beginning(dpm):
    """`volume` finds volumes; `olume` nothing."""
    assert dpm("queries", "volum").code == 0
    assert dpm("queries", "olume").code == 2


def test_the_name_of_one_shows_it_whole(dpm):
    """Its parameters and columns, and how to run it."""
    said = dpm("queries", "offenders").out

    assert "  dpm-analytics sql --store DIR offenders\n" in said
    assert "  --param since=" in said
    assert all(f"\n  {column.name} " in said for column in catalogue()["offenders"].columns)
    assert max(map(len, said.splitlines())) <= 80


def test_a_table_whole(dpm):
    """What one row is, and its columns."""
    said = dpm("queries", "phases").out

    assert TABLES["phases"].grain in " ".join(said.split())
    assert all(f"\n  {column.name} " in said for column in TABLES["phases"].columns)


def test_nothing_about_it(dpm):
    """One line, code 2, the nearest names."""
    outcome = dpm("queries", "ofenders")

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "dpm-analytics queries: nothing is about 'ofenders' (did you mean offenders?)\n"


def test_quiet(dpm):
    """Says nothing."""
    assert dpm("queries", "--quiet").out == ""
