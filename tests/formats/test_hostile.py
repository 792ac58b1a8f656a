"""No pattern of a reader backtracks without bound on a text that was made for it."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

import analytics.formats
from analytics.formats import FORMATS, Head
from analytics.formats.bystanders import bystander_of
from analytics.formats.errlog.search_results import Mark
from analytics.formats.nearest import nearest

# Texts that are repeated: what patterns take in more than one way.
PUMPS = (
    " ", "\t", "\n", "a", "A", "0", "1 ", "a ", "a: ", ": ", "> ", "&gt; ", ">", "-", "- ", "=", "'", '"', "\\",
    "\\\\a", "/", ".", ",", ", ", "(", ")", "[", "]", "{", "}", "<", "<?x?>", "<!--a-->", "<!--", "<Events>", "<Event ",
    "</a>", "<a>", "0:", "00:", "00:00:00", "0/", "0.", "a.", "a.errlog", "a.errlog:", "C:\\", "C:\\a>",
    "PS C:\\a>", "Record 1", "x1 ", "1: ", "(ID 1 ", "(ID 1 a:0x", "0x1", "{00000000-", "年", "é", "ア", " 1", "1,",
    "1.000", "xmlns:a='b' ", "a b", "|", "#", "Line 1: ",
)  # fmt: skip
ENDS = ("", "\0", "x\n")
# An exponential pattern takes seconds for some dozen pieces; searching may take their square.
SIZES = (12, 24, 36, 4096)
SEARCHED = 36
MOST_CHARACTERS = 4096
# Of the processor, so that a busy machine is no failure; a pattern that explodes takes minutes.
MOST_S = 10.0


def modules() -> Iterator[Any]:
    """All modules of the formats."""
    for found in pkgutil.walk_packages(analytics.formats.__path__, "analytics.formats."):
        yield importlib.import_module(found.name)


def patterns() -> list[Any]:
    """The compiled patterns of all modules, each once, also those in tuples, objects and dictionaries."""
    found: dict[tuple[Any, int], Any] = {}
    for module in modules():
        for name, value in vars(module).items():
            for pattern in inner(value):
                key = (pattern.pattern, pattern.flags)
                found.setdefault(key, pytest.param(pattern, id=f"{module.__name__.split('.')[-1]}.{name}"))
    return list(found.values())


def inner(value: Any, depth: int = 3) -> Iterator[re.Pattern[Any]]:
    """The patterns in a value."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, dict):
        for entry in value.values():
            yield from inner(entry, depth - 1)
    elif depth and isinstance(value, (tuple, list)):
        for entry in value:
            yield from inner(entry, depth - 1)
    elif depth and isinstance(value, Mark):
        yield from (value.before_record, value.line)


@pytest.mark.parametrize("pattern", patterns())
def test_no_pattern_explodes(pattern: re.Pattern[Any]) -> None:
    """Some dozen pieces are searched, and thousands matched, with and without an end that does not fit, in no time."""
    for pump in PUMPS:
        for end in ENDS:
            for size in SIZES:
                text: Any = (pump * size)[:MOST_CHARACTERS] + end
                text = text.encode() if isinstance(pattern.pattern, bytes) else text
                started = time.process_time()
                pattern.fullmatch(text)
                pattern.match(text)
                if size <= SEARCHED:
                    pattern.search(text)
                took_s = time.process_time() - started
                assert took_s < MOST_S, f"{size} times {pump!r} and {end!r}: {took_s:.1f} s"


@pytest.mark.parametrize("pump", PUMPS)
def test_no_file_takes_long_to_recognise(pump: str) -> None:
    """A head full of one text is judged by all formats in a moment."""
    head = Head("x", (pump * 65536).encode()[:65536])
    started = time.process_time()
    assert [entry for entry in FORMATS if entry.recognise(head)] in ([], [FORMATS[-1]])
    bystander_of(head)
    nearest(head)
    assert time.process_time() - started < 6 * MOST_S
