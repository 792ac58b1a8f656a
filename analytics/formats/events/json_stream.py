"""A stream of JSON objects (an array, lines, or one after the other), decoded one by one in bounded memory."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from analytics.errors import SourceError
from analytics.formats.reading.wrappers import PROMPT
from analytics.sources import Source
from analytics.sources.text import BOMS, raw_length

BLOCK_BYTES = 1 << 20
_MAX_VALUE_CHARACTERS = 8 << 20
_EXCERPT = 200

# A prompt with its command, up to the bracket with which the output may begin on the same line.
_PROMPT = rf"{PROMPT}[^\n]{{0,2000}}?(?=[\[{{]?[ \t\r]*(?:\n|$))"
_BETWEEN = re.compile(rf"(?:[\s,\[\]\ufeff]++|Record \d++|{_PROMPT})*+")
_FIRST_PROMPT = re.compile(rf"[\s\ufeff]*+{_PROMPT}")
_STRICT, _LENIENT = json.JSONDecoder(), json.JSONDecoder(strict=False)
_NEXT = re.compile(r"\n[ \t]{0,8}\{")


# What a cut copy begins with: the end of one line, or of an object over several lines, above the next object.
_CUT_BEGIN = re.compile(
    r'\s*+(?![\[{])[^\n]{0,16384}\n(?:[ \t]*(?:["\]}][^\n]*|\{)\r?\n){0,400}?(?=[ \t]{0,8}\{)'
)


@dataclass(frozen=True, slots=True)
class Value:
    """One object and where it begins."""

    content: Any
    byte_offset: int
    excerpt: str


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch that is no JSON object, up to the next line that begins one."""

    reason: str
    byte_offset: int
    excerpt: str


def without_prompt(text: str) -> str:
    """A text without the prompt and the command that stand above it in a console."""
    found = _FIRST_PROMPT.match(text)
    return text[found.end() :] if found else text


def from_first_object(text: str) -> str:
    """A text from its first object on, where a cut one stands above it; any other text as it is."""
    found = _CUT_BEGIN.match(text)
    return text[found.end() :].lstrip() if found and '"' in found[0] else text


def values(source: Source, encoding: str) -> Iterator[Value | Damage]:
    """The objects of a source in their order; raises SourceError after those that a broken stream gave."""
    text, offset = "", 0
    blocks = _blocks(source, encoding)
    more = True
    while more or text:
        block = next(blocks, None)
        problem: SourceError | None = None
        if block is None:
            more = False
        else:
            added, start, problem = block
            offset = offset if text else start
            text += added
        used = 0
        for item, end in _decoded(text, final=not more):
            offset += _length(text[used : item.byte_offset], encoding)
            yield _at(item, offset)
            offset += _length(text[item.byte_offset : end], encoding)
            used = end
        text, offset = _rest(text, used, offset, encoding, more)
        if problem:
            yield from _unfinished(text, offset, encoding)
            raise problem


def _unfinished(text: str, offset: int, encoding: str) -> Iterator[Damage]:
    """The object within which a source breaks; nothing where it breaks between two."""
    between = _BETWEEN.match(text)
    start = between.end() if between else 0
    if start < len(text):
        place = offset + _length(text[:start], encoding)
        yield Damage("the source ends inside this object", place, text[start : start + _EXCERPT])


def _rest(text: str, used: int, offset: int, encoding: str, more: bool) -> tuple[str, int]:
    return (text[used:], offset) if more else ("", offset + _length(text[used:], encoding))


def _at(item: Value | Damage, offset: int) -> Value | Damage:
    if isinstance(item, Value):
        return Value(item.content, offset, item.excerpt)
    return Damage(item.reason, offset, item.excerpt)


def _length(text: str, encoding: str) -> int:
    return raw_length(text.encode("utf-8", "replace"), encoding)


def _decoded(text: str, final: bool) -> Iterator[tuple[Value | Damage, int]]:
    """Objects with their place in the text and where each ends; an unfinished last one waits for more text."""
    place = 0
    while True:
        found = _BETWEEN.match(text, place)
        place = found.end() if found else place
        if place >= len(text):
            return
        try:
            content, end = _object_at(text, place)
            yield Value(content, place, text[place : min(end, place + _EXCERPT)]), end
        except (ValueError, RecursionError) as error:
            following = _NEXT.search(text, place + 1)
            waits = not final and len(text) - place < _MAX_VALUE_CHARACTERS
            if waits and (following is None or _may_continue(error, text)):
                return
            end = following.start() + 1 if following else len(text)
            yield Damage(_reason(error), place, text[place : place + _EXCERPT]), end
        place = end


def _object_at(text: str, place: int) -> tuple[Any, int]:
    """A value and its end; an object may hold texts that a console broke. ValueError where there is none."""
    try:
        return _STRICT.raw_decode(text, place)
    except ValueError as error:
        if not error.args[0].startswith("Invalid control character"):
            raise
        try:
            content, end = _LENIENT.raw_decode(text, place)
        except ValueError:
            raise error from None
        if not isinstance(content, dict):
            raise
        return content, end


def _reason(error: Exception) -> str:
    """Why; without the line that the parser counts, which begins anew with each block."""
    return f"broken JSON: {error.msg}" if isinstance(error, json.JSONDecodeError) else "broken JSON"


def _may_continue(error: Exception, text: str) -> bool:
    """True where the error stands at the end of the text, so that more text may mend it."""
    position = getattr(error, "pos", None)
    return position is not None and (position >= len(text) - 8 or "Unterminated" in str(error))


def _blocks(source: Source, encoding: str) -> Iterator[tuple[str, int, SourceError | None]]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    with source.open() as stream:
        offset = 0
        while True:
            try:
                block = stream.read(BLOCK_BYTES)
            except SourceError as error:
                yield "", offset, error
                return
            if not block:
                break
            if offset == 0:
                bom = next((bom for bom, name in BOMS if name == encoding and block.startswith(bom)), b"")
                block, offset = block[len(bom) :], len(bom)
            start = offset - len(decoder.getstate()[0])  # a character that the last block cut begins there
            yield decoder.decode(block), start, None
            offset += len(block)
        if rest := decoder.decode(b"", final=True):
            yield rest, offset, None
