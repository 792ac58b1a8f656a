"""Fail on tests that were skipped without leave: `skips.py LOG` reads the summary that pytest -ra prints.

skips.txt lists what may be skipped: one line each, `path: reason`, then ` | ` and why that costs no evidence.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

SKIPPED = re.compile(r"^SKIPPED \[\d+\] (?P<path>[^:]+?)(?::\d+)?: (?P<reason>.*)$")


def allowed(path: Path) -> set[str]:
    """The skips that have leave."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line.split(" | ")[0].strip() for line in lines if line.strip() and not line.startswith("#")}


def main(log: Path) -> int:
    """Print the skips without leave; 1 where there is one."""
    found = [match for line in log.read_text(encoding="utf-8").splitlines() if (match := SKIPPED.match(line))]
    leave = allowed(Path(__file__).with_name("skips.txt"))
    unexpected = [match[0] for match in found if f"{match['path']}: {match['reason']}" not in leave]
    for line in unexpected:
        print(f"skipped without leave (.ci/skips.txt): {line}")
    return 1 if unexpected else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
