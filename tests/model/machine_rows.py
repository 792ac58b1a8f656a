"""Rows of inventory, job records and errlogs that name machines, for the tests of who is who."""

from __future__ import annotations

from tests.model.views import Row, S

DAY = 86400 * S
MONDAY = 1738576800 * S + 1800 * S  # 2025-02-03 10:30 UTC; a night runs from 14:00 to 14:00
ID1, ID2 = "11111111-0000-0000-0000-000000000000", "22222222-0000-0000-0000-000000000000"
VOLUME = "C:\\ClusterStorage\\Volume1\\"


def path(name: str) -> str:
    """A disk in a folder of that name."""
    return f"{VOLUME}{name}\\{name}.vhdx"


def disk(vm: str, vm_id: str | None = None, day: int = 0, host: str | None = "HV01", **more: object) -> Row:
    """A row of the inventory."""
    row: Row = {"vm": vm, "vm_id": vm_id, "collected_at": MONDAY + day * DAY, "host": host, "vhd_path": None}
    return row | {"host_key": host and host.lower()} | more


def inventory(*rows: Row) -> list[Row]:
    """Rows of vms, numbered."""
    return [row | {"source_id": "S", "record_no": place} for place, row in enumerate(rows)]


def task(vm: str, day: int, host: str = "HV01", server: str | None = "DPM01", **more: object) -> Row:
    """A job record of a VM; its id says whose it is."""
    source = f"\\Backup Using Child Partition Snapshot\\{vm}"
    row: Row = {"job_id": f"{vm}@{host}/{day}", "data_source": source, "kind": "express_full"}
    row |= {"production_server": f"{host}.contoso.local", "dpm_server": server}
    return row | {"created_at": MONDAY + day * DAY} | more


def chain(job_id: str, vhd_path: str, day: int = 0, host: str = "HV01") -> Row:
    """A line of an errlog that names a disk."""
    return {
        "job_id": job_id,
        "marker": "vhd_chain",
        "detail": vhd_path,
        "host": host,
        "us": MONDAY + day * DAY,
    }
