"""What the sections that rest on estimates state first, and what they do not know."""

from __future__ import annotations

from collections import Counter

from analytics.report.contents import Row, Rows, is_limited, total
from analytics.report.words import Claim

__all__ = [
    "forecast_lead",
    "forecast_notes",
    "guest_notes",
    "outlook_lead",
    "outlook_notes",
    "proof_lead",
    "proof_notes",
    "why_lead",
    "why_notes",
]

_NAMED, _LEAST_NAMED, _LEAST_REST = 3, 0.05, 0.01
_WHOLE_ELSEWHERE = ("change_tracking", "guest_level")
# advice that a move may come of
_MAY_MOVE = ("guest_level", "see_plan", "not_enough_data")


def why_lead(results: Rows) -> Claim:
    """What usual backups spend their time on, what holds VMs up, and where the speed of a volume changed."""
    parts = [
        _spent(results["vm_causes"].rows),
        *_held(results["holdups"].rows, is_of_more=is_limited(results)),
        *_changed(results["holdups"].rows),
    ]
    said = [part for part in parts if part]
    return Claim("lead.why.whole", parts=said) if said else Claim("section.why.empty")


def _spent(rows: list[Row]) -> Claim | None:
    """What the usual backups of the VMs that missed their window spend their time on, else those of all VMs."""
    late = [row for row in rows if row["missed"]]
    chosen = late or rows
    spent = Counter[str]()
    for row in chosen:
        spent[row["job_cause"]] += row["median_s"]
    rest_s = spent.pop("unexplained", 0.0)
    whole_s = sum(spent.values()) + rest_s
    if not spent or whole_s <= 0:
        return None
    first, *others = spent.most_common(_NAMED)
    named = [first, *(part for part in others if part[1] >= _LEAST_NAMED * whole_s)]
    code = "lead.why.late" if late else "lead.why.all"
    return Claim(
        code,
        vms=len({row["vm"] for row in chosen}),
        parts=[Claim("lead.why.part", share=length_s / whole_s, cause=cause) for cause, length_s in named],
        unexplained=_rest(rest_s / whole_s),
    )


def _rest(share: float) -> Claim | None:
    """What is not explained, negative where the parts together are longer than the whole; nothing below 1 %."""
    if abs(share) < _LEAST_REST:
        return None
    return (
        Claim("lead.why.overshoot", share=-share) if share < 0 else Claim("lead.why.unexplained", share=share)
    )


def _held(rows: list[Row], *, is_of_more: bool) -> list[Claim]:
    """How many VMs are held up most by what, and where most; `is_of_more` nights than the report is."""
    volumes, servers = ([row for row in rows if row[place]] for place in ("volume", "dpm_server"))
    parts = []
    for kind, places, place in (
        ("volume", volumes, "volume"),
        ("server", servers, "dpm_server"),
        ("queue", volumes, ""),
        ("host_cap", volumes, ""),
        ("none", volumes, ""),
    ):
        vms = total(places, f"by_{kind}")
        most = max(places, key=lambda row: row[f"by_{kind}"], default=None)
        where = Claim("lead.why.where", place=most[place], vms=most[f"by_{kind}"]) if most and place else None
        if vms:
            parts.append(
                Claim("lead.why.held_by", vms=vms, by=kind, where=where if len(places) > 1 else None)
            )
    of = Claim("lead.why.all_nights") if is_of_more else None
    return [Claim("lead.why.held", of=of, parts=parts)] if parts else []


def _changed(rows: list[Row]) -> list[Claim]:
    """Where and since when another speed holds, the latest such change."""
    changed = [row for row in rows if row["changed_on"]]
    if not changed:
        return []
    last = max(changed, key=lambda row: row["changed_on"])
    others = Claim("lead.why.changed_too", volumes=len(changed) - 1) if len(changed) > 1 else None
    return [Claim("lead.why.changed", volume=last["volume"], night=last["changed_on"], others=others)]


def why_notes(results: Rows) -> list[Claim]:
    """From which night on estimates rest on jobs; of how many VMs the data move cannot be taken apart, and why not."""
    rows = results["vm_causes"].rows
    since = rows[0]["estimates_since"] if rows else None
    made = [Claim("note.why.since", since=since)] if since else []
    apart = {row["vm"] for row in rows if row["job_cause"] == "scan"}
    reasons: dict[str | None, str] = {
        row["vm"]: row["estimate_reason"] for row in rows if _is_open(row, apart)
    }
    if not reasons:
        return made
    reason, vms = Counter(reasons.values()).most_common(1)[0]
    others = Claim("note.why.others", vms=len(reasons) - vms) if len(reasons) > vms else None
    return [*made, Claim("note.why.together", vms=vms, reason=reason, others=others)]


def _is_open(row: Row, apart: set[str]) -> bool:
    return row["vm"] not in apart and row["estimate_reason"] not in _WHOLE_ELSEWHERE


