"""Bytes with a location: files, folders, archives and compressed streams become text and samples, with offsets."""

from __future__ import annotations

from analytics.sources.find import Unreadable, find_sources
from analytics.sources.source import Fingerprint, Source
from analytics.sources.text import (
    Issue,
    Line,
    TextChunk,
    detect_encoding,
    settled_encoding,
    text_chunks,
    text_lines,
)

__all__ = [
    "Fingerprint",
    "Issue",
    "Line",
    "Source",
    "TextChunk",
    "Unreadable",
    "detect_encoding",
    "find_sources",
    "settled_encoding",
    "text_chunks",
    "text_lines",
]
