"""What changes over the nights of a simulated estate, and what of it was not collected, seen in its files."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from analytics.synth import Knobs, changes, write_estate
from analytics.synth.estate import Life
from tests.synth.quiet import QUIET

FIRST = date(2025, 2, 3)  # a Monday


@pytest.fixture
def estate(tmp_path):
    """Write a small quiet estate with some knobs turned; its folder."""

    def write(**knobs) -> Path:
        write_estate(
            tmp_path / "logs", Knobs(**{**QUIET, "noise": 2, "vms": 10, "nights": 15, "seed": 4, **knobs})
        )
        return tmp_path / "logs"

    return write


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def truth(logs: Path, name: str) -> list[dict[str, str]]:
    """A table of the truth."""
    return rows(logs.with_name("logs.truth") / name)


def recorded_nights(logs: Path) -> dict[str, list[date]]:
    """The nights on which the job records show a job, by the VM's name as recorded."""
    nights: dict[str, list[date]] = {}
    for file in logs.glob("DPM*/jobs.csv"):
        for row in rows(file):
            local = datetime.fromisoformat(row["CreatedTime"]) + timedelta(hours=9 - 12)
            nights.setdefault(row["Datasource"].rsplit("\\", 1)[-1], []).append(local.date())
    return {name: sorted(days) for name, days in nights.items()}


def days(*numbers: int) -> list[date]:
    """Nights by their number."""
    return [FIRST + timedelta(days=number) for number in numbers]


@pytest.mark.parametrize("ends", ["stopped", "unprotected"])
def test_backups_that_end(estate, ends):
    """From then on no record and no line; who left protection stands in a site file, who was silent does not."""
    logs = estate(**{f"{ends}_vms": 2})
    ended = [row for row in truth(logs, "machines.csv") if row["ends"] == ends]
    nights = recorded_nights(logs)

    assert len(ended) == 2
    assert all(nights[row["name"]] == days(*range(6)) for row in ended)
    expected = {
        row["vm"]: row["expected"] for row in truth(logs, "slots.csv") if row["night"] == "2025-02-17"
    }
    assert {expected[row["name"]] for row in ended} == {str(ends == "stopped")}
    site = logs.with_name("logs.truth") / "site.toml"
    assert site.exists() == (ends == "unprotected")
    if site.exists():
        assert all(f'"{row["name"]}" = 2025-02-08' in site.read_text(encoding="utf-8") for row in ended)


def test_renamed(estate):
    """Records bear the old name first; the id of the machine is the same in both inventories."""
    logs = estate(renamed_vms=1)
    machine = next(row for row in truth(logs, "machines.csv") if row["former_name"])
    nights = recorded_nights(logs)

    assert nights[machine["former_name"]] == days(*range(7))
    assert nights[machine["name"]] == days(*range(7, 15))
    earlier = rows(logs / machine["host"] / "inventory-2025-02-03" / "vms.csv")
    now = rows(logs / machine["host"] / "vms.csv")
    for table, name in ((earlier, machine["former_name"]), (now, machine["name"])):
        ids = {row["VMId"].upper() for row in table if row["VMName"] == name}
        assert ids == {machine["vm_id"]}


def test_migrated(estate):
    """The same files lie on another volume from the middle on, in the log and in the inventory."""
    logs = estate(migrated_vms=1, volumes=4, hosts=2, rct_share=0.0)
    machine = next(row for row in truth(logs, "machines.csv") if row["changed_on"])
    paths = [
        {row["VhdPath"] for row in rows(file) if row["VMName"] == machine["name"]}
        for file in sorted((logs / machine["host"]).rglob("vms.csv"))
    ]

    assert len(paths) == 2
    assert paths[0].isdisjoint(paths[1])
    text = (logs / machine["host"] / "DPMRACurr.errlog").read_text(encoding="utf-8")
    assert all(path in text for path in paths[0] | paths[1])


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("weekday", [number for number in range(15) if number % 7 < 5]),
        ("weekly", [0, 7, 14]),
        ("twice", sorted([*range(15), *range(15)])),
    ],
)
def test_schedules(estate, schedule, expected):
    """Monday to Friday, once a week, twice a night."""
    logs = estate(**{f"{schedule}_vms": 1})
    machine = next(row for row in truth(logs, "machines.csv") if row["schedule"] not in ("nightly", ""))

    assert recorded_nights(logs)[machine["name"]] == days(*expected)


@pytest.mark.parametrize(
    ("schedule", "first_night", "night"),
    [
        ("weekdays", FIRST, 14),  # the middle of 28 nights is a Monday
        ("weekdays", FIRST + timedelta(5), 16),  # a Saturday
        ("weekly", FIRST, 14),
        ("weekly", FIRST + timedelta(5), 14),  # weeks count from the first night
        ("twice", FIRST + timedelta(5), 14),
    ],
)
def test_which_night_is_skipped(schedule, first_night, night):
    """The first due one from the middle on."""
    knobs = Knobs(nights=28, first_night=first_night)

    assert changes.middle_night(knobs) == 14
    assert changes.skipped_night(Life(schedule=schedule), knobs) == night


