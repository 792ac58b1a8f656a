"""The settings of a simulated estate, each declared once with its default and its help text."""

# ruff: noqa: RUF009  (_knob() returns a field with its help text)

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analytics.clock import clock_of, window_of
from analytics.errors import UsageError
from analytics.synth.files.cultures import CULTURES

_ENCODINGS = ("utf-16", "utf-16-no-bom", "utf-8", "utf-8-bom")
_FORMS = ("raw", "no-pid", "blanks", "findstr")
_LANGUAGES = ("en", "ja", "mixed")
_HISTORY_ZONES = ("site", "utc")
_EVENT_FORMS = ("none", "xml", "evtx")
_EVENT_CHANNELS = ("all", "classic", "few")
_ERAS = ("mixed", "A", "B", "C")
_JOB_RECORDS = (
    "jobs-csv",
    "dpm-job-history",
    "get-dpmjob-csv",
    "console",
    "console-ja",
    "task-trail-csv",
    "log-analytics",
    "azure-diagnostics",
    "cbengine-history",
    "none",
)
# Counts of what changes or is lost over the nights (synth/changes.py and synth/losses.py).
_COUNTS_OF_CHANGES = (
    "stopped_vms",
    "unprotected_vms",
    "renamed_vms",
    "migrated_vms",
    "namesakes",
    "weekday_vms",
    "weekly_vms",
    "twice_vms",
    "skipped_vms",
    "outage_nights",
    "dark_nights",
    "lost_record_nights",
    "silent_hosts",
    "silent_servers",
    "running_fulls",
)


def _knob(default: Any, meaning: str, choices: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={"help": meaning, "choices": choices})


