"""The mutation runner: what it changes, where it does not, and that a noticed change is told from an unnoticed one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.mutate.__main__ import drawn, mutants_of
from tests.mutate.chosen_tests import FOLDERS, files_for, folders_of
from tests.mutate.executed import Executed, gathered, places_of
from tests.mutate.mutant import Mutant
from tests.mutate.python_mutants import python_mutants
from tests.mutate.sql_mutants import sql_mutants
from tests.mutate.trial import copy_of, tried

ROOT = Path(__file__).resolve().parents[2]


def changed_queries(sql: str) -> set[str]:
    """All that can become of a query."""
    return {mutant.applied(sql.encode()).decode() for mutant in sql_mutants("x.sql", sql)}


def changed_modules(code: str) -> set[str]:
    """All that can become of a module."""
    return {mutant.applied(code.encode()).decode() for mutant in python_mutants("x.py", code.encode())}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a FROM t WHERE a <= 5", {"SELECT a FROM t WHERE a < 5", "SELECT a FROM t WHERE a <= 6"}),
        ("SELECT min(a) FROM t", {"SELECT max(a) FROM t"}),
        ("SELECT t.a FROM t LEFT JOIN u USING (a)", {"SELECT t.a FROM t  JOIN u USING (a)"}),
        ("SELECT t.a FROM t JOIN u USING (a)", {"SELECT t.a FROM t LEFT JOIN u USING (a)"}),
        ("SELECT coalesce(a, f(b, c)) FROM t", {"SELECT (a) FROM t"}),
        ("SELECT a IS NOT NULL FROM t", {"SELECT a IS  NULL FROM t"}),
        ("SELECT a IS NULL FROM t", {"SELECT a IS NOT NULL FROM t"}),
        ("SELECT a BETWEEN b AND c FROM t", set()),
        ("SELECT a AND b FROM t", {"SELECT a OR b FROM t"}),
        ("SELECT a = 'late' FROM t", {"SELECT a <> 'late' FROM t", "SELECT a = 'late~' FROM t"}),
        (
            "SELECT max(CASE WHEN t.place = 1 THEN a END) FROM t",
            {f"SELECT max(CASE WHEN t.place {text} THEN a END) FROM t" for text in ("<> 1", "= 2")},
        ),
        ("SELECT *, count(*) FROM t -- 1 < 2 'x'", set()),
        ("SELECT d ->> 'a' || '\n' FROM t", {"SELECT d ->> 'a~' || '\n' FROM t"}),
    ],
)
def test_a_query_is_changed_where_it_means_something(sql, expected):
    """Comparisons, numbers, aggregates, joins, NULL, logic, codes; neither comments nor the stars of lists."""
    assert changed_queries(sql) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = a < b", {"x = a <= b"}),
        ("x = a is not None", {"x = a is None"}),
        ("x = not a", {"x =  a"}),
        ("x = a and b", {"x = a or b"}),
        ("x = 'ü' + a * 2", {"x = 'ü' + a // 2", "x = 'ü' + a * (2 + 1)"}),
        ("_BLOCK_BYTES = 4 * 1024", set()),
        ("_CELL_PX = 30", set()),
        ("x = a in 'WF'", {"x = a not in 'WF'"}),
        ("x = 'W' in a", {"x = 'W' not in a", "x = 'W' '~' in a"}),
        ("x = zip(a, b, strict=True)", set()),
        ("x = a == 'late'", {"x = a != 'late'", "x = a == 'late' '~'"}),
        (
            'def f(a: int = 1) -> "X":\n    """1 < 2."""\n    raise ValueError(f"{a + 1}")',
            {'def f(a: int = (1 + 1)) -> "X":\n    """1 < 2."""\n    raise ValueError(f"{a + 1}")'},
        ),
    ],
)
def test_a_module_is_changed_where_it_means_something(code, expected):
    """Comparisons, logic, arithmetic, numbers, codes; neither annotations, docstrings nor what errors say."""
    assert changed_modules(code) == expected


def test_every_change_of_a_module_is_a_module():
    """No mutant is caught because it cannot be read."""
    _, modules = mutants_of(ROOT, ["analytics/report", "analytics/sql"])

    assert len(modules) > 300
    for mutant in modules[::7]:
        ast.parse(mutant.applied((ROOT / mutant.path).read_bytes()))


def test_a_seed_draws_the_same_again():
    """Half queries, half modules, in an order that the seed gives."""
    paths = ["queries/model/3_times", "analytics/report"]
    first, again, other = (
        [m for _, m in zip(range(20), drawn(ROOT, paths, seed), strict=False)] for seed in (1, 1, 2)
    )

    assert first == again != other
    assert sum(mutant.path.endswith(".sql") for mutant in first) == 10


def test_every_place_has_its_tests():
    """Each folder is there; the tests of a module come first that speak of it most."""
    assert all((ROOT / folder).is_dir() for _, folders in FOLDERS for folder in folders)
    assert folders_of("analytics/site/site.py")
    assert files_for(ROOT, "analytics/report/pack.py")[0] == "tests/report/test_pack.py"


MODULE = """LEAST = 3
_MOST = 5


