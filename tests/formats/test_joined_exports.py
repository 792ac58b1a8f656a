"""Exports that were joined into one file: the damaged header of the first takes nothing from the second."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.formats import Format, Head, Reading, by_name, recognise

ROOT = Path(__file__).parents[2]
TABLES = (
    "events-csv/get_winevent.csv",
    "events-csv/event_viewer_de.txt",
    "events-csv/event_viewer_ja.csv",
    "jobs-csv/jobs.csv",
    "vms-csv/vms.csv",
    "task-trail-csv/task_trail.csv",
    "log-analytics/AddonAzureBackupJobs.csv",
    "log-analytics/AzureDiagnostics.csv",
    "dpm-alerts-csv/alerts.csv",
    "dpm-alerts-csv/properties_de.csv",
    "get-dpmjob-csv/german.csv",
)
GET_DPMJOB = by_name("get-dpmjob-csv")
DAMAGES = {
    "its begin is lost": lambda header: header[len(header) // 2 :],
    "its end is lost": lambda header: header[: len(header) // 2],
    "all but the last name is lost": lambda header: header[-8:],
    "two columns became one": lambda header: header.replace(",", " ", 1).replace(";", " ", 1),
    "a name is spoilt": lambda header: header[:4] + "\u25a1" + header[5:],
    "all names are spoilt": lambda header: (
        header.replace("e", "\u25a1").replace("t", "\u25a1").replace("\u30d9", "x")
    ),
}


def parts(name: str) -> tuple[str, str, str]:
    """The lines above the header of a sample, its header, and what stands below."""
    data = (ROOT / "sample_logs" / name).read_bytes()
    lines = data.decode(Head("x", data).encoding).lstrip("\ufeff").splitlines(keepends=True)
    above = 1 if lines[0].startswith("#TYPE") else 0
    return "".join(lines[:above]), lines[above].rstrip("\r\n"), "".join(lines[above + 1 :])


def rows(entry: Format, text: str, outcome) -> list[dict]:
    """The rows of a text, without their place in it."""
    found = outcome(entry, text.encode("utf-8"), Reading()).rows
    return [
        {key: value for key, value in row.items() if key not in {"record_no", "created_at"}} for row in found
    ]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", TABLES)
def test_a_table_below_a_damaged_header(name: str, damage: str, outcome) -> None:
    """The second export is read, whatever is left of the header of the first, and however many rows stand below it."""
    entry = by_name(name.partition("/")[0])
    above, header, below = parts(name)
    whole = f"{above}{header}\r\n{below}"
    joined = f"{above}{DAMAGES[damage](header)}\r\n{below.rstrip()}\r\n{whole}"

    claimed = recognise(Head("x", joined.encode("utf-8")))
    due = rows(entry, whole, outcome)
    assert due
    if (
        claimed is not entry and claimed is GET_DPMJOB
    ):  # half a header of jobs may be that of another export of jobs
        assert damage == "its end is lost"
        assert {row["task_id"] for row in due} <= {row["task_id"] for row in rows(claimed, joined, outcome)}
    else:
        assert claimed is entry
        found = rows(entry, joined, outcome)
        assert [row for row in due if row not in found] == []
