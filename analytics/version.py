"""The version of this program: the store's rows carry it as parser_version, the wheel as its own."""

from __future__ import annotations

VERSION = "0.1.0"
