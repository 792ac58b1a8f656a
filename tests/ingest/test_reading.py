"""Where the last record of a source may have been cut."""

from __future__ import annotations

import io

import pytest

from analytics.formats.format import Ends
from analytics.ingest.reading import line_end_of
from analytics.sources import Source


@pytest.mark.parametrize(
    ("data", "by_line", "by_next"),
    [
        (b"a,b\r\n", None, "\n"),
        (b"a,b", "", ""),
        ("a,b\r\n".encode("utf-16"), None, "\n"),
        ("a,b\r\n".encode("utf-16-be"), None, "\n"),
        ("a,b\r\n".encode("utf-16")[:-1], "", ""),
        # half of U+4E0A is no line feed, and U+0A41 ends with none
        ("a,b,\u4e0a".encode("utf-16")[:-1], "", ""),
        ("a,b,\u0a41".encode("utf-16-be"), "", ""),
        ("a,b,\u0a41".encode("utf-16-le"), "", ""),
    ],
)
def test_what_follows_a_cut(data: bytes, by_line: str | None, by_next: str | None) -> None:
    """A record that ends with its line is whole behind a line feed; one that ends itself always is."""
    source = Source("a.csv", "a.csv", (), lambda: io.BytesIO(data), seekable=True)
    assert line_end_of(source, Ends.LINE) == by_line
    assert line_end_of(source, Ends.NEXT) == by_next
    assert line_end_of(source, Ends.ITSELF) is None
