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


def before() -> Rows:
    """A backup of an earlier night, which estimates do not read."""
    job = {"job_id": "before", "vm": "A", "level": "host", "night": NIGHT - dt.timedelta(days=1)}
    return {"job_base": [job], "boundaries": [{"job_id": "before", "place": 0, "us": 0}]}


def missed(vm: str) -> Row:
    """The VM was late on that night."""
    row = {"vm": vm, "night": NIGHT, "rule": "backup_window", "expected": True, "met": False, "job_id": vm}
    return row | {"reason": "late", "cause": "transfer", "overrun_s": 60.0}


def held(*bottlenecks: str, **more: Any) -> Rows:
    """A VM on a volume of its own for each; what holds it up; `more` of all rates."""
    names = [f"VM{number}" for number in range(len(bottlenecks))]
    return {
        "job_times": [backup(vm, volume=f"V{vm}") for vm in names],
        "bottlenecks": [{"vm": vm, "bottleneck": kind} for vm, kind in zip(names, bottlenecks, strict=True)],
        "transfer_rates": [{"volume": f"V{vm}", "grade": "B", "reason": "own_fit"} | more for vm in names],
    }


def due(*probabilities: float | None, hits: float | None = 0.9, apart: int = 0) -> Rows:
    """VMs that are due on the next night, with their probabilities to be in time; so many days apart."""
    opens = dt.datetime(2025, 11, 4, 13, 0, tzinfo=dt.UTC)
    closes, rows, nights = opens + dt.timedelta(hours=8), [], []
    for number, p_meets in enumerate(probabilities):
        row = {"vm": f"VM{number}", "night": NIGHT + dt.timedelta(days=1 + number * apart)}
        nights.append(row | {"closes_at": closes})
        row |= {"hit_share": hits, "hit_jobs": 50, "reason": "own_nights", "grade": "B", "p_meets": p_meets}
        times = {"transfer_p50_s": 60.0, "low_s": 50.0, "high_s": 90.0, "finish_p50_at": opens}
        rows.append(row | (times if p_meets is not None else {}))
    return {"predictions": rows, "next_nights": nights}


def foreseen(*reasons: str) -> Rows:
    """A VM for each, and why a date can or cannot be said."""
    verdicts = {"disks_grow": "trend", "few_sizes": "not_enough_data"}
    day = NIGHT + dt.timedelta(days=90)
    return {
        "forecasts": [
            {
                "vm": f"VM{number}",
                "rule": "backup_window",
                "verdict": verdicts.get(reason, "no_trend"),
                "reason": reason,
            }
            | {"grade": "B"}
            | (dict.fromkeys(("breaks_on", "low", "high"), day) if reason == "disks_grow" else {})
            for number, reason in enumerate(reasons)
        ]
    }


def proved(**more: Any) -> Rows:
    """A VM that was moved to guest level."""
    row = {
        "vm": "A",
        "changed_on": NIGHT,
        "what": "guest_level",
        "before_p50_s": 9000.0,
        "after_p50_s": 900.0,
    }
    row |= {"change_s": -8000.0, "low_s": -8500.0, "high_s": -7000.0, "nights_matched": 9}
    return {"proofs": [row | {"reason": "matched_nights", "grade": "B"} | more]}


def candidate(*, is_pilot: bool, advised: int = 2, **more: list[Row]) -> Rows:
    """A VM of which it is known what it would take at guest level, and VMs that are advised to go there."""
    told = {"vm": "A", "grade": "C"}
    others = [told | {"vm": f"V{number}", "recommendation": "guest_level"} for number in range(advised)]
    return {
        "candidates": [told | {"recommendation": "none"}, *others],
        "guest_estimates": [told | {"is_pilot": is_pilot, "reason": "no_guest_jobs", "guest_p50_s": 60.0}],
    } | more


