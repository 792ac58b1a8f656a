"""Text of any encoding, in blocks of any size: the same lines, at offsets that point at them."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import UsageError
from analytics.sources import Issue, Source, detect_encoding, settled_encoding, text_chunks, text_lines
from analytics.sources.text import to_utf8

BOMS = {"utf-8": b"\xef\xbb\xbf", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
WIDE = st.text(st.characters(exclude_characters="\n\r\0\ufeff", exclude_categories=("Cs",)), max_size=12)
JAPANESE = st.text("仮想マシンﾃｽﾄ表ソ能十ァAz 09\t", max_size=12)
GERMAN = st.text("äöüßÄÖÜ€–AZaz 09\t", max_size=12)
MIB = 1024 * 1024


def source_of(data: bytes) -> Source:
    """A source of some bytes."""
    return Source("sample", "sample", (), lambda: io.BytesIO(data))


def read_lines(data: bytes, encoding: str | None, size_bytes: int) -> list[tuple[int, int, str]]:
    """Number, offset and text of all lines."""
    found = []
    for chunk in text_chunks(source_of(data), encoding, size_bytes):
        assert chunk.issues == ()
        found += [(number, offset, line.decode()) for number, offset, line in chunk.lines()]
    return found


def expected_lines(texts: list[str], end: str, encoding: str, bom: bytes) -> list[tuple[int, int, str]]:
    """The same by plain arithmetic."""
    found, offset = [], len(bom)
    for number, text in enumerate(texts, 1):
        found.append((number, offset, text + end.removesuffix("\n")))
        offset += len((text + end).encode(encoding))
    return found


class TestLines:
    @settings(max_examples=150, deadline=None)
    @given(
        texts=st.lists(WIDE, max_size=8),
        end=st.sampled_from(["\n", "\r\n"]),
        encoding=st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]),
        has_bom=st.booleans(),
        size_bytes=st.integers(1, 40),
    )
    def test_unicode_in_blocks_of_any_size(self, texts, end, encoding, has_bom, size_bytes):
        """Characters cut at the edge of a block, surrogates too, are put together again."""
        bom = BOMS[encoding] if has_bom else b""
        data = bom + "".join(text + end for text in texts).encode(encoding)

        assert read_lines(data, encoding, size_bytes) == expected_lines(texts, end, encoding, bom)

    @pytest.mark.parametrize(("encoding", "letters"), [("cp932", JAPANESE), ("cp1252", GERMAN)])
    def test_windows_code_pages(self, encoding, letters):
        """Japanese and German files of blocks of any size; trail bytes that look like ASCII are no line ends."""

        @settings(max_examples=80, deadline=None)
        @given(texts=st.lists(letters, max_size=8), size_bytes=st.integers(1, 40))
        def check(texts: list[str], size_bytes: int) -> None:
            data = "".join(text + "\r\n" for text in texts).encode(encoding)
            assert read_lines(data, encoding, size_bytes) == expected_lines(texts, "\r\n", encoding, b"")

        check()

    @settings(max_examples=150, deadline=None)
    @given(data=st.binary(max_size=200), size_bytes=st.integers(1, 64))
    def test_any_bytes_at_all(self, data, size_bytes):
        """Offsets point behind line feeds whatever the bytes are, and no line is lost."""
        found = read_lines(data, "utf-8", size_bytes)
        body = data.removeprefix(BOMS["utf-8"])
        begin = len(data) - len(body)
        if b"\n" not in data and data.count(b"\r") > 1:
            data, body = data.replace(b"\r", b"\n"), body.replace(b"\r", b"\n")

        assert len(found) == body.count(b"\n") + (not body.endswith(b"\n") and bool(body))
        for _, offset, text in found:
            assert offset == begin or data[offset - 1 : offset] == b"\n"
            assert not text.isascii() or data[offset : offset + len(text)] == text.encode()

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "cp932"])
    @pytest.mark.parametrize("size_bytes", [1, 7, 4096])
    def test_lines_that_end_with_cr(self, encoding, size_bytes):
        """A text whose lines end with CR alone has lines, at their right places."""
        texts = ["eins", "zwei 仮想", "", "drei"]
        data = "".join(f"{text}\r" for text in texts).encode(encoding)
        found = read_lines(data, encoding, size_bytes)
        assert [text for _, _, text in found] == texts
        assert [offset for _, offset, _ in found] == [
            len("".join(f"{text}\r" for text in texts[:place]).encode(encoding))
            for place in range(len(texts))
        ]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "cp932"])
    def test_line_readers_agree(self, encoding):
        """The reader of small texts gives the offsets of the chunks."""
        data = "ä1 仮想\nzwei\n".encode(encoding, "replace") + "drei".encode(encoding)
        source = source_of(data)
        found = [line for line in text_lines(source, encoding) if not isinstance(line, Issue)]

        assert [line.byte_offset for line in found] == [
            offset for _, offset, _ in read_lines(data, encoding, 5)
        ]
        assert found[-1].text == "drei"

    def test_a_bad_byte_does_not_move_the_lines_behind_it(self):
        """One cp1252 line in a UTF-8 file is read as such, and the offsets of the others stay exact."""
        data = "eins ü\n".encode() + "zwei ü\n".encode("cp1252") + "drei ü\nvier\n".encode()

        assert [(offset, text) for _, offset, text in read_lines(data, None, 9)] == [
            (0, "eins ü"),
            (8, "zwei ü"),
            (15, "drei ü"),
            (23, "vier"),
        ]

    def test_empty(self):
        """An empty source has no lines."""
        assert list(text_chunks(source_of(b""))) == []


class TestDamage:
    @pytest.mark.parametrize("size_bytes", [3, 7, 4096])
    @pytest.mark.parametrize("tail", [b"\x41", b"\x3d\xd8", b"\x3d\xd8\x4b"])
    def test_a_cut_utf16_character_is_an_issue(self, size_bytes, tail):
        """Half a unit or half a pair at the end: the line before it stays, the rest is named with its place."""
        data = "eins\nzwei".encode("utf-16-le") + tail
        chunks = list(text_chunks(source_of(data), "utf-16-le", size_bytes))
        issues = [issue for chunk in chunks for issue in chunk.issues]

        assert b"".join(chunk.data for chunk in chunks) == b"eins\nzwei\n"
        assert not chunks[-1].terminated
        assert [(issue.line_no, issue.byte_offset, issue.excerpt) for issue in issues] == [
            (2, 18, tail.hex(" "))
        ]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "cp932"])
    @pytest.mark.parametrize("is_last", [True, False])
    def test_a_line_of_10_megabytes(self, encoding, is_last):
        """It becomes one issue with its place; the lines around it keep their numbers and offsets."""
        long = ("長い" * (5 * MIB)).encode("cp932")[: 10 * MIB].decode("cp932")
        before, after = "vor ü\n" if encoding != "cp932" else "前\n", "" if is_last else "\nnach\n"
        data = (before + long + after).encode(encoding)
        chunks = list(text_chunks(source_of(data), encoding, MIB))
        lines = [line for chunk in chunks for line in chunk.lines()]
        issues = [issue for chunk in chunks for issue in chunk.issues]

        begin = len(before.encode(encoding))
        assert [(issue.line_no, issue.byte_offset) for issue in issues] == [(2, begin)]
        assert "longer than" in issues[0].reason
        assert issues[0].excerpt.startswith("長い")
        behind = begin + len((long + "\n").encode(encoding))
        assert lines == [(1, 0, before.strip().encode()), *([] if is_last else [(3, behind, b"nach")])]


class TestEncodings:
    @pytest.mark.parametrize(
        ("text", "encoding"),
        [
            ("plain\n", "utf-8"),
            ("Größe 仮想\n", "utf-8"),
            ("Datum;Größe;Übertragung\n", "cp1252"),
            ("仮想マシン,状態\n", "cp932"),
            ("180C\t280C\t06/01\n", "utf-16-le"),
            ("180C\t280C\t06/01\n", "utf-16-be"),
        ],
    )
    def test_are_detected(self, text, encoding):
        """Without BOM by the bytes, with BOM by it."""
        assert detect_encoding(text.encode(encoding)) == encoding
        if encoding in BOMS:
            assert detect_encoding(BOMS[encoding] + text.encode(encoding)) == encoding

    @pytest.mark.parametrize("size_bytes", [1, 2, 5, 4096])
    @pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
    def test_utf16_as_users_name_it(self, order, size_bytes):
        """--encoding utf-16 takes the byte order from the BOM, in the second block too."""
        data = BOMS[order] + "eins\nzwei\n".encode(order)

        assert [text for _, _, text in read_lines(data, "utf-16", size_bytes)] == ["eins", "zwei"]
        assert settled_encoding("UTF-8-SIG", b"abc") == "utf-8"

    @pytest.mark.parametrize("name", ["rot13", "hex", "utf-32", "cp037", "no-such"])
    def test_useless_ones_are_refused(self, name):
        """Codecs that are none of text, and those without the byte 0A at line ends, are a usage error."""
        with pytest.raises(UsageError, match="no encoding of logs"):
            settled_encoding(name, b"")


def test_half_a_character_at_the_end_of_utf_16() -> None:
    """A small file cut inside a character is read up to there."""
    assert to_utf8("ab".encode("utf-16-le")[:-1], "utf-16-le").decode() == "a\ufffd"
    assert to_utf8(b"\x01\x00\x00", "utf-16-le").decode() == "\x01\ufffd"


@pytest.mark.parametrize("size_bytes", [509, 1 << 21])
@pytest.mark.parametrize(
    "encodings",
    [
        ("utf-8", "utf-16-le"),
        ("utf-16-le", "utf-8"),
        ("utf-8-sig", "utf-16"),
        ("utf-16", "utf-8", "utf-16-le", "utf-8"),
    ],
)
def test_pieces_in_several_encodings(encodings, size_bytes):
    """What another program appended in its own encoding is read, at its place; `>>` of a console does so."""
    texts = [f"line {number} of the log, with some words to fill it" for number in range(20)]
    piece = "".join(f"{text}\r\n" for text in texts)
    pieces = [piece.encode(encoding) for encoding in encodings]
    data = b"".join(pieces)
    found = [
        (number, offset, text.decode().lstrip("\ufeff").rstrip("\r"))
        for chunk in text_chunks(source_of(data), None, size_bytes)
        for number, offset, text in chunk.lines()
    ]
    assert [text for *_, text in found if text] == texts * len(encodings)
    assert all(
        data[offset:].startswith((b"l", b"\xff\xfe", b"\xef")) or data[offset + 1 :][:1] == b"l"
        for _, offset, text in found
        if text
    )
