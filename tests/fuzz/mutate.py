"""What happens to logs on their way: cut, flipped, doubled, mixed up, re-encoded, quoted."""

from __future__ import annotations

import random
from collections.abc import Callable

Mutation = Callable[[str, random.Random], str]

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp932", "cp1252", "cp1251", "cp850")
NOISE = (
    "", "hello", "-----", "```", "> ", "# note", "PS C:\\> dir", "a,b,c", "{", "]", "\0\0\0\0", '"', "'",
    "Description:", "Log Name: Application", "<Event ", "</Event>", "Event[7]", "2025-02-30 25:61:61", "9" * 40,
    "\ufeff", "\u202e", "\x85",
    "Id : 5", "(ID 1 x: 0x", "Line 28: x",
)  # fmt: skip


def lines_of(text: str) -> list[str]:
    """The lines with their ends."""
    return text.splitlines(keepends=True) if "\n" in text else [text]


def cut_end(text: str, chance: random.Random) -> str:
    """The file ends anywhere."""
    return text[: chance.randrange(len(text) + 1)]


def cut_begin(text: str, chance: random.Random) -> str:
    """The file begins anywhere."""
    return text[chance.randrange(len(text) + 1) :]


def flip(text: str, chance: random.Random) -> str:
    """A few characters become others."""
    letters = list(text)
    for _ in range(chance.choice((1, 1, 2, 5))):
        if letters:
            letters[chance.randrange(len(letters))] = chance.choice("\0\"'<>{}[],;:\t \n\rA0é年/\\-")
    return "".join(letters)


def delete(text: str, chance: random.Random) -> str:
    """Some characters are gone."""
    start = chance.randrange(len(text) + 1)
    return text[:start] + text[start + chance.choice((1, 3, 40, 400)) :]


def double_lines(text: str, chance: random.Random) -> str:
    """Some lines stand there twice."""
    lines = lines_of(text)
    start = chance.randrange(len(lines) + 1)
    part = lines[start : start + chance.choice((1, 3, 12))]
    return "".join([*lines[:start], *part, *lines[start:]])


def drop_lines(text: str, chance: random.Random) -> str:
    """Some lines are gone."""
    lines = lines_of(text)
    start = chance.randrange(len(lines) + 1)
    return "".join([*lines[:start], *lines[start + chance.choice((1, 1, 3, 12)) :]])


def move_lines(text: str, chance: random.Random) -> str:
    """Some lines stand elsewhere."""
    lines = lines_of(text)
    start = chance.randrange(len(lines) + 1)
    end = start + chance.choice((1, 3, 12))
    part, rest = lines[start:end], [*lines[:start], *lines[end:]]
    place = chance.randrange(len(rest) + 1)
    return "".join([*rest[:place], *part, *rest[place:]])


def insert_noise(text: str, chance: random.Random) -> str:
    """A line of something else stands between."""
    lines = lines_of(text)
    place = chance.randrange(len(lines) + 1)
    return "".join([*lines[:place], chance.choice(NOISE) + chance.choice(("\r\n", "\n")), *lines[place:]])


def twice(text: str, _: random.Random) -> str:
    """Two copies are joined."""
    return text + text


def other_line_ends(text: str, chance: random.Random) -> str:
    """Line ends of another system."""
    plain = text.replace("\r\n", "\n")
    return plain.replace("\n", chance.choice(("\n", "\r\n", "\r\r\n")))


MUTATIONS: tuple[Mutation, ...] = (
    cut_end,
    cut_begin,
    flip,
    flip,
    delete,
    double_lines,
    drop_lines,
    move_lines,
    insert_noise,
    twice,
    other_line_ends,
)


def mutant_of(text: str, encoding: str, chance: random.Random) -> tuple[str, bytes]:
    """A text after one to three mutations, and as bytes in some encoding that can hold it."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        text = chance.choice(MUTATIONS)(text, chance)
    wanted = chance.choice(ENCODINGS) if chance.random() < 0.3 else encoding
    for name in (wanted, encoding, "utf-8"):
        try:
            return text, text.encode(name)
        except UnicodeEncodeError:
            continue
    return text, text.encode("utf-8", "replace")


def flipped_bytes(data: bytes, chance: random.Random) -> bytes:
    """A few bytes become others, or the file ends early."""
    if chance.random() < 0.3:
        return data[: chance.randrange(len(data) + 1)]
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 4, 64))):
        found[chance.randrange(len(found))] = chance.randrange(256)
    return bytes(found)
