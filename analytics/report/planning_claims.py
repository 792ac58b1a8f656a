"""What the sections that rest on estimates state first, and what they do not know."""

from __future__ import annotations

from collections import Counter

from analytics.report.contents import Row, Rows
from analytics.report.words import Claim

__all__ = ["why_lead", "why_notes"]

_NAMED, _LEAST_NAMED = 3, 0.05
_WHOLE_ELSEWHERE = ("change_tracking", "guest_level")


def why_lead(results: Rows) -> Claim:
    """What the usual backups of the VMs that missed their window spend their time on, else those of all VMs."""
    rows = results["vm_causes"].rows
    late = [row for row in rows if row["missed"]]
    chosen = late or rows
    spent = Counter[str]()
    for row in chosen:
        spent[row["job_cause"]] += row["median_s"]
    rest_s = spent.pop("unexplained", 0.0)
    whole_s = sum(spent.values()) + rest_s
    first, *others = spent.most_common(_NAMED)
    named = [first, *(part for part in others if part[1] >= _LEAST_NAMED * whole_s)]
    code = "lead.why.late" if late else "lead.why.all"
    return Claim(
        code,
        vms=len({row["vm"] for row in chosen}),
        parts=[Claim("lead.why.part", share=length_s / whole_s, cause=cause) for cause, length_s in named],
        unexplained=_rest(rest_s / whole_s),
    )


def _rest(share: float) -> Claim:
    """What is not explained; negative where the parts together are longer than the whole."""
    return (
        Claim("lead.why.overshoot", share=-share) if share < 0 else Claim("lead.why.unexplained", share=share)
    )


def why_notes(results: Rows) -> list[Claim]:
    """Of how many VMs the data move cannot be taken apart, and why not of most."""
    rows = results["vm_causes"].rows
    apart = {row["vm"] for row in rows if row["job_cause"] == "scan"}
    reasons: dict[str | None, str] = {
        row["vm"]: row["estimate_reason"] for row in rows if _is_open(row, apart)
    }
    if not reasons:
        return []
    reason, vms = Counter(reasons.values()).most_common(1)[0]
    others = Claim("note.why.others", vms=len(reasons) - vms) if len(reasons) > vms else None
    return [Claim("note.why.together", vms=vms, reason=reason, others=others)]


def _is_open(row: Row, apart: set[str]) -> bool:
    return row["vm"] not in apart and row["estimate_reason"] not in _WHOLE_ELSEWHERE