def test_one_miss(estate):
    """One due night without a job, of a nightly and of a weekly schedule."""
    logs = estate(skipped_vms=2, weekly_vms=1, nights=29)
    skipped = [row for row in truth(logs, "machines.csv") if row["skipped_night"]]
    nights = recorded_nights(logs)

    assert sorted(row["schedule"] for row in skipped) == ["nightly", "weekly"]
    for row in skipped:
        night = date.fromisoformat(row["skipped_night"])
        assert night not in nights[row["name"]]
        assert night + timedelta(days=7) in nights[row["name"]]


def test_namesakes(estate):
    """One name, two machines: of two clusters and of two hosts of one cluster."""
    logs = estate(namesakes=2, vms=24, hosts=8, volumes=8, nights=2)
    groups: dict[str, list[dict[str, str]]] = {}
    for row in truth(logs, "machines.csv"):
        groups.setdefault(row["name"], []).append(row)
    pairs = [group for group in groups.values() if len(group) == 2]

    assert len(pairs) == 2
    assert {len({row["cluster"] for row in pair}) for pair in pairs} == {1, 2}
    assert all(
        len({row["host"] for row in pair}) == 2 == len({row["vm_id"] for row in pair}) for pair in pairs
    )


def test_outage(estate):
    """No VM runs on the last nights, all were due."""
    logs = estate(outage_nights=9)

    assert {max(nights) for nights in recorded_nights(logs).values()} == set(days(5))
    late = [row for row in truth(logs, "slots.csv") if row["night"] >= "2025-02-09"]
    assert {(row["expected"], row["reason"]) for row in late} == {("True", "outage")}


def test_a_dark_night_and_lost_records(estate):
    """Nothing at all is left of the dark night; of the next one the host's log, but no record."""
    logs = estate(dark_nights=1, lost_record_nights=1)
    nights = {night for found in recorded_nights(logs).values() for night in found}

    assert nights == set(days(*range(15))) - set(days(7, 8))
    lines = (logs / "HV01" / "DPMRACurr.errlog").read_text(encoding="utf-8").splitlines()
    logged = {line.split("\t")[2] for line in lines if "InitializeSnapshotCreation" in line}
    assert "02/10" not in logged
    assert "02/11" in logged
    lost = truth(logs, "lost.csv")
    assert {(row["has_record"], row["has_log"]) for row in lost} == {("False", "False"), ("False", "True")}


def test_machines_that_gave_nothing(estate):
    """Neither a log nor an inventory of the last host, nothing of the last DPM server."""
    logs = estate(silent_hosts=1, silent_servers=1, dpm_servers=2, hosts=8, volumes=4, vms=12, nights=2)

    assert sorted(path.name for path in logs.iterdir()) == ["DPM01", *(f"HV{i:02d}" for i in range(1, 8))]


def test_checks_without_records(estate):
    """The check runs on the host and stands in no job record."""
    logs = estate(consistency_check_share=1.0, unrecorded_checks=True, nights=2)
    categories = {row["JobCategory"] for file in logs.glob("DPM*/jobs.csv") for row in rows(file)}

    assert "Validation" not in categories
    checks = [row["job_id"] for row in truth(logs, "jobs.csv") if row["kind"] == "consistency_check"]
    text = "".join(file.read_text(encoding="utf-8") for file in logs.glob("HV*/DPMRACurr.errlog"))
    assert checks
    assert any(job in text for job in checks)


def test_a_clock_that_jumps(estate):
    """The first host's lines are late by the jump from the middle day on, measured against the job records."""
    logs = estate(clock_jump_s=90.0, nights=4, vms=6, hosts=2)
    starts = {
        row["TaskId"].upper(): datetime.fromisoformat(row["StartTime"])
        for file in logs.glob("DPM*/jobs.csv")
        for row in rows(file)
    }
    apart: dict[bool, list[float]] = {False: [], True: []}
    for line in (logs / "HV01" / "DPMRACurr.errlog").read_text(encoding="utf-8").splitlines():
        fields = line.split("\t")
        if "InitializeSnapshotCreation" in line:
            at = datetime.fromisoformat(f"2025-{fields[2].replace('/', '-')}T{fields[3]}+00:00")
            apart[at >= datetime.fromisoformat("2025-02-05T03:00:00+00:00")].append(
                (at - starts[fields[7]]).total_seconds()
            )

    assert max(apart[False]) < 10
    assert min(apart[True]) > 85


def test_full_backups_still_running(estate):
    """The last night's backup has no end when the logs are collected."""
    logs = estate(running_fulls=1, nights=2, collected="04:00")
    running = [
        row
        for file in logs.glob("DPM*/jobs.csv")
        for row in rows(file)
        if row["Status"] == "InProgress" and row["JobCategory"] != "Validation"
    ]

    assert running
    assert {row["EndTime"] for row in running} == {""}
    collected = json.loads((logs / "DPM01" / "collection.json").read_text(encoding="utf-8-sig"))[
        "collected_at"
    ]
    assert collected.startswith("2025-02-04T19:00")
