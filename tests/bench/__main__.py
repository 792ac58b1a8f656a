"""Measure speed and memory against the floors of the issue: `python -m tests.bench [--mb 500] [--only NAME]`."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from analytics.synth import write_errlog
from tests.bench import phases

SECTIONS = ("parquet", "markers", "sparse", "memory", "again", "phases", "growth")
MB = 1_000_000
MEMORY_LIMIT_MB = 500
CSV_FLOOR = "pyarrow.csv stream to Parquet (UTF-8)"
SCAN_FLOOR = "newline scan (offset of every line), 1 MiB chunks"
ITERATION_FLOOR = "`for line in file`"
# shares of a floor that --trace markers must reach; 0.22 of a scan would be less than reading and hashing alone cost
MARKERS_TARGETS = {SCAN_FLOOR: 0.07, ITERATION_FLOOR: 0.15}

# about the same bytes as the other lines; no rule asks for it
HEARTBEAT = b"\t05\tgenericagent.cpp(264)\t\t\tNORMAL\t==>CGenericAgent::Heartbeat\r\n"
SPARSE_TARGETS = {SCAN_FLOOR: 0.2}
PHASES_TARGET = 3.5
GROWTH_TARGET = 1.2


class Row(NamedTuple):
    """One line of the table, as text."""

    measured: str
    value: str
    spread: str
    ratio: str
    target: str
    verdict: str


HEAD = Row("what", "median", "lowest to highest", "ratio", "target", "verdict")


def main() -> None:
    """Measure what was asked for and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--mb", type=int, default=500, help="size of the errlog in UTF-8, MB (default: 500)")
    parser.add_argument(
        "--rounds", type=int, default=5, help="rounds of interleaved measurements (default: 5)"
    )
    parser.add_argument(
        "--jobs", type=int, default=1_000_000, help="jobs of the phases section (default: a million)"
    )
    parser.add_argument(
        "--times",
        type=int,
        nargs="*",
        default=[5],
        help="multiples of --jobs in the growth section (default: 5)",
    )
    parser.add_argument(
        "--only", choices=SECTIONS, action="append", help="this section only; may be repeated"
    )
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "dpm-bench", help="for the files"
    )
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    for section in given.only or SECTIONS:
        rows.extend(MEASURES[section](given))
    print_table(rows)


def print_table(rows: list[Row]) -> None:
    """Print rows as a Markdown table."""
    print("| " + " | ".join(HEAD) + " |")
    print("|" + "---|" * len(HEAD))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def errlog(folder: Path, mb: int, encoding: str) -> Path:
    """A generated errlog whose text has that many MB in UTF-8; kept for the next run."""
    path = folder / f"{encoding}-{mb}" / "DPMRACurr.errlog"
    size_bytes = mb * MB * (2 if encoding == "utf-16" else 1)
    if not path.exists() or abs(path.stat().st_size - size_bytes) > 100_000:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_errlog(path, size_bytes, encoding)
    return path


def measure(case: str, path: Path) -> dict[str, Any]:
    """Run one case in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.one", case, str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{case} {path}\n{done.stderr}")
    print(f"{case} {path.parent.name}: {done.stdout.strip()}", file=sys.stderr)
    return dict(json.loads(done.stdout))


def interleaved(cases: dict[str, tuple[str, Path]], rounds: int) -> dict[str, list[float]]:
    """Seconds of every case, one after the other in each round."""
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, (case, path) in cases.items():
            seconds[name].append(measure(case, path)["seconds"])
    return seconds


def speed_row(
    name: str, seconds: list[float], mb: int, floor: list[float] | None = None, target: float = 0
) -> Row:
    """Throughput in MB of UTF-8 text per second; the ratio is the median of the rounds' ratios to their own floor."""
    speeds = [mb / each for each in seconds]
    spread = f"{min(speeds):.0f} to {max(speeds):.0f}"
    if floor is None:
        return Row(name, f"{median(speeds):.0f} MB/s", spread, "", "", "floor")
    ratios = [slow / each for each, slow in zip(seconds, floor, strict=True)]
    ratio = median(ratios)
    wanted = f">= {target:g}" if target else ""
    verdict = ("met" if ratio >= target else "MISSED") if target else ""
    text = f"{ratio:.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    return Row(name, f"{median(speeds):.0f} MB/s", spread, text, wanted, verdict)


