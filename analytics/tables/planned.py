"""Planned tables: what analytics/planning computes from the derived ones."""

from __future__ import annotations

from analytics.tables import planning_words as planning
from analytics.tables import sla_words
from analytics.tables import vocabulary as words
from analytics.tables.table import DAY, SECONDS, TEXT, WHOLE, Table, columns

__all__ = ["FORECASTS", "PLANNED", "PROOFS"]

_VM = ("vm", TEXT, "Name of the VM.")
_GRADE = ("grade", TEXT, "How well it is founded", words.GRADES)

FORECASTS = Table(
    "forecasts",
    "one VM and one rule that limits its time",
    columns(
        _VM,
        ("rule", TEXT, "The rule", sla_words.SLA_RULES),
        (
            "breaks_on",
            DAY,
            "Night from which on the usual backup will break it, NULL where none is foreseen.",
        ),
        ("low", DAY, "Earliest such night, 90 % interval."),
        ("high", DAY, "Latest such night, 90 % interval."),
        ("verdict", TEXT, "What can be said", planning.FORECAST_VERDICTS),
        ("reason", TEXT, "Why", planning.FORECAST_REASONS),
        (
            "limit_s",
            SECONDS,
            "The limit: of the time from the window's opening to the end, or of the duration.",
        ),
        ("level_s", SECONDS, "What the usual night takes of it now, median of the last four weeks."),
        _GRADE,
    ),
    question="When will which VM break its window or its longest duration, because its disks grow?",
    key=("vm", "rule"),
)

PROOFS = Table(
    "proofs",
    "one VM that was moved or changed, its latest change",
    columns(
        _VM,
        ("changed_on", DAY, "First night after the change."),
        ("what", TEXT, "What changed", planning.CHANGES),
        (
            "before_p50_s",
            SECONDS,
            "Median time from the creation of the task to its end, in up to 28 nights before.",
        ),
        ("after_p50_s", SECONDS, "The same in up to 28 nights since."),
        ("change_s", SECONDS, "Median difference to the same weekday before; negative is shorter."),
        ("low_s", SECONDS, "Lower end of it, 90 % interval."),
        ("high_s", SECONDS, "Upper end of it, 90 % interval."),
        (
            "neighbours_change_s",
            SECONDS,
            "Median of the same difference of the VMs that shared its volume and did not change.",
        ),
        ("nights_matched", WHOLE, "Nights since whose weekday is known from before."),
        ("reason", TEXT, "What decides the grade", planning.PROOF_REASONS),
        _GRADE,
    ),
    question="What did a change bring, to the VM and to its neighbours?",
    key=("vm",),
)

PLANNED = (FORECASTS, PROOFS)
