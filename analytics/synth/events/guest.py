"""What a guest logs while it is backed up through its host: the in-guest snapshot t1 and what surrounds it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from analytics.synth.estate import VM, new_guid
from analytics.synth.events.tale import (
    GUEST_REQUESTER,
    LATER_GUEST_REQUESTER,
    LOWER,
    UPPER,
    Numbering,
    Snapshot,
    Tale,
    computer_of,
    fqdn,
    guest_volumes,
    snapshots_of,
    tell_arrival,
    tell_audit,
    tell_flush,
)
from analytics.synth.job import Job


class Tracing(NamedTuple):
    """What the machines' administrators have switched on."""

    audit_8222: bool
    volsnap_analytic: bool


def applications_of(vm: VM) -> tuple[str, ...]:
    """The databases in the guest whose writers log freeze and thaw."""
    role = vm.name.partition("-")[0]
    known = {"DC": ("ntds",), "SQL": ("sql",), "ERP": ("sql",), "SP": ("sql", "esent"), "MAIL": ("esent",)}
    return known.get(role, ("esent",) if vm.index % 2 else ())


def tell_guest(job: Job, numbers: Numbering, tracing: Tracing, seed: int) -> Tale:
    """The guest's part in one job that got as far as the in-guest snapshot."""
    tale, rng = Tale(job), Random(f"{seed}|guest tale|{job.task_id}")
    t1_s, vm = job.at_s("t1"), job.vm
    if t1_s is None:
        return tale
    t2_s = job.at_s("t2")
    gap_s = (t2_s if t2_s is not None else t1_s + 1.0) - t1_s
    snapshots = snapshots_of(guest_volumes(vm, seed), f"{job.task_id}", numbers, rng)
    begin_s = t1_s - rng.uniform(2.4, 3.4)
    complete_s = job.at_s("start_backup_complete")
    tale.session(begin_s, complete_s or t1_s + 5 * gap_s, "start_backup_complete" if complete_s else "t1")
    _tell_writers(tale, job, (begin_s, t1_s, gap_s), snapshots[0].device, rng)
    image = GUEST_REQUESTER.get(vm.era, LATER_GUEST_REQUESTER)
    tell_audit(tale, t1_s, "t1", snapshots, fqdn(computer_of(vm)), image, tracing.audit_8222)
    if tracing.volsnap_analytic:
        tell_flush(tale, t1_s, "t1", snapshots, 0.12)
    tell_arrival(tale, t1_s, "t1", snapshots, vm.era != "A")
    provider_s = job.at_s("provider_id")
    if vm.era == "B" and t2_s is not None and provider_s is not None:
        _tell_auto_recovery(tale, (t2_s, provider_s), (t1_s, vm), snapshots, rng)
    return tale


def tell_freeze(tale: Tale, application: str, freeze_s: float, thaw_s: float, rng: Random) -> None:
    """Freeze and thaw of one application around a snapshot."""
    if application == "sql":
        for place, database in enumerate(("master", "Orders", "売上")):
            tale.tell(
                freeze_s + place * 0.004,
                "sql_3197",
                database,
                boundary="t1",
                relation=LOWER,
                binary=b"\x7d\x0c\0\0",
            )
            tale.tell(
                thaw_s + place * 0.003,
                "sql_3198",
                database,
                boundary="t1",
                relation=UPPER,
                binary=b"\x7e\x0c\0\0",
            )
        return
    process = "lsass" if application == "ntds" else "svchost"
    common = (process, str(rng.randrange(100, 900) * 4), "", str(rng.randrange(1, 60)))
    tale.tell(freeze_s, f"{application}_2001", *common, boundary="t1", relation=LOWER, binary=b"")
    tale.tell(thaw_s, f"{application}_2003", *common, boundary="t1", relation=UPPER, binary=b"")


def _tell_writers(tale: Tale, job: Job, when: tuple[float, float, float], device: str, rng: Random) -> None:
    begin_s, t1_s, gap_s = when
    complete_s = job.at_s("start_backup_complete")
    for application in applications_of(job.vm):
        freeze_s, thaw_s = t1_s - rng.uniform(0.15, 0.9), t1_s + gap_s * rng.uniform(0.08, 0.3)
        tell_freeze(tale, application, freeze_s, thaw_s, rng)
        if application == "sql":
            continue
        common = ("lsass" if application == "ntds" else "svchost", "640", "", str(rng.randrange(1, 60)))
        prepared_s = begin_s + rng.uniform(0.3, 1.0)
        tale.tell(prepared_s, f"{application}_2005", *common, boundary="t1", relation=LOWER, binary=b"")
        if complete_s is not None:
            tale.tell(
                complete_s + rng.uniform(0.05, 0.4), f"{application}_2006", *common, binary=b"",
                boundary="start_backup_complete", relation=UPPER,
            )  # fmt: skip
        failed_s = job.at_s("transfer_failed")
        if failed_s is not None and application == "esent":
            tale.tell(
                failed_s + rng.uniform(0.5, 2), "esent_2007", *common, boundary="transfer_failed", relation=UPPER,
                binary=b"",
            )  # fmt: skip
        if application == "ntds":
            copy = f"\\\\?\\GLOBALROOT{device}\\Windows\\NTDS\\ntds.dit"
            tale.tell(
                t1_s + gap_s * 0.4, "ntds_216", "lsass", "640", "", "C:\\Windows\\NTDS\\ntds.dit", copy, binary=b"",
                boundary="t1", relation=UPPER,
            )  # fmt: skip


def _tell_auto_recovery(
    tale: Tale, span: tuple[float, float], of: tuple[float, VM], snapshots: list[Snapshot], rng: Random
) -> None:
    """Era B: the auto-recovery disks are hot-added to the guest, brought to the snapshot and taken away."""
    (t2_s, provider_s), (_, vm) = span, of
    for place, snapshot in enumerate(snapshots):
        at = _within(t2_s, provider_s)
        disk, disk_id = 8 + place, new_guid(rng).lower()
        location = f"SCSI\\Disk&Ven_Msft&Prod_Virtual_Disk\\5&{rng.randrange(1 << 28):07x}&0&00000{place}"
        facts = (
            disk,
            512,
            vm.disks[place].max_bytes,
            10,
            "Msft    ",
            "Virtual Disk    ",
            "1.0 ",
            "",
            location,
            disk_id,
        )
        tale.tell(at(0.15), "partition_1006", *facts, boundary="t2", relation=UPPER)
        tale.tell(
            at(0.17), "partmgr_58", "\\Device\\Harddisk1", str(disk), str(place), boundary="t2", relation=UPPER,
            binary=b"",
        )  # fmt: skip
        target = (snapshot.volume.guid,)
        line = (0x1, 38_529, 124)
        for share, number in ((0.2, 100), (0.24, 101), (0.28, 103)):
            tale.tell(at(share), f"snapshot_{number}", *target, *line, boundary="t2", relation=UPPER)
        tale.tell(at(0.4), "snapshot_104", *target, 1, 0, 1, *line, boundary="t2", relation=UPPER)
        gone = (disk, 512, 0, *facts[3:])
        tale.tell(at(0.85), "partition_1006", *gone, boundary="provider_id", relation=LOWER)
        tale.tell(at(0.86), "disk_157", f"\\Device\\Harddisk{disk}\\DR{disk}", str(disk), binary=b"",
                  boundary="provider_id", relation=LOWER)  # fmt: skip


def _within(begin_s: float, end_s: float) -> Callable[[float], float]:
    return lambda share: begin_s + (end_s - begin_s) * share
