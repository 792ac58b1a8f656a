"""The picture in README, of the report that its first command makes: `python -m tests.picture` draws it anew."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from analytics.ingest import ingest
from analytics.places import sample_logs_folder
from analytics.planning import open_session
from analytics.report import build_report
from analytics.report.picture import svg
from analytics.sql import Session
from analytics.store import Store

PICTURE = Path(__file__).resolve().parents[1] / ".github" / "report.svg"
SHOWN = ("sla_heatmap", "night_timeline")
_TEXT = re.compile(r"<text[^>]*>([^<]*)</text>")


def drawn(session: Session) -> str:
    """Heatmap and worst night of an estate as SVG."""
    return svg(build_report(session), SHOWN)


def texts(picture: str) -> list[str]:
    """All that is written in it."""
    return _TEXT.findall(picture)


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        estate = Store.create_or_open(Path(folder) / "estate.store")
        ingest(estate, [sample_logs_folder() / "estate"])
        with open_session(estate) as opened:
            PICTURE.write_text(drawn(opened) + "\n", encoding="utf-8", newline="\n")
