"""How far the rates can be trusted, by volume: what can be told apart, a grade and the reason for it (model.md 2.6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.planning.jobs import Bools, Ints
from analytics.planning.law import Fit
from analytics.planning.sample import Sample

__all__ = ["Grades", "graded"]


@dataclass(frozen=True, slots=True)
class Grades:
    """By volume, as the fields of Rates that bear the same names."""

    is_scan_known: Bools
    is_sent_known: Bools
    grade: tuple[str, ...]
    reason: tuple[str, ...]
    changed_on: Ints


def graded(sample: Sample, found: Fit | None) -> Grades:
    """Grades of a fit, D for all where there is none."""
    volumes = sample.volumes
    known = np.zeros(volumes, bool)
    grade, reason = ["D"] * volumes, ["no_jobs"] * volumes
    for volume in range(volumes):
        rows = (sample.volume == volume) & ~sample.is_open
        if found is None or not rows.any():
            continue
        nights = len(np.unique(sample.night[rows]))
        known[volume] = True
        grade[volume], reason[volume] = _plain(int(rows.sum()), nights)
    return Grades(known, known.copy(), tuple(grade), tuple(reason), np.full(volumes, -1))


def _plain(jobs: int, nights: int) -> tuple[str, str]:
    if jobs < 8:
        return "C", "few_jobs"
    if nights < 7:
        return "C", "few_nights"
    return ("A", "own_fit") if jobs >= 30 and nights >= 14 else ("B", "own_fit")
