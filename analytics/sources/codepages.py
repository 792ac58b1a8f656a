"""Which code page a text without BOM is in, told by the letters that it would hold and where they stand.

The code pages are those in which Windows of some language writes: the ANSI ones, and the OEM ones (cp850, cp866) that
cmd writes into a file. A decoding counts as good as its share of characters that the languages of that code page use:
letters of the right script, in words of one script, kana and frequent ideographs.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from functools import lru_cache

_FALLBACK = "cp1252"
_SAMPLE_BYTES = 16 * 1024
# So much better a code page must be than one before it in the order, which goes by how often each is met.
_MARGIN = 0.1

_WORD = re.compile(r"[^\W\d_]+")
# All but ASCII, and signs that say nothing about a language.
_STRANGE = re.compile("[^\x00-\x7f\u00a0°§·–—‘’“”„…€«»©®™¿¡、。・「」（）：\u3000]")
_LATIN = frozenset("äöüßéèêëàâáãåæçñîïíìôóòõøœûùúÿ")
_CENTRAL = _LATIN | frozenset("ąćęłńśźżčďěňřšťůýžőűăşţ")
_CYRILLIC = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяё")

_Weigh = Callable[[str], float]


def code_page_of(data: bytes) -> str:
    """The code page in which a text reads best; cp1252 where none reads well."""
    lines = [line for line in data.split(b"\n") if not line.isascii()]
    return _best(b"\n".join(lines)[:_SAMPLE_BYTES])


@lru_cache(maxsize=64)
def _best(sample: bytes) -> str:
    best, best_score = _FALLBACK, 0.5
    for name, weigh in _CODE_PAGES:
        text = codecs.getincrementaldecoder(name)("replace").decode(sample)
        if (score := _score(text, weigh)) > best_score:
            best, best_score = name, score + _MARGIN
    return best


def _score(text: str, weigh: _Weigh) -> float:
    """The share of good characters among those that are not ASCII; undecodable bytes count twice against it."""
    strange = len(_STRANGE.findall(text))
    good = sum(weigh(word) for word in _WORD.findall(text) if not word.isascii())
    return (good - text.count("\ufffd")) / strange if strange else 0.0


def _latin(letters: frozenset[str]) -> _Weigh:
    """Single accented letters within words of plain ones, in lower case behind the first."""

    def weigh(word: str) -> float:
        accented = [letter for letter in word if not letter.isascii()]
        is_cased = word.isupper() or word[1:].islower() or len(word) == 1
        is_rare = len(accented) * 2 <= len(word) + 1
        return sum(letter.lower() in letters for letter in accented) if is_cased and is_rare else 0.0

    return weigh


def _cyrillic(word: str) -> float:
    """Words of Cyrillic letters alone."""
    is_cased = word.isupper() or word[1:].islower() or len(word) == 1
    letters = sum(letter.lower() in _CYRILLIC for letter in word)
    return float(letters) if is_cased and letters == len(word) else 0.0


def _japanese(word: str) -> float:
    """Kana, and ideographs of the first level; half-width kana only in words of their own."""
    half_width = 0.0 if any(letter.isascii() for letter in word) else 0.9
    return sum(japanese_letter(letter, half_width) for letter in word)


def japanese_letter(letter: str, half_width: float) -> float:
    """How much a character speaks for Japanese: kana of full width for certain, those of half width by `half_width`."""
    if "\u3040" <= letter <= "\u30ff" or "\uff10" <= letter <= "\uff5a":
        return 1.0
    if "\uff66" <= letter <= "\uff9f":
        return half_width
    return _ideograph(letter, "cp932", range(0x88, 0x98))


def _chinese(word: str) -> float:
    """Ideographs of the first level."""
    return sum(_ideograph(letter, "gb2312", range(0xB0, 0xD8)) for letter in word)


def _ideograph(letter: str, encoding: str, first_level: range) -> float:
    """1 for a frequent ideograph, 0.3 for any other of the same set, 0 for anything else."""
    if not "\u4e00" <= letter <= "\u9fff":
        return 0.0
    try:
        return 1.0 if letter.encode(encoding)[0] in first_level else 0.3
    except UnicodeEncodeError:
        return 0.0


def _korean(word: str) -> float:
    """Syllables of the first set; those of the extension are rare."""
    return float(sum("\uac00" <= letter <= "\ud7a3" and letter.encode("cp949")[0] >= 0xB0 for letter in word))


_CODE_PAGES: tuple[tuple[str, _Weigh], ...] = (
    ("cp932", _japanese),
    ("cp1252", _latin(_LATIN)),
    ("cp1251", _cyrillic),
    ("cp949", _korean),
    ("gbk", _chinese),
    ("cp1250", _latin(_CENTRAL)),
    ("cp850", _latin(_LATIN)),
    ("cp866", _cyrillic),
)
