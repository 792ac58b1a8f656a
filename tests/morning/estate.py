"""A small estate whose logs grow and rotate from morning to morning, and the site file of its daily run."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from pathlib import Path
from zoneinfo import ZoneInfo

from analytics.synth import Knobs, write_estate

ZONE = "Europe/Berlin"
FIRST = dt.date(2025, 3, 10)
KNOBS = {
    "vms": 4,
    "hosts": 1,
    "volumes": 2,
    "site_time_zone": ZONE,
    "encoding": "utf-8",
    "noise": 1,
    "continuation_share": 0.0,
    "missed_share": 0.04,
    "failure_share": 0.0,
    "warning_share": 0.0,
    "reruns": 0,
    "collision_share": 0.0,
    "online_share": 0.0,
    "guest_share": 0.0,
    "never_run_share": 0.0,
    "initial_replica_share": 0.0,
    "consistency_check_share": 0.0,
    "running_jobs": 0,
    "heavy_share": 0.0,
    "outlier_share": 0.0,
    "hostile_share": 0.0,
    "slow_post_share": 0.0,
    "rct_share": 0.0,
    "hardware_share": 0.0,
}
_STAMP = re.compile(rb"(\d\d)/(\d\d)\t(\d\d):(\d\d):(\d\d)")
_KEPT_LINES = 60  # an errlog of this estate is rotated after so many


class Estate:
    """All logs of all nights; `collect` copies what there was at one moment."""

    def __init__(self, folder: Path, nights: int, first: dt.date = FIRST) -> None:
        self.source = folder / "whole"
        write_estate(self.source, Knobs(nights=nights, first_night=first, **KNOBS))
        self.jobs = [row for path in self.source.rglob("jobs.csv") for row in _rows(path)]
        self.lines = {path: _lines(path) for path in _logs(self.source)}

    def collect(self, logs: Path, now: dt.datetime) -> None:
        """What a copy job leaves in `logs` at `now`: the newest lines, those before in the rotated file."""
        for folder in (path for path in self.source.iterdir() if path.is_dir()):
            self._collect_one(folder, logs / folder.name, now.astimezone(dt.UTC))

    def _collect_one(self, folder: Path, to: Path, now: dt.datetime) -> None:
        to.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            if path.name == "collection.json":
                note = json.loads(path.read_text("utf-8-sig")) | {"collected_at": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
                (to / path.name).write_text(json.dumps(note), encoding="utf-8")
            elif path.name == "vms.csv":
                (to / path.name).write_bytes(path.read_bytes())
            elif path.name == "jobs.csv":
                _write_rows(
                    to / path.name,
                    [row for row in _rows(path) if row["EndTime"] <= f"{now:%Y-%m-%dT%H:%M:%S}"],
                )
        for path, lines in self.lines.items():
            if path.parent == folder:
                there = [line for at, line in lines if at <= now]
                cut = len(there) // _KEPT_LINES * _KEPT_LINES
                name = path.name.replace("Curr", "0")
                for each, lines_of_it in (
                    (path.name, there[cut:]),
                    (name, there[max(0, cut - _KEPT_LINES) : cut]),
                ):
                    if lines_of_it:
                        (to / each).write_bytes(b"".join(lines_of_it))

    def met(self, night: dt.date) -> set[str]:
        """The VMs with a good backup that ended in the window of a night, by the job records alone."""
        opens, closes = (
            dt.datetime.combine(night + dt.timedelta(days=days), dt.time(hour), ZoneInfo(ZONE)).astimezone(
                dt.UTC
            )
            for days, hour in ((0, 22), (1, 6))
        )
        return {
            row["Datasource"]
            for row in self.jobs
            if row["Status"] == "Succeeded"
            and opens <= dt.datetime.fromisoformat(row["CreatedTime"])
            and dt.datetime.fromisoformat(row["EndTime"]) <= closes
        }


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0] if rows else ["TaskId"])
        writer.writeheader()
        writer.writerows(rows)


def _logs(source: Path) -> list[Path]:
    """The current errlogs; what was rotated is put before them."""
    return sorted(source.rglob("*Curr.errlog"))


def _lines(current: Path) -> list[tuple[dt.datetime, bytes]]:
    """All lines of a log with their times, the oldest first."""
    pieces = sorted(current.parent.glob(current.name.replace("Curr", "[0-9]*")), reverse=True)
    found, at = [], dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    for piece in [*pieces, current]:
        for line in piece.read_bytes().splitlines(keepends=True):
            if stamp := _STAMP.search(line[:40]):
                month, day, *clock = map(int, stamp.groups())
                at = dt.datetime(2025, month, day, *clock, tzinfo=dt.UTC)
            found.append((at, line))
    return found


def site_file(folder: Path, mail_port: int = 0, more_run: str = "", more_mail: str = "") -> Path:
    """The site file of the daily run; a port of 0 leaves mail out."""
    mail = (
        f'[mail]\nto = ["ops@example.com"]\nfrom = "dpm@example.com"\nserver = "127.0.0.1"\nport = {mail_port}\n'
        f'tls = "none"\ntimeout_s = 5\n{more_mail}\n'
    )
    path = folder / "site.toml"
    path.write_text(
        f'[site]\ntime_zone = "{ZONE}"\n[vms]\nschedule = {{ "*" = "daily" }}\n'
        f'[run]\nlogs = ["logs"]\nstore = "store"\nout = "reports"\n{more_run}\n'
        + (mail if mail_port else ""),
        encoding="utf-8",
    )
    return path


def morning_after(night: dt.date) -> dt.datetime:
    """Seven o'clock, an hour after the window closed."""
    return dt.datetime.combine(night + dt.timedelta(days=1), dt.time(7), ZoneInfo(ZONE))
