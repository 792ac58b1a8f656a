"""Single cells: numbers, GUIDs, HRESULTs, sizes, elapsed times; None where nothing is stated."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

__all__ = ["CellError", "hresult_of"]


GUID = r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
_FILLERS = {"", "-", "----------", "null", "<null>", "n/a", "not started", "not completed"}
_MAX_BIGINT = 2**63 - 1
# sixteen of the largest VHDX: sums of sizes fit 64 bits, and estimates can reckon with them
_MOST_BYTES = 2**50

_GUID = re.compile(rf"(?:\{{{GUID}\}}|\({GUID}\)|{GUID}|[0-9A-Fa-f]{{32}})")
_NOT_DIGITS = str.maketrans("", "", "{}()-")
_PLAIN = re.compile(r"[+-]?\d+")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([.,'\u2019\u00a0\u202f ])\d{3})(?:\1\d{3})*")
_WHOLE_WITH_ZEROS = re.compile(r"([+-]?\d+)[.,]0+")
_SIZE = re.compile(r"(?P<number>[\d.,'\u2019\u00a0\u202f ]*\d)\s*(?P<unit>bytes|[KMGT]?B)\b", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?:(?P<days>\d+)[.:])?(?P<hours>\d+):(?P<minutes>[0-5]?\d):(?P<seconds>[0-5]?\d(?:[.,]\d+)?)"
)
_DAYS = re.compile(r"(?P<days>\d+)d\s*(?P<hours>\d+)h\s*(?P<minutes>\d+)m(?:\s*(?P<seconds>\d+)s)?")
_TYPE_NAME = re.compile(r"(?:System|Microsoft)\.[A-Za-z_][\w.+`]*(?:\[.*\]|\{.*\})?(?:\[\])?")
_PLACEHOLDER = re.compile(r"<[^<>]*>")
_UNITS = {"bytes": 1, "B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

Read = Callable[[str], Any]


class CellError(ValueError):
    """A cell that does not hold what its column promises; says what was found and what would be right."""


def is_missing(text: str) -> bool:
    """True for the ways in which exports say nothing: empty, NULL, fillers, <placeholders>."""
    text = text.strip()
    return text.casefold() in _FILLERS or _PLACEHOLDER.fullmatch(text) is not None


def begins_missing(text: str) -> bool:
    """Whether a text may be what a cut left of one of these ways."""
    text = text.strip().casefold()
    return text.startswith("<") or any(filler.startswith(text) for filler in _FILLERS)


def text_or_none(text: str) -> str | None:
    """The text as it stands, without surrounding blanks; None where nothing or only SQL's NULL is written."""
    text = text.strip()
    return None if text in {"", "NULL"} else text


def stated_text(text: str) -> str | None:
    """Like text_or_none; also None for dashes and the type names that Export-Csv writes for objects."""
    text = text.strip()
    return None if text == "----------" or _TYPE_NAME.fullmatch(text) else text_or_none(text)


def guid(text: str) -> str | None:
    """A GUID in upper case without braces; the empty GUID is None.

    Raises CellError for anything else.
    """
    text = text.strip()
    if is_missing(text):
        return None
    if not _GUID.fullmatch(text):
        raise CellError(f"{text[:60]!r} is no GUID (8-4-4-4-12 hexadecimal digits)")
    digits = text.translate(_NOT_DIGITS).upper()
    if digits == "0" * 32:
        return None
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def whole(text: str) -> int | None:
    """A whole number, with or without thousands separators of any locale (1,234 1.234 1 234 1'234).

    Raises CellError where it is no whole number or does not fit 64 bits.
    """
    text = text.strip()
    if is_missing(text):
        return None
    digits = text
    if not _PLAIN.fullmatch(text):
        if _GROUPED.fullmatch(text):
            digits = re.sub(r"[^\d+-]", "", text)
        elif zeros := _WHOLE_WITH_ZEROS.fullmatch(text):
            digits = zeros[1]
        else:
            raise CellError(f"{text[:60]!r} is no whole number")
    if len(digits) > 20 or abs(int(digits)) > _MAX_BIGINT:
        raise CellError(f"{text[:60]!r} does not fit 64 bits")
    return int(digits)


def count(text: str) -> int | None:
    """A whole number that cannot be negative, such as bytes, nor more than a PB; raises CellError otherwise."""
    number = whole(text)
    if number is not None and number < 0:
        raise CellError(f"{text[:60]!r} is negative")
    return number if number is None else _possible(number, text)


def _possible(number: int, text: str) -> int:
    if not 0 <= number <= _MOST_BYTES:
        raise CellError(f"{text[:60]!r} is no possible size")
    return number


