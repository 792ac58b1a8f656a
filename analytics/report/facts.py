"""The figures of the first screen: what the reader should know in ten seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from analytics.report.contents import Rows, total
from analytics.report.words import Claim


@dataclass(frozen=True)
class _KeyFact:
    """One figure before any language; its label stands under `facts.<name>`; tone: good, bad, unknown or plain."""

    name: str
    value: Claim
    detail: Claim | None
    tone: str = "plain"


def _in_time(results: Rows) -> _KeyFact:
    """Backups met, missed, still running and unknown."""
    key = results["key_figures"].rows[0]
    if not key["due"]:
        return _KeyFact("in_time", Claim("fact.in_time_unknown"), Claim("fact.none_due"), "unknown")
    runs = Claim("fact.running", running=key["running"]) if key["running"] else None
    detail = Claim(
        "fact.missed_unknown", running=runs, missed=key["missed"], unknown=key["unknown"], due=key["due"]
    )
    is_open = key["unknown"] + key["running"]
    tone = "bad" if key["missed"] else "unknown" if is_open else "good"
    all_unknown = is_open == key["due"]
    value = (
        Claim("fact.in_time_unknown") if all_unknown else Claim("fact.share", share=key["met"] / key["due"])
    )
    return _KeyFact("in_time", value, detail, tone)


def _past_window(results: Rows) -> _KeyFact:
    """How far past the window the worst backup ended."""
    key, nights = results["key_figures"].rows[0], results["night_summary"].rows
    ends = [row["last_end_at"] for row in nights if row["last_end_at"]]
    last = Claim("fact.last_end", ended_at=max(ends)) if ends else Claim("fact.no_end")
    if key["worst_overrun_s"]:
        worst = Claim("fact.worst_backup", vm=key["worst_vm"], night=key["worst_night"], last=last)
        return _KeyFact("past_window", Claim("fact.length", length_s=key["worst_overrun_s"]), worst, "bad")
    value, tone = (Claim("fact.none_past"), "good") if key["met"] else (Claim("fact.past_unknown"), "unknown")
    return _KeyFact("past_window", value, last, tone)


def _jobs(results: Rows) -> _KeyFact:
    """Jobs by outcome, and backups that never ran."""
    key = results["key_figures"].rows[0]
    runs = Claim("fact.running", running=key["jobs_running"]) if key["jobs_running"] else None
    not_run = Claim("fact.not_run", not_run=key["not_run"]) if key["not_run"] else None
    detail = Claim(
        "fact.jobs_detail",
        running=runs,
        not_run=not_run,
        failed=key["jobs_failed"],
        without_end=key["jobs_open"],
    )
    tone = "bad" if key["jobs_failed"] or key["not_run"] else "plain"
    return _KeyFact("jobs", Claim("fact.of", some=key["jobs_ok"], every=key["jobs"]), detail, tone)


def _moved(results: Rows) -> _KeyFact:
    """Data sent to DPM, and the mean rate of a job."""
    key = results["key_figures"].rows[0]
    moved_bytes, job_s = key["bytes_transferred"], key["job_s"]
    if moved_bytes is None:
        return _KeyFact("moved", Claim("fact.moved_unknown"), Claim("fact.no_bytes"), "unknown")
    rate = Claim("fact.rate", bytes_per_s=moved_bytes / job_s) if job_s else None
    return _KeyFact("moved", Claim("fact.amount", amount_bytes=moved_bytes), rate)


def _understood(results: Rows) -> _KeyFact:
    """Share of the records that could be read, and logs that are missing."""
    rows = results["accounting"].rows
    read, rejected = total(rows, "records_read"), total(rows, "records_rejected")
    if not read:
        unreadable = total(results["reject_reasons"].rows, "records")
        return _KeyFact(
            "understood", Claim("fact.none_understood"), Claim("fact.all_rejected", records=unreadable), "bad"
        )
    detail = Claim("fact.rejected", rejected=rejected, read=read, logs=_missing_logs(results))
    value = Claim("fact.share", share=(read - rejected) / read)
    return _KeyFact("understood", value, detail, "bad" if rejected else "plain")


def _missing_logs(results: Rows) -> Claim:
    """On how many nights and hosts a log is missing, or that nothing at all is left of nights."""
    logs = results["coverage_map"].rows
    missing = sum(row["status"] == "missing" for row in logs)
    dark = len({row["night"] for row in logs if row["status"] == "unknown"})
    if not results["key_figures"].rows[0]["jobs"]:
        return Claim("fact.no_job_log")
    if missing:
        return Claim("fact.logs_missing", host_nights=missing)
    return Claim("fact.nights_dark", nights=dark) if dark else Claim("fact.no_log_missing")


_FACTS: tuple[Callable[[Rows], _KeyFact], ...] = (_in_time, _past_window, _jobs, _moved, _understood)


def facts(results: Rows) -> tuple[_KeyFact, ...]:
    """The ten-second block."""
    return tuple(fact(results) for fact in _FACTS)
