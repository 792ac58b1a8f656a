"""Every sentence of the report: the code makes claims, a language's one file (en.toml) puts them into words."""

from __future__ import annotations

from analytics.report.words.claims import Claim, Shown
from analytics.report.words.words import Words, languages

__all__ = ["Claim", "Shown", "Words", "languages"]