class Box:
    size = 7

    def holds(self, count=2):
        if count > LEAST:
            return (
                count
                < 9
            )
        return count < _MOST
"""
BODY = {9, 10, 11, 12, 13, 14}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("LEAST = 3", {9}),
        ("_MOST = 5", {14}),
        ("size = 7", BODY),
        ("count=2", BODY),
        ("> LEAST", {9}),
        ("< 9", {10, 11, 12, 13}),
    ],
)
def test_which_lines_show_a_change(tmp_path, text, lines):
    """Those of its statement; of what is computed on import those that name it, or all of its class."""
    path = "analytics/box.py"
    (tmp_path / "analytics").mkdir()
    (tmp_path / path).write_text(MODULE, encoding="utf-8")
    line = MODULE[: MODULE.index(text)].count("\n") + 1

    assert places_of(tmp_path, Mutant(path, 0, "", "", "number", line)) == {(path, each) for each in lines}


def test_the_cheapest_tests_come_first(tmp_path):
    """As many as the seconds allow, at least one."""
    (tmp_path / "x.py").write_text("a = 1\n\n\ndef f():\n    return 1\n", encoding="utf-8")
    mutant = Mutant("x.py", 0, "", "", "number", 5)
    seconds = {"slow": 3.0, "quick": 0.5, "b": 1.0, "a": 1.0, "elsewhere": 0.1}
    executed = Executed(seconds, {("x.py", 5): {"slow", "quick", "a", "b"}, ("x.py", 4): {"elsewhere"}})

    assert executed.near(tmp_path, mutant, 2.5) == ["quick", "a", "b"]
    assert executed.near(tmp_path, mutant, 2.4) == ["quick", "a"]
    assert executed.near(tmp_path, mutant, 0.1) == ["quick"]


@pytest.mark.parametrize(("change", "status"), [("(10 + 1)", "caught"), ("10", "survived")])
def test_a_change_that_matters_is_caught(tmp_path, change, status):
    """A length of 10 s is said without a decimal; the same text survives. Only tests that execute the line are run."""
    path = "analytics/report/words/numbers.py"
    content = (ROOT / path).read_bytes()
    start = content.index(b"10:\n")
    mutant = Mutant(path, start, "10", change, "number", content[:start].count(b"\n") + 1)
    copy = copy_of(ROOT, tmp_path / "copy")
    for other in (copy / "tests").rglob("test_*.py"):
        if other.name != "test_words.py":
            other.unlink()
    executed = gathered(copy, tmp_path / "lines.jsonl")

    outcome = tried(copy, mutant, 60, executed)

    near = executed.near(copy, mutant, 60)
    assert 0 < len(near) < len(executed.seconds)
    assert outcome.status == status
    assert (outcome.by in near) == (status == "caught")
    assert (copy / path).read_bytes() == content