def outlook_lead(results: Rows) -> Claim:
    """How many VMs will be in time on their next night, and how often such predictions held; or that none is shown."""
    (hits,) = results["prediction_hits"].rows
    share, jobs = hits["hit_share"], hits["hit_jobs"]
    if hits["is_withdrawn"]:
        return Claim("lead.outlook.withdrawn", share=share, jobs=jobs)
    held = (
        Claim("lead.outlook.unmeasured")
        if share is None
        else Claim("lead.outlook.held", share=share, jobs=jobs)
    )
    judged = hits["sure"] + hits["unsure"]
    first = (
        _next(hits, results["next_night"].rows) if judged else Claim("lead.outlook.unknown", vms=hits["vms"])
    )
    return Claim("lead.outlook.whole", parts=[first, held] if judged else [first])


def _next(hits: Row, rows: list[Row]) -> Claim:
    """How many will be in time, and of whom that is least likely where it is not likely of all."""
    least = (
        Claim("lead.outlook.least", vm=rows[0]["vm"], p_meets=rows[0]["p_meets"]) if hits["unsure"] else None
    )
    is_one = hits["first_night"] == hits["last_night"]
    until = None if is_one else Claim("lead.outlook.until", night=hits["last_night"])
    return Claim(
        "lead.outlook.next",
        night=hits["first_night"],
        until=until,
        sure=hits["sure"],
        vms=hits["sure"] + hits["unsure"],
        least=least,
    )


def outlook_notes(results: Rows) -> list[Claim]:
    """Of how many VMs that are due nothing is predicted, while it is of others."""
    (hits,) = results["prediction_hits"].rows
    is_told = hits["open"] and not hits["is_withdrawn"] and hits["sure"] + hits["unsure"]
    return [Claim("note.outlook.open", vms=hits["open"])] if is_told else []


def forecast_lead(results: Rows) -> Claim:
    """Who will break a rule first, and how many after it; else that no one is foreseen to, or that nothing is known."""
    rows, counts = results["forecast_dates"].rows, results["forecast_counts"].rows
    if rows:
        vms = len({row["vm"] for row in rows})
        first = rows[0]
        return Claim(
            "lead.forecast.first",
            vm=first["vm"],
            rule=first["rule"],
            breaks_on=first["breaks_on"],
            low_on=first["low_on"],
            high_on=first["high_on"],
            others=Claim("lead.forecast.others", vms=vms - 1) if vms > 1 else None,
        )
    steady = _vms(counts, "no_trend")
    if steady:
        return Claim("lead.forecast.none", vms=steady)
    (reason, *_), vms = [row["forecast_reason"] for row in counts], _vms(counts, "not_enough_data")
    return Claim("lead.forecast.open", vms=vms, reason=reason) if vms else Claim("lead.forecast.broken")


def _vms(rows: list[Row], verdict: str) -> int:
    """So many of a verdict, without those that break the rule already."""
    return total(
        [
            row
            for row in rows
            if row["forecast_verdict"] == verdict and row["forecast_reason"] != "broken_already"
        ],
        "vms",
    )


def forecast_notes(results: Rows) -> list[Claim]:
    """How many break a rule already, how many do not grow beside those that do, and of how many nothing is known."""
    counts, made = results["forecast_counts"].rows, []
    broken = total([row for row in counts if row["forecast_reason"] == "broken_already"], "vms")
    steady, open_ = (
        _vms(counts, "no_trend"),
        [row for row in counts if row["forecast_verdict"] == "not_enough_data"],
    )
    is_told = bool(results["forecast_dates"].rows)
    if broken:
        made.append(Claim("note.forecast.broken", vms=broken))
    if steady and is_told:
        made.append(Claim("note.forecast.steady", vms=steady))
    if open_ and (steady or is_told):
        made.append(Claim("note.forecast.open", vms=total(open_, "vms"), reason=open_[0]["forecast_reason"]))
    return made


def proof_lead(results: Rows) -> Claim:
    """How many VMs changed, what that brought to the one that gained most, and what to its neighbours."""
    rows = results["proved_changes"].rows
    known = [row for row in rows if row["change_s"] is not None and row["grade"] != "D"]
    if not known:
        return Claim("lead.proof.open", vms=len(rows))
    best = min(known, key=lambda row: row["change_s"])
    relief_s = best["neighbours_change_s"]
    return Claim(
        "lead.proof.changed",
        vms=len(rows),
        vm=best["vm"],
        change=best["change"],
        night=best["changed_on"],
        before_s=best["before_p50_s"],
        after_s=best["after_p50_s"],
        change_s=best["change_s"],
        low_s=best["low_s"],
        high_s=best["high_s"],
        neighbours=Claim("lead.proof.neighbours", change_s=relief_s) if relief_s is not None else None,
    )


def proof_notes(results: Rows) -> list[Claim]:
    """Of how many changes it is open whose doing they were, and how many are hardly proved."""
    rows = results["proved_changes"].rows
    shared = sum(row["proof_reason"] == "others_changed_too" for row in rows)
    return [Claim("note.proof.shared", vms=shared)] if shared else []


def guest_notes(results: Rows) -> list[Claim]:
    """Whom to move first, where more may move than that takes, and how to find the moves that are enough."""
    is_late = any(row["late"] for row in results["offenders"].rows)
    first = [row["vm"] for row in results["guest_ranges"].rows if row["is_pilot"]]
    may_move = [row for row in results["guest_gain"].rows if first and row["recommendation"] in _MAY_MOVE]
    pilot = [Claim("note.guest.pilot", vms=first)] if is_late and len(may_move) > len(first) else []
    return [*pilot, Claim("note.guest.plan")] if is_late else []
