"""`python -m tests.mutate [--seed N] [--count 300] [--paths ...] [--json FILE]`: the share of mutants that is caught.

Half of the mutants are drawn from the queries and half from the modules among the paths. With --json the outcomes are
written as they come; the same command with --resume goes on where the file ends. 1 where less than --least is caught.
"""

from __future__ import annotations

import argparse
import json
import queue
import random
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import zip_longest
from pathlib import Path

from tests.mutate.executed import Executed, gathered
from tests.mutate.mutant import Mutant
from tests.mutate.python_mutants import python_mutants
from tests.mutate.sql_mutants import sql_mutants
from tests.mutate.trial import Outcome, copy_of, tried

ROOT = Path(__file__).resolve().parents[2]
PATHS = ("queries/model", "analytics")


def options_of(words: list[str] | None) -> argparse.Namespace:
    """The options of the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutate", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--paths", nargs="+", default=list(PATHS), help="files or folders")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--seconds",
        type=float,
        default=60,
        help="of computing for one mutant; what takes longer is not caught",
    )
    parser.add_argument("--least", type=float, default=0.85, help="the share that must be caught")
    parser.add_argument("--json", type=Path, help="write the outcomes there")
    parser.add_argument("--resume", action="store_true", help="keep what the --json file holds")
    parser.add_argument(
        "--lines", type=Path, help="which test executes which lines: read there, gathered where it is missing"
    )
    parser.add_argument("--list", action="store_true", help="only list the mutants that would be drawn")
    return parser.parse_args(words)


def mutants_of(root: Path, paths: list[str]) -> tuple[list[Mutant], list[Mutant]]:
    """All mutants of the queries and of the modules under the paths."""
    files = [
        file
        for path in paths
        for file in ([root / path] if (root / path).is_file() else sorted((root / path).rglob("*")))
    ]
    queries: list[Mutant] = []
    modules: list[Mutant] = []
    for file in dict.fromkeys(files):
        name = file.relative_to(root).as_posix()
        if file.suffix == ".sql":
            queries += sql_mutants(name, file.read_text(encoding="utf-8"))
        elif file.suffix == ".py":
            modules += python_mutants(name, file.read_bytes())
    return queries, modules


def drawn(root: Path, paths: list[str], seed: int) -> Iterator[Mutant]:
    """The mutants in the order of the draw: one of a query, one of a module, and so on."""
    chance = random.Random(seed)
    queries, modules = mutants_of(root, paths)
    chance.shuffle(queries)
    chance.shuffle(modules)
    return (mutant for pair in zip_longest(queries, modules) for mutant in pair if mutant)


def line_of(outcome: Outcome) -> dict[str, object]:
    """An outcome as plain values."""
    more = {"name": outcome.mutant.name, "seconds": outcome.seconds}
    return asdict(outcome.mutant) | more | {"status": outcome.status, "by": outcome.by}


def kept(options: argparse.Namespace) -> list[dict[str, object]]:
    """The outcomes of an earlier run that is gone on with."""
    if not (options.resume and options.json and options.json.is_file()):
        return []
    outcomes: list[dict[str, object]] = json.loads(options.json.read_text(encoding="utf-8"))["mutants"]
    return outcomes


def summary(outcomes: list[dict[str, object]], options: argparse.Namespace) -> dict[str, object]:
    """Numbers and outcomes of the run."""
    judged = [outcome for outcome in outcomes if outcome["status"] != "invalid"]
    numbers = {name: sum(o["status"] == name for o in judged) for name in ("caught", "timeout", "survived")}
    share = round(numbers["caught"] / len(judged), 4) if judged else 0
    return {"seed": options.seed, "judged": len(judged), **numbers, "share": share, "mutants": outcomes}


def run(options: argparse.Namespace) -> dict[str, object]:
    """Try the mutants, several copies side by side, and give the outcomes."""
    outcomes = kept(options)
    known = {(outcome["path"], outcome["start"], outcome["after"]) for outcome in outcomes}
    waiting = (m for m in drawn(ROOT, options.paths, options.seed) if (m.path, m.start, m.after) not in known)
    copies: queue.SimpleQueue[Path] = queue.SimpleQueue()
    executed = gathered(ROOT, options.lines) if options.lines else Executed()

    def trial(mutant: Mutant) -> Outcome:
        copy = copies.get()
        try:
            return tried(copy, mutant, options.seconds, executed)
        finally:
            copies.put(copy)

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.workers) as pool:
        for number in range(options.workers):
            copies.put(copy_of(ROOT, Path(folder) / f"copy{number}"))
        while True:
            judged = sum(outcome["status"] != "invalid" for outcome in outcomes)
            batch = [
                m
                for _, m in zip(
                    range(min(options.workers * 4, options.count - judged)), waiting, strict=False
                )
            ]
            if not batch:
                break
            for outcome in pool.map(trial, batch):
                outcomes.append(line_of(outcome))
                print(
                    f"{len(outcomes):4} {outcome.status:8} {outcome.seconds:6.0f} s  {outcome.mutant.name}",
                    flush=True,
                )
                if options.json:
                    text = json.dumps(summary(outcomes, options), ensure_ascii=False, indent=1)
                    options.json.write_text(text, encoding="utf-8")
    return summary(outcomes, options)


def main(words: list[str] | None = None) -> int:
    """Print survivors and share; 1 where too few are caught."""
    options = options_of(words)
    if options.list:
        for _, mutant in zip(range(options.count), drawn(ROOT, options.paths, options.seed), strict=False):
            print(mutant.name)
        return 0
    found = run(options)
    print("\nsurvived:")
    for outcome in found["mutants"]:  # type: ignore[attr-defined]
        if outcome["status"] in {"survived", "timeout"}:
            print(f"  {outcome['name']}")
    share = float(str(found["share"]))
    others = f"{found['survived']} survived, {found['timeout']} took too long"
    print(f"\n{found['judged']} mutants: {share:.1%} caught, {others}")
    return 0 if share >= options.least else 1


if __name__ == "__main__":
    sys.exit(main())
