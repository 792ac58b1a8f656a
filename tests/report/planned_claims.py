"""Claims that rest on planned tables: estates that have their cause, and estates that have not."""

from __future__ import annotations

import datetime as dt
from typing import Any

NIGHT = dt.date(2025, 11, 3)
Row = dict[str, Any]
Rows = dict[str, list[Row]]


def backup(vm: str, **more: Any) -> Row:
    """One backup at host level that took an hour."""
    row = {
        "job_id": vm,
        "vm": vm,
        "volume": "V1",
        "night": NIGHT,
        "scheduled_us": 0,
        "ended_us": 3_600_000_000,
    }
    return row | {"is_full": True, "is_good": True, "is_guest": False, "is_compared": True} | more


def took(vm: str, reason: str = "own_fit", **parts_s: float) -> list[Row]:
    """What the time of the VM's backup went to."""
    base = {"job_id": vm, "vm": vm, "night": NIGHT, "reason": reason, "grade": "B"}
    parts = parts_s if "unexplained" in parts_s else parts_s | {"unexplained": 3600.0 - sum(parts_s.values())}
    return [
        base | {"cause": cause, "duration_s": length_s, "low_s": length_s, "high_s": length_s}
        for cause, length_s in parts.items()
    ]


def apart(*vms: list[Row], **more: list[Row]) -> Rows:
    """Backups whose time was taken apart."""
    rows = [row for vm in vms for row in vm]
    return {
        "job_times": [backup(vm) for vm in sorted({row["vm"] for row in rows})],
        "job_causes": rows,
    } | more


def missed(vm: str) -> Row:
    """The VM was late on that night."""
    row = {"vm": vm, "night": NIGHT, "rule": "backup_window", "expected": True, "met": False, "job_id": vm}
    return row | {"reason": "late", "cause": "transfer", "overrun_s": 60.0}


PLANNED_ESTATES: dict[str, Rows] = {
    "reading explains most": apart(took("A", scan=3000.0)),
    "reading explains most, late": apart(took("A", scan=3000.0), sla=[missed("A")]),
    "reading explains more than all": apart(took("A", scan=4000.0, unexplained=-400.0)),
    "nothing told apart": apart(took("A", "no_sizes", snapshot=60.0)),
    "nothing told apart, for two reasons": apart(
        took("A", "no_sizes", snapshot=60.0), took("B", "few_nights", snapshot=60.0)
    ),
    "tracked, not taken apart": apart(took("A", "change_tracking", snapshot=60.0)),
}

PLANNED_CLAIMS: dict[str, tuple[str, str]] = {
    "lead.why.all": ("reading explains most", "reading explains most, late"),
    "lead.why.late": ("reading explains most, late", "reading explains most"),
    "lead.why.part": ("reading explains most", "nothing"),
    "lead.why.unexplained": ("reading explains most", "reading explains more than all"),
    "lead.why.overshoot": ("reading explains more than all", "reading explains most"),
    "section.why.empty": ("nothing", "reading explains most"),
    "lead.withheld": ("more jobs than are drawn", "nothing"),
    "note.why.together": ("nothing told apart", "tracked, not taken apart"),
    "note.why.others": ("nothing told apart, for two reasons", "nothing told apart"),
}
