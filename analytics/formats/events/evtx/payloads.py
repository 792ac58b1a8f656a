"""Payloads as the evtx library writes them (`{"name":"value",...}`) in their normal form (event_payload).

Payloads of plain names and values are worked on all at once, as bytes; those that hold a brace, a bracket or a
backslash before an r, inside a text or not, need a look of their own. An unescaped quote before a colon ends a name or
begins a value, and stands behind a colon, comma or brace only where it begins one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics.formats.reading.values import GUID

# Elements within elements, or anything behind EventData.
_NESTED = ('":{', '":[', '},"')

_QUOTE, _COLON, _COMMA, _BACKSLASH, _SMALL_R, _OPEN, _CLOSE, _BRACKET, _NULL = b'":,\\r{}[n'

# The end of a payload with an empty Binary, and of few others, backwards.
_ENDING = tuple(enumerate(reversed(b'ry":""}'), 1))

_BARE = re.compile(r'([^\\:,{]":)(-?[0-9][^,}"]*|true|false)')
_BRACED = re.compile(rf'":"\{{({GUID})\}}"')
_CARRIAGE_RETURN = re.compile(r"(\\+)r\\n")

_Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Places = np.ndarray[Any, np.dtype[np.signedinteger[Any]]]


def text_array(texts: list[str]) -> pa.Array:
    """The texts as an array; for ASCII, which most are, joining them is twice as fast as pyarrow."""
    joined = "".join(texts)
    if not joined.isascii():
        return pa.array(texts, pa.string())
    bounds = np.zeros(len(texts) + 1, np.int32)
    np.fromiter(map(len, texts), np.int32, len(texts)).cumsum(out=bounds[1:])
    return _array(bounds, joined.encode())


def normal_forms(payloads: pa.Array) -> pa.Array:
    """Payloads in their normal form, wrong in uneven_rows()."""
    return pc.replace_substring(_quoted(payloads), "\\r\\n", "\\n")


def intricate_form(payload: str) -> str:
    """The normal form of a payload that is not nested, even in uneven_rows()."""
    payload = _BARE.sub(r'\1"\2"', payload).replace('":""', '":null').replace(',"Binary":null}', "}")
    payload = _BRACED.sub(lambda found: f'":"{found[1].upper()}"', payload)
    return _CARRIAGE_RETURN.sub(_line_feed, payload)


def _line_feed(found: re.Match[str]) -> str:
    """Only an odd number of backslashes makes this a carriage return; after an even one it is a plain r."""
    return f"{found[1]}n" if len(found[1]) % 2 else found[0]


def is_intricate(payload: str) -> bool:
    """Whether a payload that is not nested may need intricate_form()."""
    return '":"{' in payload or "\\\\r" in payload or payload.endswith('"Binary":""}')


def is_nested(payload: str) -> bool:
    """Whether a payload may hold more than plain names and values."""
    return any(part in payload for part in _NESTED)


def uneven_rows(payloads: pa.Array) -> list[int]:
    """The rows with a brace inside, a bracket, an empty Binary, or a backslash before the one before an r."""
    text, bounds = _bytes_of(payloads)
    if not len(text):
        return []
    inner = (text == _OPEN) | (text == _CLOSE) | (text == _BRACKET)
    inner[bounds[:-1]] = inner[bounds[1:] - 1] = False
    inner[2:] |= (text[2:] == _SMALL_R) & (text[1:-1] == _BACKSLASH) & (text[:-2] == _BACKSLASH)
    inner[bounds[1:] - 1] |= np.all(
        [text.take(bounds[1:] - back, mode="clip") == byte for back, byte in _ENDING], axis=0
    )
    rows: list[int] = np.unique(bounds.searchsorted(np.flatnonzero(inner), "right") - 1).tolist()
    return rows


def _quoted(payloads: pa.Array) -> pa.Array:
    """Numbers, true and false get quotes; empty texts become null."""
    text, bounds = _bytes_of(payloads)
    if len(text) < len('{"":1}'):
        return payloads
    starts, empty = _values(text)
    places = np.concatenate([starts, _ends(text, starts), empty + 2, empty + 2])
    added = np.repeat(np.frombuffer(b'"l', np.uint8), [2 * len(starts), 2 * len(empty)])
    text = text.copy()
    text[empty], text[empty + 1] = b"nu"
    text = np.insert(text, places, added)
    return _array((bounds + np.sort(places).searchsorted(bounds)).astype(np.int32), text)


def _values(text: _Bytes) -> tuple[Places, Places]:
    """Where values begin that are numbers, true or false, and where those that are empty texts."""
    behind_name = (text[1:-3] == _QUOTE) & (text[2:-2] == _COLON)
    is_text = text[3:-1] == _QUOTE
    empty = np.flatnonzero(behind_name & is_text & (text[4:] == _QUOTE)) + 3
    at = np.flatnonzero(behind_name & ~is_text) + 3
    first, before = text[at], text[at - 3]
    is_bare = (first != _NULL) & (first != _OPEN) & (first != _BRACKET)
    ends_name = (before != _BACKSLASH) & (before != _COLON) & (before != _COMMA) & (before != _OPEN)
    return at[is_bare & ends_name], empty


def _ends(text: _Bytes, starts: Places) -> Places:
    """Where the values that begin there end: before the next comma or brace."""
    ends, open_ones = starts.copy(), np.arange(len(starts))
    while len(open_ones):
        here = text[ends[open_ones]]
        open_ones = open_ones[(here != _COMMA) & (here != _CLOSE)]
        ends[open_ones] += 1
    return ends


def _array(bounds: Places, text: _Bytes | bytes) -> pa.Array:
    buffers = [None, pa.py_buffer(bounds), pa.py_buffer(text)]
    return pa.Array.from_buffers(pa.string(), len(bounds) - 1, buffers)


def _bytes_of(payloads: pa.Array) -> tuple[_Bytes, Places]:
    """The bytes of all rows, one after the other, and where each begins and the last one ends."""
    _, offsets, data = payloads.buffers()
    bounds = np.frombuffer(offsets, np.int32)[: len(payloads) + 1] if len(payloads) else np.zeros(1, np.int32)
    return np.frombuffer(data or b"", np.uint8)[: bounds[-1]], bounds


def with_rows(payloads: pa.Array, changed: Mapping[int, str]) -> pa.Array:
    """The payloads with other texts in some rows."""
    if not changed:
        return payloads
    mask = np.zeros(len(payloads), dtype=bool)
    mask[list(changed)] = True
    texts = [changed[row] for row in sorted(changed)]
    return pc.replace_with_mask(payloads, pa.array(mask), pa.array(texts, pa.string()))
