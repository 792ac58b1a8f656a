"""Numbers that others of their table tell: the page holds what a guess is off by, mostly nothing.

The guesses are those of data.js, which adds to them what they are off by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

__all__ = ["Numbers", "guess_of", "half_up", "in_order"]

Numbers: TypeAlias = dict[str, np.ndarray[Any, Any]]
_Guess: TypeAlias = Callable[..., np.ndarray[Any, Any]]

# for a column the ways to tell it by others: the first whose columns are there is taken, and those come before it
_WAYS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "from_ms": (("follows", "phase_s"),),
    "to_ms": (("end", "from_ms", "phase_s"),),
    "row_from_ms": (("least", "from_ms", "row"),),
    "row_to_ms": (("most", "to_ms", "row"),),
    "job_s": (("total", "phase_s", "job"),),
    "share": (("part", "total_s", "row"),),
    "job_median_s": (("total", "total_s", "row"),),
    "job_p90_s": (("same", "job_median_s"),),
    "high_s": (("same", "median_s"),),
    "low_s": (("same", "median_s"),),
    "least_s": (("same", "low_s"), ("same", "phase_s"), ("same", "waited_s")),
    "most_s": (("same", "high_s"), ("same", "phase_s"), ("same", "waited_s")),
    "more_s": (("less", "now_s", "usual_s"), ("less", "job_s", "usual_s")),
    "part_more_s": (("less", "part_s", "part_usual_s"),),
    "usual_vhd_bytes": (("same", "vhd_bytes"),),
}


def half_up(numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Three decimals, halves upwards, as JavaScript rounds."""
    rounded: np.ndarray[Any, Any] = np.floor(numbers * 1000.0 + 0.5) / 1000.0
    return rounded


def in_order(names: list[str]) -> list[str]:
    """The columns, each behind those that tell it."""
    placed: list[str] = []
    for name in names:
        before = {other for _, *others in _WAYS.get(name, ()) for other in others} & {*names}
        placed += [each for each in (*in_order(sorted(before)), name) if each not in placed]
    return placed


def guess_of(column: str, known: Numbers) -> tuple[list[str], np.ndarray[Any, Any]] | None:
    """How a column is told by those that are known, and its numbers by that; None where nothing tells it."""
    for way, *others in _WAYS.get(column, ()):
        if all(name in known for name in others):
            found = _GUESSES[way](*(known[name] for name in others), known["queue"])
            return [way, *others], half_up(np.where(np.isfinite(found), found, 0.0))
    return None


def _follows(length_s: np.ndarray[Any, Any], _: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """From one begin to the next: the length, in milliseconds."""
    return np.concatenate([[0.0], np.nan_to_num(length_s)[:-1] * 1000.0])


def _by_group(fold: np.ufunc, start: float) -> _Guess:
    """One number of the rows of a group; those of a queue do not count."""

    def guess(
        numbers: np.ndarray[Any, Any], group: np.ndarray[Any, Any], queue: np.ndarray[Any, Any]
    ) -> np.ndarray[Any, Any]:
        counts = np.isfinite(numbers) & ~queue
        found = np.full(int(group.max(initial=0)) + 1, start)
        fold.at(found, group[counts], numbers[counts])
        told: np.ndarray[Any, Any] = found[group]
        return told

    return guess


_total = _by_group(np.add, 0.0)
_GUESSES: Mapping[str, _Guess] = {
    "follows": _follows,
    "end": lambda begin_ms, length_s, _: begin_ms + np.nan_to_num(length_s) * 1000.0,
    "same": lambda other, _: other,
    "less": lambda one, other, _: one - other,
    "least": _by_group(np.minimum, np.inf),
    "most": _by_group(np.maximum, -np.inf),
    "total": _total,
    "part": lambda numbers, group, queue: numbers / np.maximum(_total(numbers, group, queue), 0.001),
}
