"""The views computers and missing_logs: who takes part in backups, and which event logs are not there."""

from __future__ import annotations

import pytest

from tests.model.views import rows_of

JOB = {
    "job_id": "J1",
    "host": "HV01.x",
    "dpm_server": "DPM01.x",
    "vm": "VM1",
    "level": "host",
    "kind": "express_full",
}


def roles(**given) -> set[tuple[str, str]]:
    """Computers and their roles."""
    return {(row["host"], row["role"]) for row in rows_of("computers", **given)}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, {("HV01", "hyper-v-host"), ("DPM01", "dpm-server"), ("VM1", "guest")}),
        ({"level": "guest"}, {("DPM01", "dpm-server")}),
        ({"kind": "online"}, {("DPM01", "dpm-server")}),
        ({"host": None, "dpm_server": None, "vm": None}, set()),
    ],
)
def test_who_takes_part(more, expected):
    """Hosts and guests of host-level jobs, and the DPM server of any."""
    assert roles(job_base=[JOB | more]) == expected


def test_guests_by_any_of_their_names():
    """The computer that gave events under a former name, or the one name of two machines, is the guest."""
    jobs = [JOB, JOB | {"job_id": "J2", "vm": "NEW"}, JOB | {"job_id": "J3", "vm": "TWIN (HV01)"}]
    names = [("NEW", "old"), ("NEW", "new"), ("TWIN (HV01)", "twin"), ("VM1", "vm1")]
    given = {
        "job_base": jobs,
        "machine_aliases": [{"vm": vm, "name_key": name} for vm, name in names],
        "log_nights": [
            {"host": "OLD", "log_kind": "events:System"},
            {"host": "Twin", "log_kind": "events:System"},
            {"host": "vm1", "log_kind": "errlog:DPMRA"},
        ],
    }

    assert {host for host, role in roles(**given) if role == "guest"} == {"OLD", "Twin", "VM1"}


def test_without_jobs():
    """Hosts that took snapshots, and what collections say of guests and servers."""
    given = {
        "host_snapshots": [{"host": "HV02"}],
        "collections": [
            {"host": "VM2.x", "role": "guest"},
            {"host": "DPM02", "role": "dpm-server"},
            {"host": "HV03", "role": "hyper-v-host"},
        ],
    }

    assert roles(**given) == {("HV02", "hyper-v-host"), ("VM2", "guest"), ("DPM02", "dpm-server")}
    assert roles(**given, job_base=[JOB | {"level": "guest"}]) == {("DPM01", "dpm-server")}


def test_logs_that_are_not_there():
    """Every log that its role writes and of which no event was read; slash and dash are one."""
    events = [
        {"host_key": "hv01", "channel": "Microsoft-Windows-VolumeSnapshot-Driver-ANALYTIC"},
        {"host_key": "hv02", "channel": "System"},
        {"host_key": "hv01", "channel": None},
    ]
    found = rows_of("missing_logs", computers=[{"host": "HV01", "role": "hyper-v-host"}], events=events)
    ruled = {row["channel"] for row in found}

    assert "Microsoft-Windows-VolumeSnapshot-Driver/Analytic" not in ruled
    assert {"Security", "System", "Application", "Microsoft-Windows-VHDMP-Operational"} <= ruled
    assert {row["role"] for row in found} == {"hyper-v-host"}
