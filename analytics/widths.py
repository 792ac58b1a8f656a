"""Texts by the columns that they take: wide (Japanese) characters count as two, and lines may end between them."""

from __future__ import annotations

import re
from unicodedata import combining, east_asian_width

__all__ = ["broken", "character_width", "display_width"]

# what begins no line, and what ends none (JIS X 4051, the common part)
_NOT_FIRST = "、。，．・：；？！ー）」』】〕〉》”’％～々ぁぃぅぇぉっゃゅょァィゥェォッャュョ)]},.;:?!%"
_NOT_LAST = "（「『【〔〈《“‘([{"
_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60\uffe0-\uffe6"
_PIECE = re.compile(
    rf"[{re.escape(_NOT_LAST)}]*(?:[{_WIDE}]|[^\s{_WIDE}]+|.)[{re.escape(_NOT_FIRST)}]*\s*",
    re.DOTALL,
)


def display_width(text: str) -> int:
    """Columns that a text takes in a terminal, or in a font whose wide characters are twice as wide."""
    return len(text) if text.isascii() else sum(map(character_width, text))


def character_width(character: str) -> int:
    """0 for what combines with the character before it, 2 for wide ones, else 1."""
    if combining(character):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def broken(text: str, columns: int, indent: str = "") -> list[str]:
    """The text as lines of so many columns at most, all but the first behind `indent`; long words stay whole."""
    lines, line = list[str](), ""
    for piece in _PIECE.findall(text):
        if line.strip() and display_width(line + piece.rstrip()) > columns:
            lines.append(line.rstrip())
            line = indent
        line += piece
    return [*lines, line.rstrip()] if line.strip() else lines
