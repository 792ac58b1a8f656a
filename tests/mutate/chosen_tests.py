"""Which tests touch a place: folders by path, files by how often they speak of it."""

from __future__ import annotations

import re
from pathlib import Path

# the first that fits; the tests of the first folder run whole, of the others the files that name the place most
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
    ("analytics/planning/", ("tests/model",)),
    ("analytics/synth/", ("tests/synth", "tests/model")),
    ("analytics/cli/", ("tests/cli", "tests/project")),
    ("analytics/", ("tests/project", "tests/sql", "tests/cli")),
)
FURTHER_FILES = 5
LAST = "test_browser.py"


def folders_of(path: str) -> tuple[str, ...]:
    """The folders whose tests touch a path."""
    return next(folders for start, folders in FOLDERS if path.startswith(start))


def files_for(root: Path, path: str) -> list[str]:
    """The test files for a path, those that name it most come first."""
    first, *further = folders_of(path)
    name = re.compile(rf"(?<![a-z]){re.escape(Path(path).stem)}(?![a-z])")
    own = ranked(root / first, name)
    others = [entry for folder in further for entry in ranked(root / folder, name) if entry[0]]
    chosen = [*own, *sorted(others, key=lambda entry: -entry[0])[:FURTHER_FILES]]
    return [file.relative_to(root).as_posix() for _, file in chosen]


def ranked(folder: Path, name: re.Pattern[str]) -> list[tuple[int, Path]]:
    """The test files of a folder with how often they name something, most first; the browser's come last."""
    counted = [
        (len(name.findall(file.name)) * 100 + len(name.findall(file.read_text(encoding="utf-8"))), file)
        for file in sorted(folder.glob("test_*.py"))
    ]
    return sorted(counted, key=lambda entry: (entry[1].name == LAST, -entry[0]))
