"""python -m tests.fuzz --seconds N [--format F] [--mutants N] [--seed N] [--keep FOLDER]."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from analytics.formats import FORMATS
from tests.fuzz.run import fuzz

LISTED = 5


def main() -> int:
    """Read mutants of every format, or of one; 1 where a reader was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument(
        "--seconds", type=float, default=60, help="in all, shared by the formats (default: 60)"
    )
    parser.add_argument("--format", choices=[entry.name for entry in FORMATS], help="only this one")
    parser.add_argument("--mutants", type=int, help="at most so many of each format")
    parser.add_argument("--seed", type=int, default=1, help="other seeds give other mutants (default: 1)")
    parser.add_argument("--keep", type=Path, help="folder for the mutants that were read wrongly")
    options = parser.parse_args()
    names = [options.format] if options.format else [entry.name for entry in FORMATS]
    failed = 0
    for name in names:
        tally = fuzz(name, options.seconds / len(names), options.seed, options.mutants)
        failed += len(tally.failures)
        speed = tally.mutants / tally.seconds if tally.seconds else 0
        told = f"{tally.mutants:>8} mutants {speed:>7.0f}/s {tally.checked:>8} counted {len(tally.failures):>5} wrong"
        print(f"{name:<22}{told}", flush=True)
        for number, (what, data) in enumerate(tally.failures[:LISTED]):
            print(f"    {what}", flush=True)
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                (options.keep / f"{name}-{number}.bin").write_bytes(data)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
