"""What users wait for, apart from large ingests: `python -m tests.bench.answers [--folder F]` (POSIX).

A second ingest of 10,000 files, the size of a report of three VMs, the first chart of 800 VMs x 30 nights in Chromium.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

from tests.bench.estates import COMMAND, MB, run, show

HEAD = "VMName,HostName,VhdPath,VhdFormat,FileSizeBytes\n"


def main() -> None:
    """Print a row per answer."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.answers", description=__doc__)
    parser.add_argument("--files", type=int, default=10_000, help="of the second ingest")
    parser.add_argument("--vms", type=int, default=800, help="of the report that Chromium opens")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "dpm-bench")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    print("| what | measured | CPU s | wall s | peak MB |\n|---|---|---|---|---|")
    small_report(given.folder)
    first_chart(given.folder, given.vms)
    many_files(given.folder, given.files)


def small_report(folder: Path) -> None:
    """Three VMs, 14 nights."""
    page = report_of(folder, 3, 14)
    print(
        f"| report of three VMs × 14 nights | {page.stat().st_size / MB:.2f} MB of HTML |  |  |  |",
        flush=True,
    )


def report_of(folder: Path, vms: int, nights: int) -> Path:
    """The report of a simulated estate, made where it is not there yet."""
    page, logs, store = (folder / f"answers-{vms}-{nights}{end}" for end in (".html", "", ".store"))
    if not page.exists():
        run(*COMMAND, "synth", str(logs), "--vms", str(vms), "--nights", str(nights), "-q")
        run(*COMMAND, "ingest", str(logs), "--store", str(store), "-q")
        run(*COMMAND, "report", "--store", str(store), "--out", str(page), "-q")
    return page


def first_chart(folder: Path, vms: int) -> None:
    """From the navigation to the first drawing, in a fresh Chromium each time."""
    from playwright.sync_api import sync_playwright

    page = report_of(folder, vms, 30)
    program = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome")))
    )
    seconds = []
    with sync_playwright() as playwright:
        for _ in range(3):
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            tab = browser.new_page(viewport={"width": 1280, "height": 900})
            begin = time.perf_counter()
            tab.goto(page.as_uri(), wait_until="commit")
            tab.locator("figure svg").first.wait_for()
            seconds.append(time.perf_counter() - begin)
            browser.close()
    size = page.stat().st_size / MB
    name = f"first chart in Chromium, {vms} VMs × 30 nights ({size:.1f} MB)"
    print(f"| {name} | {min(seconds):.1f} to {max(seconds):.1f} s |  | {min(seconds):.2f} |  |", flush=True)


def many_files(folder: Path, count: int) -> None:
    """Inventories of one VM each, read and read again."""
    logs, store = folder / f"files-{count}", folder / f"files-{count}.store"
    if not logs.exists():
        for number in range(count):
            place = logs / f"{number // 100:03}" / f"HV{number:05}"
            place.mkdir(parents=True)
            row = f"VM{number},HV{number:05},C:\\V\\VM{number}.vhdx,VHDX,{number + 1}\n"
            (place / "vms.csv").write_text(HEAD + row, encoding="utf-8")
    if not store.exists():
        show(f"ingest of {count:,} files", run(*COMMAND, "ingest", str(logs), "--store", str(store), "-q"))
    for _ in range(2):
        show(
            f"again, nothing new in {count:,} files",
            run(*COMMAND, "ingest", str(logs), "--store", str(store), "-q"),
        )


if __name__ == "__main__":
    main()
