"""Lines that a console broke because they were too wide, put together again."""

from __future__ import annotations

from itertools import pairwise
from unicodedata import east_asian_width


def joined(lines: list[str], width: int) -> str:
    """The lines of a value as one text, `width` cells wide: lines that the console broke become one again.

    Where the next word would still have fit on the line above, the text itself was broken there.
    """
    text = lines[0] if lines else ""
    for above, line in pairwise(lines):
        word = line.strip().split(" ", 1)[0]
        is_broken = (
            bool(line.strip())
            and bool(above.strip())
            and cells_of(above.rstrip()) + 1 + cells_of(word) > width
        )
        if not is_broken:
            text = f"{text.rstrip(' ')}\n{line.rstrip()}"
        elif _is_wide(above.rstrip()[-1]) or _is_wide(word[0]) or " " not in above.strip():
            text = text.rstrip(" ") + line.strip()
        else:
            text = f"{text.rstrip(' ')} {line.strip()}"
    return text.strip()


def cells_of(text: str) -> int:
    """How many cells of a console a text takes: wide characters take two."""
    return len(text) if text.isascii() else len(text) + sum(map(_is_wide, text))


def _is_wide(character: str) -> bool:
    return east_asian_width(character) in "WF"
