"""`python -m tests.planning.accuracy_advice [estates] [first seed]`: advice that must never be given; minutes.

From logs on disk to the table candidates, beside what really happens in the simulation that wrote the logs
(troubled.py): `guest_level` for a VM that is late on a tenth of its nights at most, or whose scan alone is under half
of its data moves while a cheaper change would do.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from analytics.ingest import IngestOptions, ingest
from analytics.planning import open_session
from analytics.site import Site
from analytics.store import Store
from analytics.synth import write_estate
from tests.planning.said import _WINDOW
from tests.planning.troubled import cheaper_changes, scan_alone, troubled, troubled_knobs

_SELDOM, _HALF = 0.1, 0.5


def main(estates: int = 20, first: int = 0) -> None:
    """A line for each wrong advice, and how many of each there are."""
    advised: Counter[str] = Counter()
    wrong = 0
    for seed in range(first, first + estates):
        for row, share, changes in _judged(seed, advised):
            is_wrong = row["late"] <= _SELDOM * row["due"] or bool(share < _HALF and changes)
            wrong += is_wrong
            advised["guest_level, scan alone under half"] += share < _HALF
            advised["guest_level, where a cheaper change really meets"] += bool(changes)
            print(
                f"seed {seed} {row['vm']}: guest_level, late {row['late']} of {row['due']}, scan alone {share:.2f}"
                f" ({row['scan_share']:.2f}), cheaper: {', '.join(changes) or 'nothing'}{' WRONG' * is_wrong}",
                flush=True,
            )
    for reason, count in sorted(advised.items()):
        print(f"{count:5d} {reason}")
    print(f"guest_level that must not be: {wrong} (0)")


def _judged(seed: int, advised: Counter[str]) -> list[tuple[dict, float, list[str]]]:
    """Of each VM that is to move the row, its true share of scan alone, and the changes that would really do."""
    knobs, estate = troubled_knobs(seed), troubled(seed)
    with tempfile.TemporaryDirectory() as folder:
        write_estate(Path(folder) / "logs", knobs, estate)
        rows = _candidates(Path(folder))
    advised.update(f"{row['recommendation']}, {row['reason']}" for row in rows)
    moves = [row for row in rows if row["recommendation"] == "guest_level"]
    shares = scan_alone(knobs, estate) if moves else {}
    return [(row, shares[row["vm"]], list(cheaper_changes(knobs, estate, row["vm"]))) for row in moves]


def _candidates(folder: Path) -> list[dict]:
    store = Store.create_or_open(folder / "store")
    ingest(store, [folder / "logs"], IngestOptions(year=2025))
    window = dict(zip(("window_start", "window_end"), _WINDOW, strict=True))
    site = Site(time_zone="UTC", schedules={"*": "daily"}, **window)
    with open_session(store, site, keep=False) as session:
        return session.relation("candidates").to_pylist()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
