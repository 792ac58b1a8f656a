"""The keys of the site file, each declared once with an example and its meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

_Kind = Literal[
    "zone",
    "clock",
    "seconds",
    "texts",
    "dates",
    "columns",
    "zones_by_name",
    "tracking",
    "explanations",
    "ends",
    "schedules",
    "weekdays",
    "costs",
]


@dataclass(frozen=True, slots=True)
class SiteKey:
    """One key of the site file: its section, its name, the field of Site it fills, and what it means."""

    section: str
    name: str
    field: str
    kind: _Kind
    example: str
    meaning: str


SITE_KEYS = (
    SiteKey(
        "site",
        "time_zone",
        "time_zone",
        "zone",
        '"Asia/Tokyo"',
        "IANA zone of nights, windows and report; default: the DPM server's (collection.json), else UTC.",
    ),
    SiteKey(
        "site",
        "window_start",
        "window_start",
        "clock",
        '"22:00"',
        "Local time at which the backup window opens.",
    ),
    SiteKey(
        "site",
        "window_end",
        "window_end",
        "clock",
        '"06:00"',
        "Local time at which it closes; on the next day where it is not after the start.",
    ),
    SiteKey(
        "site",
        "weekend",
        "weekend",
        "weekdays",
        '["sat", "sun"]',
        "Days of the weekend: nights that begin on them are compared with each other.",
    ),
    SiteKey(
        "claims",
        "retry_wait_s",
        "retry_wait_s",
        "seconds",
        "180",
        "CsvAttemptWaitTime: seconds that DPM waits after a refused claim, where a log shows only one.",
    ),
    SiteKey(
        "ingest",
        "host_time_zones",
        "host_time_zones",
        "zones_by_name",
        '{ HV01 = "Europe/Berlin" }',
        "Time zone of a computer's local times, where it differs from the site's.",
    ),
    SiteKey(
        "ingest",
        "date_formats",
        "date_formats",
        "dates",
        '["%d.%m.%Y %H:%M:%S"]',
        "strptime patterns of localised dates, tried before the built-in ones.",
    ),
    SiteKey(
        "ingest",
        "errlog_time_zone",
        "errlog_time_zone",
        "zone",
        '"UTC"',
        "Time zone of errlog lines; DPM writes UTC.",
    ),
    SiteKey(
        "ingest",
        "columns",
        "columns",
        "columns",
        '{ "Serveur" = "production_server" }',
        "Columns of your exports that have other names, and the column of job_records that each one is.",
    ),
    SiteKey(
        "vms",
        "exclude",
        "vms_exclude",
        "texts",
        '["*-template"]',
        "VMs (wildcards) that owe no backup. In all of [vms] a name means each machine that bears or bore it; "
        "NAME (HOST), as the view machines has it, means one of two that bear one name.",
    ),
    SiteKey(
        "vms",
        "protected_until",
        "protected_until",
        "ends",
        "{ SQL01 = 2025-04-13 }",
        "Last night on which a VM was protected; from then on it owes no backup, and its silence is no miss.",
    ),
    SiteKey(
        "vms",
        "schedule",
        "schedules",
        "schedules",
        '{ "TEST*" = "weekdays", ERP01 = "weekly:sat", "*" = "daily" }',
        "What is due, where it is not to be learned: daily, weekdays, weekly:DAY; the first pattern that fits.",
    ),
    SiteKey(
        "vms",
        "guest_level_never",
        "guest_level_never",
        "texts",
        '["LINUX*", "*-appliance"]',
        "VMs that no plan moves to guest level: no Windows, no network path, or the VM must be restored as a whole.",
    ),
    SiteKey(
        "vms",
        "guest_level_always",
        "guest_level_always",
        "texts",
        '["FILE01"]',
        "VMs that each plan moves to guest level, such as those with pass-through disks.",
    ),
    SiteKey(
        "vms",
        "cost",
        "guest_level_costs",
        "costs",
        '{ "SQL*" = 3, "*" = 1 }',
        "What a move to guest level costs (licence, work), in any unit; 1 where nothing fits; the first that fits.",
    ),
    SiteKey(
        "model",
        "tracking",
        "tracking",
        "tracking",
        '"block_compare"',
        "How changed blocks are found where no log shows it: block_compare, change_tracking or empty.",
    ),
    SiteKey(
        "model",
        "link_overhead_s",
        "link_overhead_s",
        "seconds",
        "120",
        "Fixed seconds per guest-level backup that the estimate adds.",
    ),
    SiteKey(
        "rules",
        "events",
        "event_rules",
        "texts",
        '["Microsoft-Windows-Hyper-V-VMMS/10107"]',
        "Event rules (provider/id) of queries/model/rules/events.csv to switch on that are off as unverified.",
    ),
    SiteKey(
        "rules",
        "explanations",
        "explanations",
        "explanations",
        '{ "error/32612" = "See our runbook 7." }',
        "Your own sentences for failures, by error/ID, hresult/0x... or event/PROVIDER/ID; they come first.",
    ),
)