@dataclass(frozen=True)
class Knobs:
    """Everything that can be turned in a simulated estate; a share lies between 0 and 1.

    Raises `UsageError` for a value out of range. The same knobs give the same bytes.
    """

    vms: int = _knob(100, "number of virtual machines")
    nights: int = _knob(30, "number of nights")
    seed: int = _knob(1, "seed of all random numbers; the same knobs give the same bytes")
    hosts: int = _knob(0, "number of Hyper-V hosts; 0 = one per 12 VMs, at least 2")
    volumes: int = _knob(0, "number of cluster shared volumes; 0 = one per 9 VMs, at least 2")
    dpm_servers: int = _knob(0, "number of DPM servers; 0 = one per 200 VMs")
    first_night: date = _knob(date(2025, 2, 3), "evening of the first night, local date")
    site_time_zone: str = _knob("Asia/Tokyo", "IANA time zone of the site")
    window: tuple[str, str] = _knob(("22:00", "06:00"), "backup window, local time, e.g. 22:00-06:00")
    collected: str = _knob(
        "18:00", "local time of the log collection, at most a day after the last window began"
    )

    encoding: str = _knob("utf-16", "encoding of the errlog files", _ENCODINGS)
    form: str = _knob(
        "raw",
        "form of the errlog lines: as written, PID and TID cut off, tabs collapsed to blanks "
        "without task GUID, or findstr output edited in Excel (DPMRA only)",
        _FORMS,
    )
    rotate_bytes: int = _knob(5_000_000, "size at which an errlog file is rotated")
    noise: int = _knob(6, "unrelated lines per job on its host, and as many on the DPM server")
    continuation_share: float = _knob(0.1, "share of noise lines that are followed by a .NET stack trace")
    missing_marker_share: float = _knob(0.0, "share of NORMAL marker lines that are not written")
    clock_skew_s: float = _knob(0.0, "clock error of the hosts: odd hosts are ahead, even hosts behind")
    duplicate_files: bool = _knob(
        False, "give an earlier, shorter copy of each current log and a second copy of a rotated one as well"
    )
    crash: bool = _knob(
        False, "the first DPM server's engine crashes once and leaves a .Crash copy of its log"
    )
    error_language: str = _knob("en", "language of ErrorText in the job records", _LANGUAGES)
    job_records: str = _knob(
        "jobs-csv", "form of the job records (jobs-csv: and the job history)", _JOB_RECORDS
    )
    culture: str = _knob("ja-JP", "Windows culture of dates that are not ISO", CULTURES)
    history_zone: str = _knob("site", "zone of the times in DPM_Job_History.txt", _HISTORY_ZONES)

    slots_per_host: int = _knob(3, "VM backups that run at once on one host (DPM 2010: 3)")
    hardware_share: float = _knob(
        0.25, "share of volumes with a hardware VSS provider (claim held until t2 only)"
    )
    collision_share: float = _knob(0.1, "share of jobs that are started although their volume is claimed")
    claim_attempts: int = _knob(20, "tries to claim a volume before a job fails")
    claim_retry_s: float = _knob(180.0, "wait between two tries (CsvAttemptWaitTime)")
    failure_share: float = _knob(
        0.03, "share of jobs that fail in the claim, the snapshot or the transfer, or are cancelled"
    )
    warning_share: float = _knob(0.01, "share of jobs that end with a warning")
    reruns: int = _knob(
        1, "automatic reruns, one hour after a failed claim or snapshot (AutoRerunNumberOfAttempts)"
    )
    slow_post_share: float = _knob(0.03, "share of VMs whose post-snapshot phase takes minutes")
    outlier_share: float = _knob(0.05, "share of jobs that take 1.5 to 3.5 times as long as they should")

    online_share: float = _knob(0.1, "share of VMs that also have an online job (CBEngine) each night")
    rct_share: float = _knob(0.15, "share of VMs backed up by resilient change tracking")
    guest_share: float = _knob(0.1, "share of VMs already backed up at guest level")
    consistency_check_share: float = _knob(0.01, "share of VM-nights followed by a consistency check at noon")
    initial_replica_share: float = _knob(0.05, "share of VMs that are first protected on a later night")
    never_run_share: float = _knob(0.02, "share of VMs that no job protects (only in vms.csv)")
    missed_share: float = _knob(0.01, "share of VM-nights on which no job is started")
    multi_disk_share: float = _knob(0.3, "share of VMs with two to four virtual disks")
    multi_volume_share: float = _knob(0.1, "share of VMs whose disks lie on two volumes")
    pass_through_share: float = _knob(0.02, "share of VMs that also have a pass-through disk")
    hostile_share: float = _knob(
        0.1, "share of VMs with Japanese or hostile names (markup, quotes, formulas)"
    )
    running_jobs: int = _knob(1, "consistency checks that still run when the logs are collected")

    vhd_median_bytes: int = _knob(120_000_000_000, "median size of a VM's disks (lognormal, 20 GB to 2 TB)")
    heavy_share: float = _knob(0.05, "share of VMs with 1.2 to 2 TB of disks, which seldom meet the window")
    churn_share: float = _knob(0.03, "median share of changed bytes per night (lognormal)")
    growth_share: float = _knob(0.001, "mean growth of dynamic disks per night")

    stopped_vms: int = _knob(0, "VMs whose backups stop without a word, `stop_nights` before the end")
    unprotected_vms: int = _knob(0, "VMs that are taken out of protection, `stop_nights` before the end")
    stop_nights: int = _knob(9, "nights before the end on which stopped and unprotected VMs run no more")
    renamed_vms: int = _knob(
        0, "VMs that get another name in the middle; an earlier inventory has the old one"
    )
    migrated_vms: int = _knob(0, "VMs whose disks move to another volume of their cluster in the middle")
    namesakes: int = _knob(0, "pairs of VMs with one name: in turn on two clusters and on one")
    weekday_vms: int = _knob(0, "VMs that are backed up from Monday to Friday")
    weekly_vms: int = _knob(0, "VMs that are backed up once a week, on the weekday of the first night")
    twice_vms: int = _knob(0, "VMs that are backed up twice a night, four hours apart")
    skipped_vms: int = _knob(0, "VMs of any schedule that miss one due night in the middle")
    outage_nights: int = _knob(0, "last nights on which DPM runs no job at all; its services go on writing")
    dark_nights: int = _knob(0, "nights in the middle whose logs and job records are lost")
    lost_record_nights: int = _knob(0, "nights in the middle whose job records are lost; the logs are there")
    silent_hosts: int = _knob(0, "hosts, from the last one, whose logs were not collected")
    silent_servers: int = _knob(0, "DPM servers, from the last one, of which nothing was collected")
    unrecorded_checks: bool = _knob(False, "the job records leave out consistency checks")
    clock_jump_s: float = _knob(0.0, "the clock of the first host jumps by so much at noon of the middle day")
    running_fulls: int = _knob(0, "express full backups of the last night that still run at the collection")

    events: str = _knob("none", "form of the Windows event logs", _EVENT_FORMS)
    era: str = _knob(
        "mixed",
        "how host snapshots work: A 2008 to 2012 (VHD mounted on the host), B 2012 R2 (auto-recovery disk in the "
        "guest), C 2016 and later (VMs with RCT by checkpoints, the others as in B), mixed (VMs with RCT as in C, "
        "the others as in A)",
        _ERAS,
    )
    event_channels: str = _knob(
        "all",
        "event logs that were exported: all, classic (Application, System and Security), or few (Security and VHDMP)",
        _EVENT_CHANNELS,
    )
    event_log_records: int = _knob(
        0, "records that an event log holds before it overwrites the oldest ones; 0 = no limit"
    )
    guest_events: float = _knob(0.5, "share of VMs whose guests' event logs were exported, too")
    guest_clock_skew_s: float = _knob(0.0, "largest clock error of the guests, at most 120")
    audit_8222: bool = _knob(False, "hosts and guests audit new shadow copies (VSSAudit 8222)")
    volsnap_analytic: bool = _knob(False, "the analytic channel of VolumeSnapshot-Driver is switched on")
    event_noise: int = _knob(
        3, "unrelated events per machine and night; 0 also leaves out other users of VSS and VM starts"
    )

    def __post_init__(self) -> None:
        for name in ("vms", "nights", "slots_per_host", "claim_attempts", "rotate_bytes"):
            _demand(getattr(self, name) >= 1, name, getattr(self, name), "a number from 1 up")
        for name in (
            "hosts",
            "volumes",
            "dpm_servers",
            "noise",
            "reruns",
            "running_jobs",
            "event_noise",
            "event_log_records",
            "stop_nights",
            *_COUNTS_OF_CHANGES,
        ):
            _demand(getattr(self, name) >= 0, name, getattr(self, name), "a number from 0 up")
        for spec in dataclasses.fields(self):
            value = getattr(self, spec.name)
            if spec.name.endswith("_share"):
                _demand(0 <= value <= 1, spec.name, value, "a share from 0 to 1")
            if spec.metadata["choices"]:
                _demand(
                    value in spec.metadata["choices"], spec.name, value, ", ".join(spec.metadata["choices"])
                )
        _demand(
            self.rct_share + self.guest_share + self.never_run_share <= 1,
            "rct_share",
            self.rct_share,
            "rct, guest and never_run shares that add up to at most 1",
        )
        _demand(
            _is_zone(self.site_time_zone), "site_time_zone", self.site_time_zone, "an IANA name, Asia/Tokyo"
        )
        _demand(0 <= self.guest_events <= 1, "guest_events", self.guest_events, "a share from 0 to 1")
        _demand(
            0 <= self.guest_clock_skew_s <= 120,
            "guest_clock_skew_s",
            self.guest_clock_skew_s,
            "0 to 120 seconds",
        )
        _demand(
            not self.clock_jump_s or self.events == "none", "clock_jump_s", self.clock_jump_s, "0 with events"
        )
        for value in (*self.window, self.collected):
            _demand(_is_clock(value), "window or collected", value, "a time of day, 22:00")

    @property
    def has_changes(self) -> bool:
        """Whether anything changes or is lost over the nights."""
        return any(getattr(self, name) for name in (*_COUNTS_OF_CHANGES, "unrecorded_checks", "clock_jump_s"))


