"""One page with a line per night, the newest first; what was removed meanwhile has no link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import groupby
from typing import TYPE_CHECKING

from analytics.report.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGE = "report.html"


@dataclass(frozen=True)
class Entry:
    """The report of one night: `folder` is its address below the page, `verdict` "" where it is not kept."""

    night: str
    folder: str
    verdict: str
    tone: str
    trust: str
    files: tuple[str, ...]

    @property
    def page(self) -> str:
        """Address of its page, "" where there is none."""
        return f"{self.folder}/{_PAGE}" if _PAGE in self.files else ""

    @property
    def others(self) -> tuple[str, ...]:
        """Its other files."""
        return tuple(name for name in self.files if name != _PAGE)


def index_page(entries: Sequence[Entry], words: Words) -> bytes:
    """The page as UTF-8; verdicts are escaped by the template."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    newest_first = sorted(entries, key=lambda entry: entry.night, reverse=True)
    page = Environment(autoescape=True, undefined=StrictUndefined).from_string(_asset("index.html"))
    style = Markup(_asset("index.css"))  # noqa: S704 - ours
    return page.render(months=list(_months(newest_first)), say=words.text, words=words, style=style).encode(
        "utf-8"
    )


def _asset(name: str) -> str:
    return resources.files("analytics.report.archive").joinpath(name).read_text(encoding="utf-8")


def _months(entries: Sequence[Entry]) -> Iterator[tuple[str, list[Entry]]]:
    for month, group in groupby(entries, key=lambda entry: entry.night[:7]):
        yield month, list(group)
