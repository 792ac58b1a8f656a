"""The generated parts of the documents; `python -m analytics.cli.docs [--check]` writes or checks them.

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`; what it says is declared elsewhere, once. Generated
as a whole are the heads of the files in queries/model/, the verdicts in the tables of tests/bench/README.md, and what
Vega-Lite is told of each figure (analytics/report/page/specifications.*.json).
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from analytics.cli.figure_docs import renewed_verdicts
from analytics.cli.model_docs import MODEL_PARTS, renewed_head
from analytics.cli.reference_docs import COMMAND_PARTS, FORMAT_PARTS
from analytics.errors import ConfigurationError, DpmAnalyticsError

_ROOT = Path(__file__).resolve().parents[2]
PART = re.compile(
    r"(?P<head><!-- generated: (?P<name>[\w-]+) -->\n)(?P<body>.*?)(?P<foot><!-- end -->)", re.DOTALL
)

_Parts = Mapping[str, Callable[[], str]]
_FIGURES = _ROOT / "tests" / "bench" / "README.md"
QUERIES_README = _ROOT / "queries" / "README.md"
DOCUMENTS: dict[Path, _Parts] = {
    _ROOT / "analytics" / "cli" / "README.md": COMMAND_PARTS,
    QUERIES_README: MODEL_PARTS,
    _ROOT / "sample_logs" / "FORMATS.md": FORMAT_PARTS,
}


def renewed(text: str, parts: _Parts, where: str) -> str:
    """The text with its generated parts renewed; ConfigurationError for an unknown or missing part."""
    found = [match["name"] for match in PART.finditer(text)]
    if sorted(found) != sorted(parts):
        raise ConfigurationError(f"has the parts {found}", where, f"each once: {', '.join(parts)}")
    return PART.sub(lambda match: f"{match['head']}{parts[match['name']]()}{match['foot']}", text)


def _stale() -> dict[Path, str]:
    """The files that are not current, each with the text that would be right."""
    present = {path: path.read_text(encoding="utf-8") for path in DOCUMENTS}
    wanted = {path: renewed(present[path], parts, _name(path)) for path, parts in DOCUMENTS.items()}
    stale = {path: text for path, text in wanted.items() if text != present[path]}
    return stale | stale_heads() | stale_figures() | _stale_drawings()


def stale_figures() -> dict[Path, str]:
    """The document of the figures, where a verdict does not follow from its row."""
    text = _FIGURES.read_text(encoding="utf-8")
    wanted = renewed_verdicts(text)
    return {_FIGURES: wanted} if wanted != text else {}


def _stale_drawings() -> dict[Path, str]:
    """The files of the drawings, where a drawing or a word in one has changed."""
    from analytics.report.page.specifications import drawn_text, kept_path
    from analytics.report.words import languages

    wanted = {kept_path(language): drawn_text(language) for language in languages()}
    return {
        path: text
        for path, text in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }


def _name(path: Path) -> str:
    return "/".join(path.parts[-2:])


def stale_heads() -> dict[Path, str]:
    """The files of queries/model/ whose heads are not current; ConfigurationError for one that is not declared."""
    from analytics.sql import model_queries
    from analytics.tables import TABLES

    found = {}
    for name, query in model_queries().items():
        if name not in TABLES:
            raise ConfigurationError(
                "no such table", str(query.path), "declare it in analytics/tables/internal"
            )
        text = query.path.read_text(encoding="utf-8")
        if (head := renewed_head(text, TABLES[name])) != text:
            found[query.path] = head
    return found


def main(words: list[str] | None = None) -> int:
    """Renew the documents, or with --check say which are not current (exit code 1 where one is not)."""
    parser = argparse.ArgumentParser(prog="python -m analytics.cli.docs", description=main.__doc__)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit code 1 where a part is stale"
    )
    check = parser.parse_args(words).check
    try:
        found = _stale()
    except DpmAnalyticsError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    for path, text in found.items():
        if check:
            sys.stderr.write(f"{path} is not current; run python -m analytics.cli.docs\n")
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
    return 1 if check and found else 0


if __name__ == "__main__":
    sys.exit(main())
