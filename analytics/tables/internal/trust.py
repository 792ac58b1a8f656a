"""How far the answers can be trusted: the parts of the view trust."""

from __future__ import annotations

from analytics.tables import trust_words
from analytics.tables.table import DAY, REAL, SECONDS, TEXT, Table, columns

_FLOOR = "4_answers"

_DETAIL = ("detail", TEXT, "What is wrong, if found is above 0 or NULL", trust_words.TRUST_FINDINGS)
_NAME = ("name", TEXT, "Computer, VM, file or zone that it is about, NULL for none.")
_NIGHT = ("night", DAY, "Night that it is about, NULL for all.")
_FOUND = ("found", REAL, "How many are wrong; NULL where nothing is counted.")
_TOTAL = ("total", REAL, "Of how many.")
_LOW = ("low_s", SECONDS, "Least difference of two clocks, or age of the evidence.")
_HIGH = ("high_s", SECONDS, "Greatest difference of two clocks.")

_STORE_FINDINGS = Table(
    "store_findings",
    "one thing that was found of what was read and stored",
    columns(_DETAIL, _NAME, _NIGHT, _FOUND, _TOTAL, _LOW, _HIGH),
    question="Was everything read, stored and dated that was given?",
    key=("detail", "name", "night"),
    floor=_FLOOR,
)

_EVIDENCE_GAPS = Table(
    "evidence_gaps",
    "one log, record or list that should be there, of one computer and night",
    columns(_DETAIL, _NAME, _NIGHT, _FOUND, _TOTAL),
    question="Of which computer and night do we lack the log, the job records or the inventory?",
    key=("detail", "name", "night"),
    floor=_FLOOR,
)

_TRUST_FACTS = Table(
    "trust_facts",
    "one thing that a check may find, of one computer, VM, file or zone, and one night",
    columns(_DETAIL, _NAME, _NIGHT, _FOUND, _TOTAL, _LOW, _HIGH),
    question="What is wrong with the evidence, where and on which night?",
    key=("detail", "name", "night"),
    floor=_FLOOR,
)

CHECKED = (_STORE_FINDINGS, _EVIDENCE_GAPS, _TRUST_FACTS)