def parquet(given: argparse.Namespace) -> list[Row]:
    """All records to Parquet against a bare CSV stream to Parquet."""
    plain, wide = (errlog(given.folder, given.mb, encoding) for encoding in ("utf-8", "utf-16"))
    cases = {CSV_FLOOR: ("csv", plain), "UTF-8": ("all", plain), "UTF-16": ("all", wide)}
    seconds = interleaved(cases, given.rounds)
    floor = seconds[CSV_FLOOR]
    return [
        speed_row(CSV_FLOOR, floor, given.mb),
        speed_row("ingest, all records, UTF-8", seconds["UTF-8"], given.mb, floor, 0.8),
        speed_row("ingest, all records, UTF-16", seconds["UTF-16"], given.mb, floor, 0.7),
    ]


def markers(given: argparse.Namespace) -> list[Row]:
    """`--trace markers` against bare newline scans; the target is of the one that finds every line's offset."""
    plain, wide = (errlog(given.folder, given.mb, encoding) for encoding in ("utf-8", "utf-16"))
    scans = {
        SCAN_FLOOR: ("scan", plain),
        ITERATION_FLOOR: ("iterate", plain),
        "`bytes.count`, 1 MiB chunks": ("count", plain),
    }
    seconds = interleaved({**scans, "UTF-8": ("markers", plain), "UTF-16": ("markers", wide)}, given.rounds)
    rows = []
    for name in scans:
        target = MARKERS_TARGETS.get(name, 0)
        rows.append(speed_row(name, seconds[name], given.mb))
        rows.extend(
            speed_row(
                f"ingest, markers, {encoding}, of that", seconds[encoding], given.mb, seconds[name], target
            )
            for encoding in ("UTF-8", "UTF-16")
        )
    return rows


