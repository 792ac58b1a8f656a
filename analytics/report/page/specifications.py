"""What Vega-Lite is told of each figure, drawn beforehand: it depends on no row, and altair takes a second for it.

`python -m analytics.cli.docs` draws them anew, a file per language, whenever a drawing or one of its words changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from analytics.charts.palette import MARKED_NIGHTS, nights_px
from analytics.report.contents import Figure, Report
from analytics.report.sections import SECTIONS
from analytics.report.words import Words

__all__ = ["drawn", "drawn_text", "kept_path", "specification"]

_WINDOW = ("window_from_ms", "window_to_ms")
_MANY = "_many"  # what follows a chart's name where it is drawn otherwise for many nights


class _Kept(NamedTuple):
    """What a file holds: the drawings by name, the codes of the words in them, a digest of both words and drawings."""

    altair: str
    digest: str
    codes: Mapping[str, str]
    specs: Mapping[str, dict[str, Any]]


def specification(figure: Figure, report: Report) -> dict[str, Any]:
    """The Vega-Lite specification whose rows come later, under the name `rows` (and `head` above them)."""
    specs = (_kept(report.words.language) or drawn(report.words)).specs
    nights = report.results["night_summary"].table.num_rows
    many = f"{figure.chart}{_MANY}"
    spec = dict(specs[many if nights > MARKED_NIGHTS and many in specs else figure.chart])
    if spec.pop("is_by_night", False):
        spec["width"] = nights_px(nights)
    window = [{"name": name, "value": value} for name, value in zip(_WINDOW, report.window_ms, strict=True)]
    title = report.words.text(f"figure.{figure.chart}")
    return spec | {"description": title, "params": window}


@cache
def _kept(language: str) -> _Kept | None:
    """What is drawn in a language; None for one that is not among the installed ones."""
    path = kept_path(language)
    return _Kept(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def kept_path(language: str) -> Path:
    """The file of a language."""
    return Path(str(resources.files("analytics.report.page").joinpath(f"specifications.{language}.json")))


def drawn_text(language: str) -> str:
    """What the file of a language should hold: as it is, unless drawings or words of it have changed."""
    words, kept = Words.of(language), _kept(language)
    if kept and kept.digest == _digest(words, kept.codes):
        return kept_path(language).read_text(encoding="utf-8")
    return _as_text(drawn(words))


@cache
def drawn(words: Words) -> _Kept:
    """Every figure of the report as altair draws it."""
    import inspect

    import altair as alt

    from analytics.charts import draw, drawings

    asked = _Asked(words)
    specs: dict[str, dict[str, Any]] = {}
    for figure in (figure for section in SECTIONS for figure in section.figures):
        is_by_night = "nights" in inspect.signature(drawings()[figure.chart]).parameters
        given: dict[str, Any] = dict(zip(_WINDOW, _WINDOW, strict=True))
        if figure.head:
            given["load"] = alt.NamedData("head")
        for nights in (1, MARKED_NIGHTS + 1) if is_by_night else (1,):
            chart = draw(figure.chart, alt.NamedData("rows"), asked, nights=nights, **given)
            spec: dict[str, Any] = chart.to_dict(validate=False)
            for name in ("config", "$schema", "width" if is_by_night else ""):
                spec.pop(name, None)
            if is_by_night:
                spec["is_by_night"] = True
            if nights == 1 or spec != specs[figure.chart]:
                specs[figure.chart + (_MANY if nights > 1 else "")] = spec
    return _Kept(alt.__version__, _digest(words, asked.codes), dict(sorted(asked.codes.items())), specs)


def _as_text(kept: _Kept) -> str:
    """JSON with a line for each drawing, so that differences can be read."""
    lines = [f'"{name}": {json.dumps(spec, ensure_ascii=False)}' for name, spec in kept.specs.items()]
    head = json.dumps(kept._replace(specs={})._asdict(), ensure_ascii=False)
    return head.removesuffix("{}}") + "{\n" + ",\n".join(lines) + "\n}}\n"


class _Asked:
    """Labels that note what was asked of them."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self.codes: dict[str, str] = {}

    def text(self, code: str, /) -> str:
        """The text under `code`."""
        self.codes[code] = "text"
        return self._words.text(code)

    def table(self, path: str) -> Mapping[str, Any]:
        """The words under `path`."""
        self.codes[path] = "table"
        return self._words.table(path)


def _digest(words: Words, codes: Mapping[str, str]) -> str:
    """Of the drawings' code and the words in them."""
    found = hashlib.sha256()
    for path in sorted(Path(str(resources.files("analytics.charts"))).glob("*.py")):
        found.update(path.name.encode() + b"\0" + path.read_text(encoding="utf-8").encode() + b"\0")
    for code, kind in sorted(codes.items()):
        said = words.text(code) if kind == "text" else dict(words.table(code))
        found.update(json.dumps([code, said], sort_keys=True, default=str).encode())
    return found.hexdigest()[:16]
