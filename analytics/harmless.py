"""Texts of a log, made harmless for whoever shows them: a terminal, a spreadsheet. A log is untrusted."""

from __future__ import annotations

import json
import re
from datetime import datetime

__all__ = ["cell_time", "harmless_cell", "harmless_json", "visible"]

# OWASP, CSV injection; the full-width ones start a formula in a Japanese Excel
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# C1 controls and DEL, soft hyphens, bidi marks and overrides, line separators, surrogates, tags; JSON escapes C0 itself
_UNSEEN = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    r"""Text that a terminal may get: control characters and bidi overrides as \x1b or \u202e, white space as a blank.

    An escape sequence in a VM's name must not colour or clear the reader's screen.
    """
    return text if text.isprintable() else "".join(map(_visible_character, text))


def harmless_cell(text: str) -> str:
    """The text, with ' before a start that a spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def cell_time(moment: datetime) -> str:
    """A wall time that a spreadsheet takes for one: no T and no offset, milliseconds only where there are any.

    In the zone that the moment has. A spreadsheet whose decimal sign is a comma keeps milliseconds as text.
    """
    return moment.replace(tzinfo=None).isoformat(
        " ", "milliseconds" if moment.microsecond >= 1000 else "seconds"
    )


def harmless_json(text: str) -> str:
    r"""A JSON document in which what would steer a terminal stands as \u202e, which reads back the same."""
    return _UNSEEN.sub(lambda match: json.dumps(match[0])[1:-1], text)


def _visible_character(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else ascii(character)[1:-1]
