"""The floors of queries/model/: a file reads its own floor and those below it."""

from __future__ import annotations

from analytics.tables.value import Value, Vocabulary

__all__ = ["FLOORS"]


FLOORS = Vocabulary(
    "floor",
    (
        Value(
            "1_records",
            "What the records say: rules name lines and events; no job is known here but by its record.",
        ),
        Value("2_matches", "Which records belong together: lines, events and job records find their job."),
        Value(
            "3_times",
            "When it was: boundaries of jobs on one clock, their phases, and the night they belong to.",
        ),
        Value(
            "4_answers",
            "What follows for the estate: who was late and why, what failed, who would gain, what is missing.",
        ),
    ),
)
