"""Why records were rejected, in the language of the report: reading says it in English, with what it found in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from analytics.arrow import texts
from analytics.report.contents import Rows
from analytics.report.words import Words

__all__ = ["said", "with_reasons_said"]

_RESULT, _COLUMN = "reject_reasons", "reason"


def with_reasons_said(results: Rows, words: Words) -> Rows:
    """The results, with the reasons of rejects in words of the language."""
    sentences: Mapping[str, Any] = words.table("reject")
    found = results.get(_RESULT)
    if not sentences or found is None or not found.table.num_rows:
        return results
    place = found.table.column_names.index(_COLUMN)
    reasons = texts([row[_COLUMN] and said(row[_COLUMN], sentences) for row in found.rows])
    return {**results, _RESULT: replace(found, table=found.table.set_column(place, _COLUMN, reasons))}


def said(reason: str, sentences: Mapping[str, Any]) -> str:
    """A reason by the sentence that fits it best, also in what it names; as it is where none does."""
    for sentence in sorted(sentences, key=lambda each: -len(each)):
        found = re.fullmatch("(.+?)".join(map(re.escape, sentence.split("{}"))), reason, re.DOTALL)
        if found:
            return str(sentences[sentence]).format(*(said(part, sentences) for part in found.groups()))
    return reason
