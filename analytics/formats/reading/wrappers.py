"""What mails, tickets, wikis, editors and consoles put around a pasted log, taken off once for all text formats.

A wrapper is what stands in front of the lines: quote marks (`> `, `&gt; `), line numbers (`Line 28: `, `  28: `), marks
of a comment (`# `), bullets, the indentation of a block of code. It is learned from the line that begins a record and
taken off the lines below as long as they bear it, so that a message that begins with such a sign keeps it. Lines that
only dress a paste (prompts, rulers, fences of code) say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from analytics.formats.format import Head
from analytics.sources import Issue, Line, Source, text_lines

_IsStart = Callable[[str], bool]

# Possessive throughout: no sequence of marks is tried twice, however a hostile line is made.
_QUOTE = r"(?:(?:>|&gt;|\|)[ \t]?)++"
_NUMBER = r"(?:[^\W\d_]{1,12}+\.?[ \t]{1,4}+)?+\d{1,7}+(?:,\d{1,5}+)?+[ \t]?(?:[:：][ \t]?|\|[ \t]?|\t)"
_COMMENT = r"(?:\#{1,4}+|//|::|;)[ \t]?"
_BULLET = r"[-*+•·・][ \t]"
_MARKS = tuple(
    re.compile(rf"[ \t\u3000]{{0,40}}+(?:{mark})") for mark in (_QUOTE, _NUMBER, _COMMENT, _BULLET)
)
_ANY_MARK = re.compile("|".join([*(mark.pattern for mark in _MARKS), r"[ \t]"]))
_MAX_INDENT = 40
_MAX_WRAPPERS = 3

_PATH = r"(?:[A-Za-z]:\\|\\\\|HK[A-Z]{2}:\\|[A-Z][a-z]+:\\)[^<>|\"\n]{0,260}"
PROMPT = rf"(?:\[[\w.-]{{1,64}}\]: )?(?:PS {_PATH}|[A-Za-z]:\\[^<>|\"\n]{{0,260}}|PS )>"
_PROMPT_LINE = re.compile(rf"\s{{0,40}}(?:{PROMPT}|>>\s).*", re.DOTALL)
_DRESS = re.compile(
    r"\s*+(?:(?:(?:>|&gt;)\s?)++|[-=_*~#+─═]{3,}+|(?:`{3,}+|~{3,}+)[\w-]{0,20}+|\{(?:code|noformat|quote)[^{}]{0,40}+\}|\[/?(?:code|quote)\]"
    r"|</?(?:pre|code|blockquote)>)?\s*+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Wrapper:
    """The marks in front of a line, from the left."""

    marks: tuple[re.Pattern[str], ...] = ()

    def taken_off(self, text: str) -> str | None:
        """The text behind the marks; None where it does not bear them."""
        for mark in self.marks:
            found = mark.match(text)
            if found is None:
                return None
            text = text[found.end() :]
        return text


_BARE = _Wrapper()


def wrapper_of(text: str, is_start: _IsStart) -> _Wrapper | None:
    """The wrapper in front of a line that begins a record; None where there is neither."""
    marks: tuple[re.Pattern[str], ...] = ()
    rest = text
    for _ in range(_MAX_WRAPPERS):
        mark = next((pattern for pattern in _MARKS if pattern.match(rest)), None)
        if mark is None:
            break
        marks = (*marks, mark)
        rest = _Wrapper((mark,)).taken_off(rest) or ""
        if is_start(rest):
            return _Wrapper(marks)
    indent = len(rest) - len(rest.lstrip(" \t"))
    if indent <= _MAX_INDENT and is_start(rest[indent:]):
        return _Wrapper((*marks, re.compile(rf"[ \t]{{{indent}}}")))
    return None


def unwrapped(lines: Iterable[Line | Issue], is_start: _IsStart) -> Iterator[Line | Issue]:
    """The lines without what stands in front of them; `is_start` tells a line that begins a record."""
    wrapper, is_missed = _BARE, False
    for line in lines:
        if isinstance(line, Issue):
            yield line
            continue
        text, found = _bare(line.text, wrapper, is_start)
        # a line that lost its mark ends nothing where the next one bears it
        is_missed = bool(wrapper.marks and not found.marks and not is_missed) and not is_start(text)
        wrapper = wrapper if is_missed else found
        yield line if text is line.text else replace(line, text=text)


def _bare(text: str, wrapper: _Wrapper, is_start: _IsStart) -> tuple[str, _Wrapper]:
    if not text:
        return text, wrapper
    if wrapper.marks and (inner := wrapper.taken_off(text)) is not None:
        return inner, wrapper
    if wrapper.marks and not text.strip():
        return text, wrapper
    # Most lines of most logs bear no mark: whether they begin a record is then of no interest.
    if _ANY_MARK.match(text) is None or is_start(text):
        return text, _BARE
    found = wrapper_of(text, is_start)
    return (text, _BARE) if found is None else (found.taken_off(text) or "", found)


def bare_lines(source: Source, encoding: str | None, is_start: _IsStart) -> Iterator[Line | Issue]:
    """The lines of a source without what stands in front of them."""
    return unwrapped(text_lines(source, encoding), is_start)


def bare_head(head: Head, is_start: _IsStart) -> list[str]:
    """The lines of a head without what stands in front of them."""
    bare = unwrapped((Line(number, 0, text) for number, text in enumerate(head.lines, 1)), is_start)
    return [line.text for line in bare if isinstance(line, Line)]


def is_prompt(text: str) -> bool:
    """Whether a line is the prompt of a console, with or without a command."""
    return _PROMPT_LINE.fullmatch(text) is not None


def is_dress(text: str) -> bool:
    """Whether a line is blank, a ruler or the fence of a code block."""
    return _DRESS.fullmatch(text) is not None
