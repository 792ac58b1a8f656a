"""What the ingest says of what it read: as many lines as are shown, and how many more there are."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from analytics.cli.ingest import say_notes, say_problems, say_summary
from analytics.ingest import IngestSummary


def summary(**known: Any) -> IngestSummary:
    """A summary in which all else is empty."""
    given: dict[str, Any] = {}
    for field in dataclasses.fields(IngestSummary):
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            given[field.name] = 0 if "int" in str(field.type) else ()
    return IngestSummary(**(given | known))


@pytest.mark.parametrize(("count", "more"), [(19, None), (20, None), (21, "1 more"), (1022, "1,002 more")])
@pytest.mark.parametrize(("say", "name"), [(say_notes, "notes"), (say_problems, "problems")])
def test_twenty_lines(capsys, say, name, count, more):
    """Then how many more there are, and where they stand."""
    lines = tuple(f"file{number}: something" for number in range(count))
    found = summary(**{name: lines})
    say(found) if say is say_notes else say(found, None)
    said = capsys.readouterr().out.splitlines()

    assert said[:3] == ["", name.capitalize(), "  file0: something"]
    assert sum(line.startswith("  file") for line in said) == min(count, 20)
    assert [line for line in said if line.startswith("  and ")] == (
        [] if more is None else [line for line in said if line.startswith(f"  and {more}, see ")]
    )
    assert len(said) == 2 + min(count, 20) + (more is not None)


def test_nothing_to_say(capsys):
    """Neither heading nor blank line."""
    say_notes(summary())
    say_problems(summary(), None)

    assert capsys.readouterr().out == ""


def test_where_the_rejects_stand(capsys, monkeypatch):
    """In the store, where there is one that stays."""
    monkeypatch.setenv("COLUMNS", "200")
    problems = tuple(f"p{number}" for number in range(30))
    say_problems(summary(problems=problems), "D:\\s")
    kept = capsys.readouterr().out
    say_problems(summary(problems=problems), None)

    assert 'and 10 more, see dpm-analytics sql --store D:\\s "SELECT * FROM rejects"' in kept
    assert "and 10 more, see the report, or use --store" in capsys.readouterr().out


def test_the_account(capsys, monkeypatch):
    """Files, and records read = stored + duplicate + rejected."""
    monkeypatch.setenv("COLUMNS", "200")
    say_summary(summary())

    assert capsys.readouterr().out.startswith(
        "Read      0 files, 0 records: 0 stored, 0 duplicate, 0 rejected"
    )