def real(text: str) -> Decimal | None:
    """A number of which the last separator is the decimal one: 1,234.56 and 1.234,56 are the same.

    A separator that occurs more than once groups thousands. Raises CellError where it is no number.
    """
    text = text.strip()
    if is_missing(text):
        return None
    plain = re.sub(r"['\u2019\u00a0\u202f ]", "", text)
    last = max(plain.rfind("."), plain.rfind(","))
    if last >= 0 and plain.count(plain[last]) == 1:
        plain = re.sub(r"[.,]", "", plain[:last]) + "." + plain[last + 1 :]
    else:
        plain = re.sub(r"[.,]", "", plain)
    if not re.fullmatch(r"[+-]?\d{1,30}(?:\.\d{0,30})?|[+-]?\.\d{1,30}", plain):
        raise CellError(f"{text[:60]!r} is no number")
    return Decimal(plain)


def megabytes(text: str) -> int | None:
    """Bytes from a number of MB (2^20 bytes); raises CellError as `real`."""
    return _bytes(real(text), "MB", text)


def size_bytes(text: str) -> int | None:
    """Bytes from the console's sizes: `0 MB`, `118.51 GB (127253828784 bytes)`, of which the bytes count.

    Units are powers of 2^10 (dpm-formats.md 3.2). Raises CellError where no size is found.
    """
    if is_missing(text):
        return None
    sizes = {match["unit"].upper(): match["number"] for match in _SIZE.finditer(text[:200])}
    if "BYTES" in sizes:
        return count(sizes["BYTES"])
    if not sizes:
        raise CellError(f"{text[:60]!r} is no size (such as 118.51 GB)")
    unit, number = next(iter(sizes.items()))
    return _bytes(real(number), unit, text)


def _bytes(number: Decimal | None, unit: str, text: str) -> int | None:
    if number is None:
        return None
    return _possible(round(number * _UNITS[unit]), text)


def elapsed_s(text: str) -> float | None:
    """Seconds from HH:MM:SS, d.HH:MM:SS or `1d 02h 03m`; raises CellError otherwise."""
    text = text.strip()
    if is_missing(text):
        return None
    found = _CLOCK.fullmatch(text) or _DAYS.fullmatch(text)
    if not found or len(text) > 40:
        raise CellError(f"{text[:60]!r} is no elapsed time (HH:MM:SS)")
    days, hours, minutes = (int(found[part] or 0) for part in ("days", "hours", "minutes"))
    return days * 86400 + hours * 3600 + minutes * 60 + float((found["seconds"] or "0").replace(",", "."))


def seconds(text: str) -> float | None:
    """A number of seconds, not negative; raises CellError otherwise."""
    number = real(text)
    if number is not None and number < 0:
        raise CellError(f"{text[:60]!r} is negative")
    return None if number is None else float(number)


def hresult(text: str) -> str | None:
    """An HRESULT as 0x and eight lower-case digits, from 0x…, a decimal or a negative decimal; 0 is None.

    Raises CellError where it is none of these or does not fit 32 bits.
    """
    text = text.strip()
    if is_missing(text):
        return None
    if re.fullmatch(r"0[xX][0-9A-Fa-f]{1,16}", text):
        return hresult_of(int(text, 16), text)
    if not _PLAIN.fullmatch(text) or len(text) > 20:
        raise CellError(f"{text[:60]!r} is no HRESULT (0x and eight hexadecimal digits, or a decimal)")
    return hresult_of(int(text), text)


def hex_hresult(text: str) -> str | None:
    """An HRESULT written in hexadecimal with or without 0x; raises CellError otherwise."""
    text = text.strip()
    return hresult(text if is_missing(text) or text[:2].casefold() == "0x" else f"0x{text}")


def hresult_of(number: int, text: str = "") -> str | None:
    """The normal form of a 32-bit code, also where it was written with its sign extended to 64 bits."""
    if number >> 32 == 0xFFFFFFFF or -(2**31) <= number < 0:
        number &= 0xFFFFFFFF
    if not 0 <= number < 2**32:
        raise CellError(f"{text or number!r} does not fit the 32 bits of an HRESULT")
    return f"0x{number:08x}" if number else None


def error_code(text: str) -> int | None:
    """A DPM error id, decimal or 0x…; 0 is None; raises CellError otherwise."""
    text = text.strip()
    if re.fullmatch(r"0[xX][0-9A-Fa-f]{1,8}", text):
        return int(text, 16) or None
    return whole(text) or None


def hex_code(text: str) -> int | None:
    """A code written in hexadecimal with or without 0x; 0 is None; raises CellError otherwise."""
    text = text.strip()
    if is_missing(text):
        return None
    if not re.fullmatch(r"(?:0[xX])?[0-9A-Fa-f]{1,8}", text):
        raise CellError(f"{text[:60]!r} is no hexadecimal code")
    return int(text, 16) or None


def flag(text: str) -> bool | None:
    """True/False, 1/0, yes/no in any case; raises CellError otherwise."""
    text = text.strip()
    if is_missing(text):
        return None
    if text.casefold() not in _FLAGS:
        raise CellError(f"{text[:60]!r} is neither True nor False")
    return _FLAGS[text.casefold()]
