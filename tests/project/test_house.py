"""The rules of the house (design.md section 3) that a machine can check and no linter of ours does."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "analytics").rglob("*.py"))
QUERIES = sorted((ROOT / "queries").rglob("*.sql"))

TOP_LEVEL = {"analytics", "sample_logs", "queries", "tests", "pyproject.toml", "README.md", "LICENSE"}
NOT_FOR_MODULES = {"utils", "util", "helpers", "helper", "common", "manager", "core", "misc"}
POSIX_ONLY = {"fcntl", "grp", "pty", "pwd", "resource", "termios"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 60


@cache
def trees() -> dict[str, ast.Module]:
    """Every module, parsed, by its path: by the test that asks, not by each process that collects tests."""
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_bytes()) for path in MODULES}


def name_of(path: Path) -> str:
    """Path as test id."""
    return path.relative_to(ROOT).as_posix()


def functions(tree: ast.AST) -> list[ast.FunctionDef]:
    """All functions of a module, methods and inner ones, too."""
    return [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def length(function: ast.FunctionDef) -> int:
    """Lines of a function, without its docstring."""
    docstring = function.body[0] if ast.get_docstring(function) else None
    spared = docstring.end_lineno - docstring.lineno + 1 if docstring else 0
    return function.end_lineno - function.lineno + 1 - spared


def opens_text(call: ast.Call) -> bool:
    """Whether a call opens a file as text."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in {"read_text", "write_text"}:
        return True
    modes = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    return name == "open" and any(mode in {"r", "w", "a", "x"} for mode in modes)


def exported_key(name: str) -> tuple[int, str]:
    """Order of exported names as ruff has it: constants, classes, functions."""
    kind = 0 if name.isupper() else 1 if name[0].isupper() else 2
    return kind, name


def imported(tree: ast.AST) -> set[str]:
    """Top-level names of the packages that a module imports."""
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[0] for name in names}


class TestModules:
    def test_no_file_is_long(self):
        """A file has at most 400 lines."""
        lengths = {name_of(path): len(path.read_bytes().splitlines()) for path in MODULES}

        assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}

    def test_no_function_is_long(self):
        """A function has at most 60 lines."""
        lengths = {
            (name, node.name): length(node) for name, tree in trees().items() for node in functions(tree)
        }

        assert {place: lines for place, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}

    def test_half_of_the_functions_are_short(self):
        """The median function has at most seven lines, with its head and without its docstring."""
        lengths = sorted(length(node) for tree in trees().values() for node in functions(tree))

        assert lengths[len(lengths) // 2] <= 7

    def test_names_say_something(self):
        """No module is called utils, helpers, common, manager, core or misc."""
        assert {path.stem for path in MODULES} & NOT_FOR_MODULES == set()

    def test_texts_are_opened_with_their_encoding(self):
        """Text files name their encoding: the default differs between Windows and the rest."""
        calls = [
            (name, node)
            for name, tree in trees().items()
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
        ]
        opening = [(name, call) for name, call in calls if opens_text(call)]

        assert opening
        assert [
            (n, c.lineno) for n, c in opening if "encoding" not in {word.arg for word in c.keywords}
        ] == []

    def test_nothing_that_windows_lacks(self):
        """No module of POSIX only is imported, nothing is forked."""
        assert {
            name: imported(tree) & POSIX_ONLY for name, tree in trees().items() if imported(tree) & POSIX_ONLY
        } == {}
        assert [name_of(path) for path in MODULES if "os.fork" in path.read_text(encoding="utf-8")] == []

    def test_exported_names_are_sorted(self):
        """__all__ is in order, each name once."""
        exported = {
            name: ast.literal_eval(node.value)
            for name, tree in trees().items()
            for node in tree.body
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
        }

        assert exported
        assert {
            name: names for name, names in exported.items() if names != sorted(set(names), key=exported_key)
        } == {}


class TestWhole:
    def test_top_level_names(self):
        """The top level holds what the contract names, and dot-files."""
        listed = subprocess.run(
            ["git", "ls-files"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
        )
        if listed.returncode:
            pytest.skip("not a git checkout")
        names = {line.split("/")[0] for line in listed.stdout.splitlines()}

        assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL

    @pytest.mark.parametrize("path", QUERIES, ids=name_of)
    def test_one_query_one_file(self, path):
        """A query file is UTF-8, has at most 400 lines and line feeds only."""
        data = path.read_bytes()

        assert b"\r" not in data
        assert len(data.decode("utf-8").splitlines()) <= LONGEST_FILE