PLANNED_ESTATES: dict[str, Rows] = {
    "reading explains most": apart(took("A", scan=3000.0)),
    "reading explains most, of late": apart(took("A", scan=3000.0)) | before(),
    "reading explains most, late": apart(took("A", scan=3000.0), sla=[missed("A")]),
    "reading explains all": apart(took("A", scan=3599.0, unexplained=1.0)),
    "reading explains more than all": apart(took("A", scan=4000.0, unexplained=-400.0)),
    "nothing told apart": apart(took("A", "no_sizes", snapshot=60.0)),
    "nothing told apart, for two reasons": apart(
        took("A", "no_sizes", snapshot=60.0), took("B", "few_nights", snapshot=60.0)
    ),
    "tracked, not taken apart": apart(took("A", "change_tracking", snapshot=60.0)),
    "held up by one volume": held("volume"),
    "held up by one of two volumes": held("volume", "none"),
    "not known what holds up": held("not_enough_data"),
    "a volume changed": held("none", changed_on=NIGHT),
    "two volumes changed": held("none", "none", changed_on=NIGHT),
    "sure to be in time": due(0.99),
    "sure on two nights": due(0.99, 0.99, apart=1),
    "hardly in time": due(0.4),
    "in time, never measured": due(0.99, hits=None),
    "in time, seldom held": due(0.99, hits=0.7),
    "one of two is predicted": due(0.99, None),
    "nothing is predicted": due(None),
    "one will break": foreseen("disks_grow"),
    "two will break": foreseen("disks_grow", "disks_grow"),
    "one will break, one does not grow": foreseen("disks_grow", "disks_do_not_grow"),
    "none grows": foreseen("disks_do_not_grow"),
    "none grows, one without sizes": foreseen("disks_do_not_grow", "few_sizes"),
    "none grows, one broken": foreseen("disks_do_not_grow", "broken_already"),
    "no sizes": foreseen("few_sizes"),
    "all broken": foreseen("broken_already"),
    "late, with a pilot": candidate(is_pilot=True, sla=[missed("A")]),
    "late, one to move": candidate(is_pilot=True, advised=1, sla=[missed("A")]),
    "late, without a pilot": candidate(is_pilot=False, sla=[missed("A")]),
    "in time, with a pilot": candidate(is_pilot=True),
    "a move is proved": proved(),
    "a move is proved, with neighbours": proved(neighbours_change_s=-300.0),
    "a move is hardly proved": proved(change_s=None, grade="D", reason="few_matched_nights"),
    "a move beside another": proved(reason="others_changed_too", grade="C"),
}

PLANNED_CLAIMS: dict[str, tuple[str, str]] = {
    "lead.why.all": ("reading explains most", "reading explains most, late"),
    "lead.why.late": ("reading explains most, late", "reading explains most"),
    "lead.why.part": ("reading explains most", "nothing"),
    "lead.why.unexplained": ("reading explains most", "reading explains all"),
    "lead.why.overshoot": ("reading explains more than all", "reading explains all"),
    "section.why.empty": ("nothing", "reading explains most"),
    "note.why.since": ("reading explains most, of late", "reading explains most"),
    "lead.why.whole": ("reading explains most", "nothing"),
    "lead.why.held": ("held up by one volume", "not known what holds up"),
    "lead.why.all_nights": ("held up, of some nights", "held up by one volume"),
    "lead.why.held_by": ("held up by one volume", "not known what holds up"),
    "lead.why.where": ("held up by one of two volumes", "held up by one volume"),
    "lead.why.changed": ("a volume changed", "held up by one volume"),
    "lead.why.changed_too": ("two volumes changed", "a volume changed"),
    "section.outlook.empty": ("nothing", "sure to be in time"),
    "lead.outlook.whole": ("sure to be in time", "in time, seldom held"),
    "lead.outlook.next": ("sure to be in time", "nothing is predicted"),
    "lead.outlook.until": ("sure on two nights", "sure to be in time"),
    "lead.outlook.least": ("hardly in time", "sure to be in time"),
    "lead.outlook.held": ("sure to be in time", "in time, never measured"),
    "lead.outlook.unmeasured": ("in time, never measured", "sure to be in time"),
    "lead.outlook.withdrawn": ("in time, seldom held", "sure to be in time"),
    "lead.outlook.unknown": ("nothing is predicted", "sure to be in time"),
    "note.outlook.open": ("one of two is predicted", "sure to be in time"),
    "section.forecast.empty": ("nothing", "none grows"),
    "lead.forecast.first": ("one will break", "none grows"),
    "lead.forecast.others": ("two will break", "one will break"),
    "lead.forecast.none": ("none grows", "one will break"),
    "lead.forecast.open": ("no sizes", "none grows"),
    "lead.forecast.broken": ("all broken", "none grows, one broken"),
    "note.forecast.broken": ("none grows, one broken", "none grows"),
    "note.forecast.steady": ("one will break, one does not grow", "one will break"),
    "note.forecast.open": ("none grows, one without sizes", "none grows"),
    "note.guest.pilot": ("late, with a pilot", "late, one to move"),
    "note.guest.plan": ("late, with a pilot", "in time, with a pilot"),
    "section.proof.empty": ("nothing", "a move is proved"),
    "lead.proof.changed": ("a move is proved", "a move is hardly proved"),
    "lead.proof.neighbours": ("a move is proved, with neighbours", "a move is proved"),
    "lead.proof.open": ("a move is hardly proved", "a move is proved"),
    "note.proof.shared": ("a move beside another", "a move is proved"),
    "note.why.together": ("nothing told apart", "tracked, not taken apart"),
    "note.why.others": ("nothing told apart, for two reasons", "nothing told apart"),
}
