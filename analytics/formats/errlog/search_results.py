r"""Errlog lines behind what an editor's or console's search, or a mail, wrote in front of them.

- a line number: `	Line 28: ` (Notepad++, in its user's language), `  28: ` (VS Code, Sublime Text), `28:` (grep -n,
  findstr /n), `    28	` (cat -n)
- a file with a line number: `x.errlog:28:` (grep, Select-String), `x.errlog(28):` (Visual Studio)
- quote marks: `> `, `&gt; `

What is taken off stays within its line, so that line numbers and byte offsets are those of the source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

# The mark of a source stands before its first record; headings of a search are few.
_LOOKED_AT_BYTES = 16 * 1024

_RECORD = (
    rb"(?=\"?(?:[0-9A-Fa-f]{1,8}[ \t]+[0-9A-Fa-f]{1,8}[ \t]+)?\d\d/\d\d[ \t]+\d\d:\d\d:\d\d\.\d{3}[ \t]"
    rb"|\"?[0-9A-Fa-f]{2,8}[ \t]+(?:[0-9A-Fa-f]{2,8}[ \t]+)?\d{1,2}-[A-Z][a-z]{2}[ \t]+\d{1,2}:\d\d:\d\d [AP]M[ \t])"
)
_WORD = rb"(?:[A-Za-z\x80-\xff]{1,30}+[ \t]{1,4}+)?+"
_FILE = rb"(?:[A-Za-z]:)?[^:\t\n\"<>|*?()]{1,300}?\.errlog(?:\.[^\s:()]{1,60})?"
_HEADING = re.compile(
    rb"^[ \t#]*(?P<file>(?:[A-Za-z]:|\\\\)?[^:\t\n\"<>|*?()]{1,300}?\.(?:errlog(?:\.[^\s:()]{1,60})?|crash|log|txt))"
    rb"[ \t]{0,40}+(?:\([^()\n]{1,60}\))?:?[ \t\r]*$",
    re.IGNORECASE | re.MULTILINE,
)

# A record that bears no mark, or findstr's: one damaged line above or below must not make notes of all others.
_RECORD_OF_A_FILE = re.compile(rb"(?:" + _FILE + rb":)?" + _RECORD, re.IGNORECASE)


@dataclass(frozen=True)
class Mark:
    """What may stand in front of the lines; `is_on_all` where all lines of the log bear it, so that others are none."""

    pattern: bytes
    is_on_all: bool = True
    kept: bytes = b""

    @cached_property
    def before_record(self) -> re.Pattern[bytes]:
        """The mark with a record behind it."""
        return re.compile(rb"^" + self.pattern + _RECORD, re.MULTILINE | re.IGNORECASE)

    @cached_property
    def line(self) -> re.Pattern[bytes]:
        """The mark, or a line that does not bear it."""
        return re.compile(rb"^(?:" + self.pattern + rb"|(?P<bare>[^\r\n]+))", re.MULTILINE | re.IGNORECASE)

    def taken_off(self, data: bytes) -> bytes:
        """The lines without it."""
        return self.line.sub(self._rest, data)

    def _rest(self, found: re.Match[bytes]) -> bytes:
        bare = found["bare"]
        if bare is None:
            return found.expand(self.kept)
        heading = _HEADING.match(bare)
        if not self.is_on_all or _RECORD_OF_A_FILE.match(bare):
            return bytes(bare)
        return b"-" * 10 + b" " + heading["file"] if heading else b""


_QUOTES = rb"[ \t]{0,40}+(?:(?:>|&gt;)[ \t]?)++"
_NUMBER = _WORD + rb"\d{1,7}(?:,\d{1,5})?:"
_PLACE = rb"(?P<file>" + _FILE + rb")(?::\d{1,7}|\(\d{1,7}(?:,\d{1,5})?\)):"

# With a blank behind the colon or without: the records tell, and the lines below them are treated alike.
_MARKS = (
    Mark(_QUOTES, is_on_all=False),
    *(Mark(rb"[ \t]{0,40}+" + _PLACE + blank, kept=rb"\g<file>:") for blank in (rb"[ \t]", rb"")),
    *(Mark(rb"[ \t]{0,40}+" + _NUMBER + blank) for blank in (rb"[ \t]", rb"")),
    Mark(rb"[ ]*\d{1,7}\t(?=[0-9A-Fa-f]{1,8}\t[0-9A-Fa-f]{1,8}\t\d\d/)"),
)
_BEHIND_QUOTES = re.compile(rb"^" + _QUOTES + rb"[ \t]{0,40}+" + _NUMBER + rb"[ \t]?" + _RECORD, re.MULTILINE)


def _mark_of(data: bytes) -> Mark | None:
    """What stands in front of the records of a text; None where nothing does."""
    start = data[:_LOOKED_AT_BYTES]
    if _BEHIND_QUOTES.search(start):
        return _MARKS[0]
    return next((mark for mark in _MARKS if mark.before_record.search(start)), None)


def without_marks(data: bytes) -> bytes:
    """The lines of a log, as many as before; the same object where nothing stands in front of them."""
    for _ in range(2):
        if (mark := _mark_of(data)) is None:
            break
        data = mark.taken_off(data)
    return data
