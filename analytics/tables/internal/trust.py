"""How far the answers can be trusted: the parts of the view trust."""

from __future__ import annotations

from analytics.tables import trust_words
from analytics.tables.derived import TRUST
from analytics.tables.table import TEXT, WHOLE, Table, columns

_FLOOR = "4_answers"

_STORE_FINDINGS = Table(
    "store_findings",
    "one check of what was read and stored",
    (
        *columns(("detail", TEXT, "What was found", trust_words.TRUST_FINDINGS)),
        *(column for column in TRUST.columns if column.name not in ("check", "status", "detail", "remedy")),
    ),
    question="Was everything read, stored and dated that was given?",
    key=("detail",),
    floor=_FLOOR,
)

_EVIDENCE_GAPS = Table(
    "evidence_gaps",
    "one check of the logs and one computer that it is about",
    columns(
        ("check", TEXT, "What is checked", trust_words.TRUST_CHECKS),
        ("name", TEXT, "Computer, without its domain, NULL for a DPM server that nothing names."),
        ("total", WHOLE, "Nights with jobs, 1 for an inventory, jobs of the unnamed DPM server."),
        ("found", WHOLE, "Of these, without the log, the inventory, the record."),
    ),
    question="Of which computer do we lack the log, the job records or the inventory, and on how many nights?",
    key=("check", "name"),
    floor=_FLOOR,
)

CHECKED = (_STORE_FINDINGS, _EVIDENCE_GAPS)
