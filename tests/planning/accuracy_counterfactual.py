"""`python -m tests.planning.accuracy_counterfactual [seeds] [first seed] [words of causes]`: minutes.

Each cause in so many pairs of estates that differ in nothing else: the sentence that the report has for it is there
with it and not without it, and of the other cluster, which nothing touches, the report says the same.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.planning.pairs import CAUSES, VMS, Cause
from tests.planning.said import Said, pair, sentence

_READING, _UNEXPLAINED = sentence("cause", "scan"), sentence("cause", "unexplained")
_UNTOLD = sentence("bottleneck", "not_enough_data")


def main(words: list[str]) -> None:
    """A line for each cause, and what was wrong."""
    numbers = [int(word) for word in words if word.isdigit()]
    seeds, first = numbers + [5, 0][len(numbers) :]
    wanted = " ".join(word for word in words if not word.isdigit())
    judged = []
    for cause in (each for each in CAUSES if wanted in each.name):
        of_cause = [_judged(cause, seed) for seed in range(first, first + seeds)]
        print(f"{cause.name:24} {sum(not each.wrong for each in of_cause)} of {seeds}", flush=True)
        for each in of_cause:
            if each.wrong:
                print(f"    seed {each.seed}: {'; '.join(each.wrong)}")
        judged += of_cause
    good, told = sum(not each.wrong for each in judged), sum(each.told for each in judged)
    print(f"{good} of {len(judged)} pairs, {good / len(judged):.1%} (>= 98 %)")
    print(f"elsewhere not told on one side only: {told} of {VMS * len(judged)} VMs")


@dataclass(frozen=True)
class _Judged:
    seed: int
    wrong: list[str]
    told: int
    """VMs of the other cluster of which something is told on one side, and nothing on the other."""


def _judged(cause: Cause, seed: int) -> _Judged:
    with tempfile.TemporaryDirectory() as folder:
        there, gone = pair(cause, seed, Path(folder))
    about = (f"VM{cause.who:02d}", cause.said[0], sentence(*cause.said))
    own = [sorted(each[1:] for each in said if each[0] == about[0]) for said in (there, gone)]
    found = []
    if about not in there:
        found.append(f"not said: {about}, but {own[0]}")
    if about in gone:
        found.append(f"said without it: {about}, with {own[1]}")
    open_ = _untold(there) ^ _untold(gone)
    changed = {each for each in _new(there, gone) | _new(gone, there) if each[:2] not in open_}
    if changed:
        found.append(f"elsewhere: {sorted(changed)}")
    return _Judged(seed, found, len({vm for vm, _ in open_ if _is_beside(vm)}))


def _new(said: Said, other: Said) -> Said:
    """What is said of the other cluster's VMs only here; traces of causes and what is not explained do not count."""
    traced = other | {(vm, "cause", words) for vm, kind, words in other if kind == "trace"}
    new = {each for each in said - traced if _is_beside(each[0])}
    return {each for each in new if each[1] != "trace" and each[2] != _UNEXPLAINED}


def _untold(said: Said) -> set[tuple[str, str]]:
    """Of which VMs it is not told what holds them up, or what their data moves are made of."""
    scanned = {vm for vm, kind, words in said if kind in ("cause", "trace") and words == _READING}
    nothing = {(vm, kind) for vm, kind, words in said if words == _UNTOLD}
    return nothing | {(vm, "cause") for vm, *_ in said if vm not in scanned}


def _is_beside(vm: str) -> bool:
    return int(vm[2:]) >= VMS


if __name__ == "__main__":
    main(sys.argv[1:])
