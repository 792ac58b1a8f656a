"""Why records were rejected is said in the language of the report; what reading says has its words in each."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import analytics
from analytics.report import build_report
from analytics.report.reject_words import said
from analytics.report.words import Words, languages
from tests.report.estate import estate_session

ROOMS = [Path(analytics.__file__).with_name(room) for room in ("formats", "sources")]
SAYING = {"CellError", "rejected", "rejected_file", "reject_row", "reject", "Issue", "Damage"}
# labels alone: what is wrong stands behind them
BARE = {"{}", "{}: {}", "EndTime: {}", " "}


def template(node: ast.expr) -> str:
    """A text as reading says it, {} for what it names."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def reasons() -> set[str]:
    """The first text that stands in what rejects a record."""
    files = [path for room in ROOMS for path in room.rglob("*.py")]
    calls = [
        (node, node.args)
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    ]
    said_by = {getattr(node.func, "id", "") or getattr(node.func, "attr", ""): [] for node, _ in calls}
    for node, arguments in calls:
        said_by[getattr(node.func, "id", "") or getattr(node.func, "attr", "")] += map(template, arguments)
    return {text for name in SAYING for text in said_by.get(name, []) if " " in text} - BARE


@pytest.mark.parametrize("language", sorted({*languages()} - {"en"}))
def test_each_reason_has_its_words(language):
    """Whatever it names."""
    sentences = Words.of(language).table("reject")
    examples = {text: text.replace("{}", "X") for text in reasons()}

    assert len(examples) > 40
    assert [text for text, example in examples.items() if said(example, sentences) == example] == []


def test_what_is_named_stays():
    """Also inside of another sentence; a reason without words stays as it is."""
    sentences = Words.of("ja").table("reject")

    assert said("EndTime: '31.2.' is no whole number", sentences) == "EndTime: '31.2.' は整数ではない"
    assert said("quite another reason", sentences) == "quite another reason"


def test_in_the_report():
    """In Japanese; in English as reading says it."""
    session = estate_session(3, 2)
    session.connection.execute("UPDATE rejects SET reason = '3 cells where the header has 4'")
    (own,), (other,) = (
        build_report(session, words=Words.of(language)).results["reject_reasons"].rows
        for language in ("ja", "en")
    )

    assert own["reason"] == "セルが 3 個、見出しは 4 個"
    assert other["reason"] == "3 cells where the header has 4"