def _demand(holds: bool, name: str, value: object, expected: str) -> None:
    if not holds:
        raise UsageError(f"{value!r} does not fit", f"synth knob {name}", expected)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _is_clock(text: str) -> bool:
    try:
        clock_of(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class KnobField:
    """One knob as a command line sees it; `parse` turns text into a value or raises `ValueError`."""

    name: str
    type: type
    default: Any
    help: str
    choices: tuple[str, ...]
    parse: Callable[[str], Any]


def knob_fields() -> list[KnobField]:
    """All knobs in order of declaration: name, type, default, help text, choices and parser."""
    hints = get_type_hints(Knobs)
    return [_knob_field(spec, hints[spec.name]) for spec in dataclasses.fields(Knobs)]


def _knob_field(spec: dataclasses.Field[Any], hint: Any) -> KnobField:
    kind = hint if isinstance(hint, type) and hint in _PARSERS else tuple
    return KnobField(
        spec.name, kind, spec.default, spec.metadata["help"], spec.metadata["choices"], _PARSERS[kind]
    )


def _parse_bool(text: str) -> bool:
    words = {
        "true": True,
        "yes": True,
        "1": True,
        "on": True,
        "false": False,
        "no": False,
        "0": False,
        "off": False,
    }
    if text.lower() not in words:
        raise ValueError(f"{text!r} is neither true nor false")
    return words[text.lower()]


def _parse_window(text: str) -> tuple[str, str]:
    begin, end = window_of(text)
    return f"{begin:%H:%M}", f"{end:%H:%M}"


_PARSERS: dict[type, Callable[[str], Any]] = {
    int: int,
    float: float,
    str: str,
    bool: _parse_bool,
    date: date.fromisoformat,
    tuple: _parse_window,
}
