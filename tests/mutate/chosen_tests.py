"""Which tests touch a place: folders by path, files by how often they speak of it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

# the first that fits; of the first folder run the files that speak of the place most, of the others fewer
FOLDERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("queries/model/", ("tests/model", "tests/sql", "tests/report", "tests/cli")),
    ("analytics/formats/", ("tests/formats", "tests/ingest")),
    ("analytics/sources/", ("tests/sources", "tests/formats", "tests/ingest")),
    ("analytics/ingest/", ("tests/ingest", "tests/cli")),
    ("analytics/store/", ("tests/store", "tests/ingest", "tests/cli")),
    ("analytics/sql/", ("tests/sql", "tests/model", "tests/cli")),
    ("analytics/tables/", ("tests/tables", "tests/project", "tests/sql", "tests/model")),
    ("analytics/charts/", ("tests/charts", "tests/report")),
    ("analytics/report/", ("tests/report", "tests/charts", "tests/cli")),
    ("analytics/planning/", ("tests/planning", "tests/model")),
    ("analytics/site/", ("tests/project", "tests/morning", "tests/cli")),
    ("analytics/morning/", ("tests/morning", "tests/cli")),
    ("analytics/synth/", ("tests/synth", "tests/model")),
    ("analytics/cli/", ("tests/cli", "tests/project")),
    ("analytics/", ("tests/project", "tests/sql", "tests/cli")),
)
# what every module of a kind defines tells nothing
GENERIC = frozenset({"run", "read", "recognise", "add_arguments", "write"})
# the golden samples hold every number of the simulation: they notice first
FIRST = {"analytics/synth/": "tests/synth/test_samples.py"}
OWN_FILES = 3
FURTHER_FILES = 1
# they try the whole, or need minutes: no place is theirs
NOT_NEAR = frozenset({"test_browser.py", "test_ci.py", "test_mutate.py", "test_walk.py", "test_wheel.py"})


def folders_of(path: str) -> tuple[str, ...]:
    """The folders whose tests touch a path."""
    return next((folders for start, folders in FOLDERS if path.startswith(start)), ())


def files_for(
    root: Path, path: str, own_files: int = OWN_FILES, further_files: int = FURTHER_FILES
) -> list[str]:
    """The test files next to a path: they bear its name, import it or speak of it most; the nearest comes first."""
    first, *further = folders_of(path)
    words = words_of(root, path)
    name = Path(path).stem
    ranks = ranked(root / first, name, words)
    own = ([entry for entry in ranks if entry[0]] or ranks)[:own_files]
    others = sorted(
        (entry for folder in further for entry in ranked(root / folder, name, words) if entry[0]),
        key=lambda entry: -entry[0],
    )
    chosen = [file.relative_to(root).as_posix() for _, file in [*own, *others[:further_files]]]
    early = next((file for start, file in FIRST.items() if path.startswith(start)), None)
    return list(dict.fromkeys([early, *chosen] if early else chosen))


def words_of(root: Path, path: str) -> re.Pattern[str]:
    """What tests of a place say: its name, and what a module defines for others."""
    file = root / path
    names = [file.stem]
    if file.suffix == ".py" and len(file.relative_to(root).parts) > 3:
        names.append(file.parent.name)
    if file.suffix == ".py" and file.is_file():
        tree = ast.parse(file.read_bytes())
        defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        names += [name for name in defined if not name.startswith("_") and name not in GENERIC]
    return re.compile(rf"(?<![a-z])(?:{'|'.join(map(re.escape, names))})(?![a-z])")


def ranked(folder: Path, name: str, words: re.Pattern[str]) -> list[tuple[int, Path]]:
    """The test files of a folder with how often they say one of the words, those that bear the name first."""
    counted = [
        (
            (name in file.stem) * 1000
            + len(words.findall(file.name)) * 100
            + len(words.findall(text))
            # a test that asks for one view by its name
            + text.count(f'"{name}"') * 10,
            file,
        )
        for file in sorted(folder.glob("test_*.py"))
        if file.name not in NOT_NEAR and (text := file.read_text(encoding="utf-8"))
    ]
    return sorted(counted, key=lambda entry: -entry[0])
