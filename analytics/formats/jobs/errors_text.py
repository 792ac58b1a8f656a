"""Error texts of console, alerts and events: `… (ID 32612 Details: … (0x8007173D))`, in any language."""

from __future__ import annotations

import re

from analytics.formats.reading.batching import Row
from analytics.formats.reading.values import hresult_of

__all__ = ["error_ids"]


_MAX_TEXT = 20_000

# dpm-formats.md 3.2: the word behind the number is localised ("Details:"), number and HRESULT are not.
_ERROR = re.compile(
    r"\(ID:?\s*(?P<id>\d{1,9})(?:\s+\S{1,40}?:\s*(?P<details>.{0,2000}?)\(?(?P<hresult>0x[0-9A-Fa-f]{1,8})\)?)?\s*\)",
    re.DOTALL,
)
_XML_CODE = re.compile(r"""<?\bErrorCode(?:>|=["'])\s*(\d{1,9})\b""")
_XML_DETAIL = re.compile(r"""<?\bDetailedCode(?:>|=["'])\s*(-?\d{1,10}|0x[0-9A-Fa-f]{1,8})\b""")


def holds_error(text: str) -> bool:
    """True where a text states an error id by the grammar."""
    return _ERROR.search(text[:_MAX_TEXT]) is not None


def error_ids(text: str) -> list[int]:
    """All error ids of a text in their order; an alert is followed by its cause."""
    return [int(found["id"]) for found in _ERROR.finditer(text[:_MAX_TEXT])]


def _error_of(text: str) -> tuple[int | None, str | None]:
    """The first error id and the first HRESULT of a text, also of the XML of `errorinfoxml`."""
    found = list(_ERROR.finditer(text[:_MAX_TEXT]))
    if not found:
        return _error_of_xml(text[:_MAX_TEXT])
    code = next((int(error["id"]) for error in found if int(error["id"])), None)
    detail = next((int(error["hresult"], 16) for error in found if error["hresult"]), 0)
    return code, hresult_of(detail)


def _error_of_xml(text: str) -> tuple[int | None, str | None]:
    code, detail = _XML_CODE.search(text), _XML_DETAIL.search(text)
    number = int(detail[1], 0) if detail else 0
    return (int(code[1]) or None) if code else None, hresult_of(number) if abs(number) < 2**32 else None


def with_error(row: Row) -> Row:
    """Fill error_code and hresult from the error text where they have no column of their own."""
    code, detail = _error_of(row.get("error_text") or "")
    if row.get("error_code") is None:
        row["error_code"] = code
    if row.get("hresult") is None:
        row["hresult"] = detail
    return row