def memory(given: argparse.Namespace) -> list[Row]:
    """Peak resident memory of an ingest, by size on disk, encoding and kind."""
    rows = []
    for encoding in ("utf-8", "utf-16"):
        for size_mb in (given.mb // 5, given.mb * 2):
            path = errlog(given.folder, size_mb // (2 if encoding == "utf-16" else 1), encoding)
            for case in ("all", "markers"):
                peak = measure(case, path)["peak_bytes"]
                name = f"peak memory, {case}, {encoding.upper()}, {size_mb} MB file"
                if peak is None:
                    rows.append(Row(name, "not told by this system", "", "", f"< {MEMORY_LIMIT_MB} MB", ""))
                    continue
                verdict = "met" if peak < MEMORY_LIMIT_MB * MB else "MISSED"
                rows.append(Row(name, f"{peak / MB:.0f} MB", "", "", f"< {MEMORY_LIMIT_MB} MB", verdict))
    return rows


def again(given: argparse.Namespace) -> list[Row]:
    """A second ingest of the same file."""
    path = errlog(given.folder, given.mb, "utf-8")
    runs = [measure("twice", path) for _ in range(given.rounds)]
    first, second = ([run[name] for run in runs] for name in ("first_s", "second_s"))
    ratios = [a / b for a, b in zip(first, second, strict=True)]
    text = f"{median(ratios):.0f} times faster"
    verdict = "met" if median(ratios) >= 20 else "MISSED"
    return [
        seconds_row("first ingest", first),
        seconds_row("second ingest of the same file", second, text, ">= 20 times", verdict),
    ]


def seconds_row(name: str, seconds: list[float], ratio: str = "", target: str = "", verdict: str = "") -> Row:
    """A row of times."""
    spread = f"{min(seconds):.3g} to {max(seconds):.3g}"
    return Row(name, f"{median(seconds):.3g} s", spread, ratio, target, verdict)


def phases_of_many(given: argparse.Namespace) -> list[Row]:
    """Phases of a million jobs against one conditional aggregation, over the same table of markers."""
    runs = phases.measure_apart(given.folder, given.jobs, min(given.rounds, 3))
    ratios = [run["model_s"] / run["floor_s"] for run in runs]
    plain = [run["model_s"] / run["plain_s"] for run in runs]
    verdict = "met" if median(ratios) <= PHASES_TARGET else "MISSED"
    parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in runs[-1]["parts"].items())
    kept = phases.measure_apart(given.folder, given.jobs, 1, keeps=True)[0]
    peak_mb, kept_mb = (max(each["peak_bytes"] or 0 for each in some) / MB for some in (runs, [kept]))
    count = f"{given.jobs:,} jobs"
    return [
        seconds_row(f"conditional aggregation, {count}", [run["floor_s"] for run in runs], verdict="floor"),
        seconds_row(
            f"phases, {count} ({parts})",
            [run["model_s"] for run in runs],
            f"{median(ratios):.1f} times ({min(ratios):.1f} to {max(ratios):.1f})",
            f"<= {PHASES_TARGET:g} times",
            verdict,
        ),
        seconds_row(
            f"the aggregation in plain BIGINT arithmetic, {count}",
            [run["plain_s"] for run in runs],
            f"phases: {median(plain):.1f} times ({min(plain):.1f} to {max(plain):.1f})",
            verdict="floor",
        ),
        Row("peak memory of both, all in memory", f"{peak_mb:.0f} MB", "", "", "", ""),
        seconds_row("phases with their tables kept, as a session of a user does", [kept["model_s"]]),
        Row(
            "peak memory of that",
            f"{kept_mb:.0f} MB",
            "",
            "",
            "<= 2000 MB",
            "met" if kept_mb <= 2000 else "MISSED",
        ),
    ]


def growth(given: argparse.Namespace) -> list[Row]:
    """Seconds of the phases per million jobs, from a tenth of the jobs to five times, their tables kept."""
    counts = [given.jobs // 10, given.jobs, *(given.jobs * times for times in given.times)]
    runs = {jobs: phases.measure_apart(given.folder, jobs, 1, keeps=True)[0] for jobs in counts}
    least = runs[counts[1]]["model_s"] / counts[1]
    rows = []
    for jobs, run in runs.items():
        times = run["model_s"] / jobs / least
        verdict = ("met" if times <= GROWTH_TARGET else "MISSED") if jobs > counts[1] else ""
        ratio = f"{times:.2f} of linear from {counts[1]:,}"
        peak = f"{(run['peak_bytes'] or 0) / MB:.0f} MB"
        wanted = f"<= {GROWTH_TARGET:g}" if verdict else ""
        rows.append(Row(f"phases of {jobs:,} jobs", f"{run['model_s']:.3g} s", peak, ratio, wanted, verdict))
    return rows


def sparse(given: argparse.Namespace) -> list[Row]:
    """`--trace markers` on a file of which about 2 % of the records are kept."""
    path = sparse_errlog(given.folder, given.mb)
    seconds = interleaved(
        {SCAN_FLOOR: ("scan", path), ITERATION_FLOOR: ("iterate", path), "kept": ("markers", path)},
        given.rounds,
    )
    size_mb = path.stat().st_size / MB
    told = measure("markers", path)
    share = told["stored"] / max(told["stored"] + told["filtered"], 1)
    rows = []
    for name in (SCAN_FLOOR, ITERATION_FLOOR):
        rows.append(speed_row(name, seconds[name], size_mb))
        what = f"ingest, markers, {share:.1%} kept, of that"
        rows.append(speed_row(what, seconds["kept"], size_mb, seconds[name], SPARSE_TARGETS.get(name, 0)))
    return rows


def sparse_errlog(folder: Path, mb: int) -> Path:
    """An errlog in which each line of a generated one is followed by fourteen heartbeats of the same moment."""
    path = folder / f"sparse-{mb}" / "DPMRACurr.errlog"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with errlog(folder, max(mb // 12, 1), "utf-8").open("rb") as lines, path.open("wb") as sparse_file:
            for line in lines:
                sparse_file.write(line)
                fields = line.split(b"\t", 4)
                if len(fields) == 5 and len(fields[0]) == 4:  # no continuation
                    beat = b"\t".join(fields[:4]) + HEARTBEAT
                    sparse_file.write(beat * 14)
    return path


MEASURES = {
    "growth": growth,
    "sparse": sparse,
    "parquet": parquet,
    "markers": markers,
    "memory": memory,
    "again": again,
    "phases": phases_of_many,
}

if __name__ == "__main__":
    main()
