"""The report for monitoring: a file for Prometheus' textfile collector, and one line for Nagios."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from analytics.report.contents import Report, Row
from analytics.report.words.numbers import one_line

__all__ = ["nagios", "nagios_line", "prometheus"]

_Samples = Iterable[tuple[Mapping[str, str], float | None]]
_STATUS = {"ok": 0, "warn": 1, "fail": 2}
_DUE = ("met", "missed", "running", "unknown")
_JOBS = {"succeeded": "jobs_ok", "failed": "jobs_failed", "running": "jobs_running", "open": "jobs_open"}
_NAGIOS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")


def prometheus(report: Report) -> str:
    """Metrics in the text format of Prometheus, all gauges: base units, label values escaped, a last line feed.

    Those of a VM are of its newest night in the report; what is not known has no sample. Wall times that a clock
    change makes ambiguous are taken as the earlier instant.
    """
    key, about = report.key, _about(report)
    newest = _newest(report.results["sla_heatmap"].rows)
    offenders = {row["vm"]: row["breaches"] for row in report.results["offenders"].rows}

    def of_vms(column: str) -> _Samples:
        return [({"vm": vm}, _as_number(row[column], report.time_zone)) for vm, row in newest.items()]

    families: list[tuple[str, _Samples]] = [
        ("dpm_report_info", [(about, 1)]),
        (
            "dpm_report_generated_timestamp_seconds",
            [({}, report.made_at.timestamp())],
        ),
        (
            "dpm_report_check_status",
            [({"check": check.check}, _STATUS[check.status]) for check in report.checks],
        ),
        (
            "dpm_backups",
            [({"state": state}, key[state]) for state in _DUE],
        ),
        (
            "dpm_jobs",
            [({"outcome": outcome}, key[column]) for outcome, column in _JOBS.items()],
        ),
        ("dpm_transferred_bytes", [({}, key["bytes_transferred"])]),
        (
            "dpm_backup_met",
            [({"vm": vm}, _met(row["state"])) for vm, row in newest.items()],
        ),
        (
            "dpm_backup_finished_timestamp_seconds",
            of_vms("finished_at"),
        ),
        (
            "dpm_backup_deadline_timestamp_seconds",
            of_vms("deadline"),
        ),
        ("dpm_backup_overrun_seconds", of_vms("overrun_s")),
        (
            "dpm_backup_missed_nights",
            [({"vm": vm}, offenders.get(vm, 0)) for vm in newest],
        ),
    ]
    meanings = report.words.table("metric")
    return "".join(_family(name, meanings[name], samples) for name, samples in families)


def _about(report: Report) -> dict[str, str]:
    """Labels of the report itself."""
    first, last = report.key["first_night"], report.key["last_night"]
    nights = {"first_night": str(first or ""), "last_night": str(last or "")}
    return {"version": report.version, "time_zone": report.time_zone, "window": report.window, **nights}


def _newest(rows: Iterable[Row]) -> dict[str, Row]:
    """Of each VM the row of its newest night, by name."""
    ordered = sorted(
        (row for row in rows if row["vm"] is not None), key=lambda row: (row["vm"], row["night"])
    )
    return {row["vm"]: row for row in ordered}


def _met(state: str) -> float | None:
    """1 for met, 0 for a known miss, else unknown."""
    from analytics.tables.sla_words import SLA_REASONS

    met = {reason.name: reason.met for reason in SLA_REASONS}[state]
    return None if met is None else float(met)


def _as_number(value: dt.datetime | float | None, zone: str) -> float | None:
    """Wall times as seconds since 1970, numbers as they are."""
    return value.replace(tzinfo=ZoneInfo(zone)).timestamp() if isinstance(value, dt.datetime) else value


def _family(name: str, meaning: str, samples: _Samples) -> str:
    """One metric with its samples; nothing where none is known."""
    lines = [f"{name}{_labels(labels)} {value:.15g}" for labels, value in samples if value is not None]
    return "\n".join([f"# HELP {name} {meaning}", f"# TYPE {name} gauge", *lines, ""]) if lines else ""


def _labels(labels: Mapping[str, str]) -> str:
    """Labels in braces; backslash, quote and line feed escaped."""
    escapes = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})
    inside = ",".join(f'{name}="{value.translate(escapes)}"' for name, value in labels.items())
    return f"{{{inside}}}" if inside else ""


def nagios(report: Report) -> tuple[int, str]:
    """Exit code and line of a Nagios plugin: 2 a known miss, 3 unproven or nothing judged, 1 still open, 0 all met."""
    key = report.key
    is_judged = key["met"] or key["missed"]
    is_open = key["running"] or key["unknown"] or report.trust_status == "warn"
    unproven = report.trust_status == "fail" or not is_judged
    code = 2 if key["missed"] else 3 if unproven else 1 if is_open else 0
    counts = [f"{name}={key[name] or 0}" for name in ("met", "running", "unknown", "due")]
    data = [
        f"missed={key['missed'] or 0};0;0;0;{key['due'] or 0}",
        *counts,
        f"jobs_failed={key['jobs_failed'] or 0}",
    ]
    if key["worst_overrun_s"] is not None:
        data.append(f"worst_overrun={key['worst_overrun_s']:.0f}s;;;0")
    return code, nagios_line(code, report.verdict, " ".join(data))


def nagios_line(code: int, text: str, data: str = "") -> str:
    """One line of a plugin; a bar in the text would begin the figures."""
    line = f"DPM {_NAGIOS[code]} - {one_line(text, 500).replace('|', '/')}"
    return f"{line} | {data}" if data else line
