"""Reads what synth wrote, without any code of the package: dpm-formats.md 1.8 and 6."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

G = r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
RAW = re.compile(
    r"^(?:(?P<pid>[0-9A-Fa-f]{1,8})\t(?P<tid>[0-9A-Fa-f]{1,8})\t)?"
    r"(?P<md>\d\d/\d\d)\t(?P<time>\d\d:\d\d:\d\d\.\d{3})\t"
    r"(?P<comp>[0-9A-Fa-f]{1,4})\t(?P<src>[^\t(]*)\((?P<line>\d+)\)\t"
    r"(?P<obj>\[[0-9A-Fa-f]{8,16}\])?\t\{?(?P<task>" + G + r")?\}?\t"
    r"(?P<level>[A-Z][A-Z_]*)\t?(?P<msg>.*)$",
    re.DOTALL,
)
COLL = re.compile(
    r"^(?:(?P<file>[^\s:]+\.errlog(?:\.[^\s:]+)?):)?\s*"
    r"(?:(?P<pid>[0-9A-Fa-f]{1,8})\s+(?P<tid>[0-9A-Fa-f]{1,8})\s+)?"
    r"(?P<md>\d\d/\d\d)\s+(?P<time>\d\d:\d\d:\d\d\.\d{3})\s+"
    r"(?P<comp>[0-9A-Fa-f]{1,4})\s+(?P<src>[\w.+-]+)\((?P<line>\d+)\)\s+"
    r"(?:(?P<obj>\[[0-9A-Fa-f]{8,16}\])\s+)?(?:\{?(?P<task>" + G + r")\}?\s+)?"
    r"(?P<level>[A-Z][A-Z_]*)\s+(?P<msg>.*)$",
    re.DOTALL,
)
EXCEL = re.compile(
    r"^(?:(?P<file>[^\s:]+\.errlog):)?(?P<id>[0-9A-Fa-f]{2,8})\s+"
    r"(?P<d>\d{1,2}-[A-Z][a-z]{2})\s+(?P<t>\d{1,2}:\d\d:\d\d [AP]M)\s+"
    r"(?P<src>[\w.+-]+)\((?P<line>\d+)\)\s+(?P<level>[A-Z][A-Z_]*)\s+\"?(?P<msg>.*?)\"?\s*$",
    re.DOTALL,
)
MARKERS = (
    ("init", "vsssnapshotrequestor.cpp", "CVssSnapshotRequestor::InitializeSnapshotCreation"),
    ("add_volume", "vsssnapshotrequestor.cpp", "AddVolumeForSnapshot - Marked volume"),
    ("refusal", "csvapi.cpp", "[0x8007173d] : ClusterPrepareSharedVolumeForBackup"),
    ("provider_id", "vsssnapshotrequestor.cpp", "ProviderId:"),
    ("vhd_chain", "hypervwriterhelperplugin.cpp", "VhdChain with ssBaseVhdOfVhdChain"),
    ("begin_data_move", "datasetfixupsubtaskbase.cpp", "CDatasetFixupSubTaskBase::BeginDataMove"),
    ("start_backup_complete", "vsssnapshotrequestor.cpp", "CVssSnapshotRequestor::StartBackupComplete"),
    ("release_snapshot", "freesnapshotsubtask.cpp", "CFreeSnapshotSubTask: ReleaseSnapshot"),
    ("create_pit_begin", "storagemanager.cs", "==>CreatePIT("),
    ("create_pit_end", "storagemanager.cs", "<--CreatePIT"),
    ("prebackup_started", "backupasync.cpp", "Backup Progress: Prebackup started."),
    ("data_transfer_started", "backupasync.cpp", "Backup Progress: Data transfer started."),
    ("data_transfer_finished", "backupasync.cpp", "Backup Progress: Data transfer finished"),
    ("uninitialize_finished", "backupasync.cpp", "Backup Progress: UnInitialize Storage finsihed."),
)


class Seen(NamedTuple):
    """A marker found in a log."""

    task: str
    kind: str
    at: str
    message: str
    thread: str


def decode(content: bytes) -> str:
    """The text of a file by its byte order mark, UTF-16LE without one by its zeros, else UTF-8."""
    if content.startswith(b"\xff\xfe"):
        return content[2:].decode("utf-16-le")
    return content.decode("utf-16-le") if content[1:2] == b"\0" else content.decode("utf-8-sig")


def lines_of(path: Path) -> list[str]:
    """The physical lines of a file, all of which end with CRLF."""
    text = decode(path.read_bytes())
    assert text == "" or text.endswith("\r\n")
    return text.split("\r\n")[:-1]


def errlogs(folder: Path) -> list[Path]:
    """The logs of an estate, oldest first in each machine and service; no copies."""
    return sorted(
        (path for path in folder.glob("*/*.errlog") if "copy" not in str(path)),
        key=lambda path: (
            path.parent.name,
            path.stem.rstrip("0123456789").removesuffix("Curr"),
            path.stat().st_mtime,
        ),
    )


def records(paths: list[Path], first_year: int) -> Iterator[tuple[Path, datetime, re.Match[str]]]:
    """All raw records; the year goes up where a service's log jumps from December to January."""
    service, year, month = "", first_year, 1
    for path in paths:
        here = str(path.parent / path.stem.rstrip("0123456789").removesuffix("Curr"))
        if here != service:
            service, year, month = here, first_year, 1
        for line in lines_of(path):
            found = RAW.match(line)
            if not found:
                continue
            if int(found["md"][:2]) == 1 and month == 12:
                year += 1
            month = int(found["md"][:2])
            yield (
                path,
                datetime.strptime(f"{year}/{found['md']} {found['time']} +0000", "%Y/%m/%d %H:%M:%S.%f %z"),
                found,
            )


def markers(folder: Path, first_year: int = 2025) -> list[Seen]:
    """All markers in the logs of an estate."""
    return [
        Seen(found["task"], kind, stamp(at), found["msg"], f"{path.parent.name}/{found['tid']}")
        for path, at, found in records(errlogs(folder), first_year)
        for kind, source, text in MARKERS
        if source == found["src"] and text in found["msg"]
    ]


def stamp(at: datetime) -> str:
    """ISO 8601 with milliseconds and Z."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def table(path: Path) -> list[dict[str, str]]:
    """A CSV file as dictionaries."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
