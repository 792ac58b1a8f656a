"""The figures of the first screen, the line of trust and what sections do not know, from rows written by hand."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest

from analytics.report.detail import JOBS_AT_MOST, drawn_nights, drawn_periods
from analytics.report.facts import facts
from analytics.report.notes import notes
from analytics.report.trust import is_unproven, trust_line
from analytics.report.words import Claim

DAY = dt.date(2025, 2, 3)
KEY = {
    "due": 10,
    "met": 7,
    "missed": 0,
    "running": 0,
    "unknown": 0,
    "worst_overrun_s": None,
    "jobs": 9,
    "jobs_ok": 8,
}
KEY |= {
    "jobs_failed": 0,
    "jobs_running": 0,
    "jobs_open": 0,
    "not_run": 0,
    "bytes_transferred": 600,
    "job_s": 30.0,
}
NAMES = ("in_time", "past_window", "jobs", "moved", "understood")


def results(parameters: dict[str, Any] | None = None, **rows: list[dict[str, Any]]) -> Any:
    """Results by name; those that are not given have no rows."""
    known = (
        "key_figures",
        "night_summary",
        "accounting",
        "reject_reasons",
        "coverage_map",
        "snapshot_lengths",
    )
    known += ("snapshot_gaps", "guest_offsets", "failure_causes", "idle_groups", "rule_conflicts", "checks")
    return {
        name: SimpleNamespace(
            rows=rows.get(name, []),
            table=SimpleNamespace(num_rows=len(rows.get(name, []))),
            parameters=parameters or {},
        )
        for name in {*known, *rows}
    }


def fact(name: str, key: dict[str, Any] | None = None, **rows: list[dict[str, Any]]) -> Any:
    """One figure, for key figures that differ."""
    found = facts(results(key_figures=[KEY | (key or {})], **rows))
    assert tuple(each.name for each in found) == NAMES
    return found[NAMES.index(name)]


class TestFacts:
    @pytest.mark.parametrize(
        ("key", "value", "tone"),
        [
            ({}, Claim("fact.share", share=0.7), "good"),
            ({"missed": 1}, Claim("fact.share", share=0.7), "bad"),
            ({"unknown": 1}, Claim("fact.share", share=0.7), "unknown"),
            ({"running": 1}, Claim("fact.share", share=0.7), "unknown"),
            ({"running": 3, "unknown": 7, "met": 0}, Claim("fact.in_time_unknown"), "unknown"),
            ({"due": 0}, Claim("fact.in_time_unknown"), "unknown"),
        ],
    )
    def test_in_time(self, key, value, tone):
        """The share that was met of what was due."""
        found = fact("in_time", key)

        assert (found.value, found.tone) == (value, tone)
        if key.get("due", 1):
            running = key.get("running")
            assert found.detail.values["running"] == (
                Claim("fact.running", running=running) if running else None
            )

    @pytest.mark.parametrize(
        ("key", "value", "tone"),
        [
            (
                {"worst_overrun_s": 60.0, "worst_vm": "A", "worst_night": 3},
                Claim("fact.length", length_s=60.0),
                "bad",
            ),
            ({"worst_overrun_s": 0.0}, Claim("fact.none_past"), "good"),
            ({}, Claim("fact.none_past"), "good"),
            ({"met": 0}, Claim("fact.past_unknown"), "unknown"),
        ],
    )
    def test_past_the_window(self, key, value, tone):
        """How late the worst was; the last end of all nights beside it."""
        found = fact(
            "past_window", key, night_summary=[{"last_end_at": 5}, {"last_end_at": 9}, {"last_end_at": None}]
        )
        last = Claim("fact.last_end", ended_at=9)

        assert (found.value, found.tone) == (value, tone)
        worst = Claim("fact.worst_backup", vm="A", night=3, last=last)
        assert found.detail == (worst if tone == "bad" else last)
        assert fact("past_window").detail == Claim("fact.no_end")

    @pytest.mark.parametrize(
        ("key", "tone"),
        [
            ({}, "plain"),
            ({"jobs_failed": 1}, "bad"),
            ({"not_run": 1}, "bad"),
            ({"jobs_running": 2}, "plain"),
        ],
    )
    def test_jobs(self, key, tone):
        """By how they ended, and what did not run."""
        found = fact("jobs", key)

        assert (found.value, found.tone) == (Claim("fact.of", some=8, every=9), tone)
        assert found.detail.values["not_run"] == (
            Claim("fact.not_run", not_run=1) if "not_run" in key else None
        )
        assert found.detail.values["running"] == (
            Claim("fact.running", running=2) if "jobs_running" in key else None
        )

    def test_moved(self):
        """Bytes, and the mean rate of a job where its time is known."""
        assert fact("moved").detail == Claim("fact.rate", bytes_per_s=20.0)
        assert fact("moved", {"job_s": None}).detail is None
        assert fact("moved", {"bytes_transferred": 0}).value == Claim("fact.amount", amount_bytes=0)
        assert fact("moved", {"bytes_transferred": None}).tone == "unknown"

    @pytest.mark.parametrize(("rejected", "share", "tone"), [(0, 1.0, "plain"), (1, 0.95, "bad")])
    def test_understood(self, rejected, share, tone):
        """The share of records that were read."""
        rows = [
            {"records_read": 15, "records_rejected": rejected},
            {"records_read": 5, "records_rejected": None},
        ]
        found = fact("understood", accounting=rows)

        assert (found.value, found.tone) == (Claim("fact.share", share=share), tone)
        assert (found.detail.values["rejected"], found.detail.values["read"]) == (rejected, 20)

    def test_nothing_was_understood(self):
        """How many records there were."""
        found = fact("understood", reject_reasons=[{"records": 4}, {"records": 5}])

        assert (found.detail, found.tone) == (Claim("fact.all_rejected", records=9), "bad")

    @pytest.mark.parametrize(
        ("key", "statuses", "logs"),
        [
            ({}, ["present"], Claim("fact.no_log_missing")),
            ({}, ["missing", "missing", "unknown"], Claim("fact.logs_missing", host_nights=2)),
            ({}, ["unknown", "unknown"], Claim("fact.nights_dark", nights=1)),
            ({"jobs": 0}, ["missing"], Claim("fact.no_job_log")),
        ],
    )
    def test_missing_logs(self, key, statuses, logs):
        """Missing ones first, then nights of which nothing is left; without jobs nothing can be missing."""
        given = {"accounting": [{"records_read": 1, "records_rejected": 0}]}
        given["coverage_map"] = [{"status": status, "night": DAY} for status in statuses]

        assert fact("understood", key, **given).detail.values["logs"] == logs


def check(trust: str, detail: str = "all_there", **more: Any) -> dict[str, Any]:
    """A row of checks."""
    base = {
        "check": "c",
        "trust": trust,
        "detail": detail,
        "remedy": None,
        "found": 1,
        "total": 2,
        "low_s": None,
    }
    return base | {"high_s": None, "names": "A", "others": 0} | more


class TestTrust:
    def test_the_worst_first(self):
        """What fails, with what is only doubtful beside it."""
        both = trust_line(results(checks=[check("ok"), check("warn", "w"), check("fail", "f")]))
        fails = trust_line(results(checks=[check("fail", "f")]))
        warns = trust_line(results(checks=[check("ok"), check("warn", "w")]))

        assert None not in (both, fails, warns)
        assert both
        assert fails
        assert warns
        assert (both.code, both.codes() - {both.code}) == (
            "trust.fails",
            {"trust.beside", "finding.f", "finding.w"},
        )
        assert (fails.code, fails.values["beside"]) == ("trust.fails", None)
        assert (warns.code, warns.codes()) == ("trust.warns", {"trust.warns", "finding.w"})
        assert trust_line(results()) is None

    @pytest.mark.parametrize(("idle", "said"), [(0, None), (2, Claim("trust.idle", idle=2))])
    def test_all_hold(self, idle, said):
        """And how many had nothing to judge."""
        rows = [check("ok"), *([check("ok", "no_job")] * idle)]

        assert trust_line(results(checks=rows)) == Claim("trust.holds", checks=1 + idle, idle=said)

    @pytest.mark.parametrize(
        ("names", "others", "said"),
        [
            ("A", 0, "A"),
            ("A, B, C", 2, Claim("trust.others", names="A, B, C", others=2)),
            (None, 0, Claim("trust.nameless")),
        ],
    )
    def test_names(self, names, others, said):
        """Some, and how many more."""
        line = trust_line(results(checks=[check("warn", "w", names=names, others=others)]))

        assert line is not None
        assert line.values["found"][0].values["names"] == said  # type: ignore[index, union-attr]

    def test_unproven(self):
        """Where a check fails, not where one is doubtful."""
        assert is_unproven(results(checks=[check("ok"), check("fail")]))
        assert not is_unproven(results(checks=[check("ok"), check("warn")]))


def said(section: str, parameters: dict[str, Any] | None = None, **rows: list[dict[str, Any]]) -> list[Claim]:
    """The notes of a section."""
    return notes(SimpleNamespace(name=section, results=tuple(rows)), results(parameters, **rows))  # type: ignore[arg-type]


class TestNotes:
    EVENTS = [{"log_kind": "events:System", "status": "present"}]  # noqa: RUF012

    def test_snapshots(self):
        """Without events nothing shows them; with them, how many stay open."""
        rows = [{"phase": "post_snapshot", "unclear": 2}, {"phase": "snapshot", "unclear": 9}]

        assert said("snapshot", snapshot_lengths=rows) == [Claim("note.snapshot.no_events")]
        assert said("snapshot", snapshot_lengths=rows, coverage_map=self.EVENTS) == [
            Claim("note.snapshot.unclear", jobs=2)
        ]
        assert said("snapshot", snapshot_lengths=rows[1:], coverage_map=self.EVENTS) == []

    def test_gaps(self):
        """VMs of which none is known, guests whose clock was set."""
        lengths = [{"vm": vm, "phase": "snapshot", "unclear": 0} for vm in "AABC"]
        offsets = [{"verdict": verdict} for verdict in ("changed", "constant", "changed")]

        assert said("gap", snapshot_lengths=lengths, snapshot_gaps=[{"vm": "A"}]) == [
            Claim("note.gap.others", vms=2)
        ]
        assert said("gap", snapshot_gaps=[{"vm": "A"}], guest_offsets=offsets) == [
            Claim("note.gap.set_clocks", guests=2)
        ]

    @pytest.mark.parametrize(
        ("has_events", "with_events", "explanation", "codes"),
        [
            (True, 4, "x", []),
            (True, 3, "x", [Claim("note.failures.bare", bare=1, jobs=4)]),
            (True, 4, None, [Claim("note.failures.unexplained", jobs=4)]),
            (False, 0, "x", [Claim("note.failures.no_events")]),
            (False, 0, None, [Claim("note.failures.no_events"), Claim("note.failures.unexplained", jobs=4)]),
        ],
    )
    def test_failures(self, has_events, with_events, explanation, codes):
        """Those that no event stands beside, and those that nothing explains."""
        rows = [{"jobs": 4, "with_events": with_events, "explanation": explanation}]

        assert said("failures", failure_causes=rows, coverage_map=self.EVENTS if has_events else []) == codes

    def test_coverage(self):
        """Logs with holes, logs that wrapped, groups and servers that ran nothing."""
        rows = [
            {"log_kind": "e", "status": "partial", "log": log, "gaps": gaps}
            for log, gaps in (("A", 3), ("A", 4), ("B", None), ("C", 0), ("B", None))
        ]
        rows.append({"log_kind": "e", "status": "present", "log": "D", "gaps": 9})
        idle = {"dpm_server": "DPM01", "protection_group": "PG", "nights": 2, "last_night": DAY, "vms": 3}
        named = {"server": "DPM01", "nights": 2, "last": DAY, "vms": 3}

        assert said("coverage", coverage_map=rows) == [
            Claim("note.coverage.gaps", logs=1, records=7),
            Claim("note.coverage.wrapped", logs=2),
        ]
        assert said("coverage", idle_groups=[idle]) == [
            Claim("note.coverage.idle_group", group="PG", **named)
        ]
        assert said("coverage", idle_groups=[idle | {"protection_group": None}, idle, idle]) == [
            Claim("note.coverage.idle_server", group=None, **named),
            Claim("note.coverage.idle_others", others=2),
        ]

    @pytest.mark.parametrize(("streak", "is_said"), [(1, False), (2, True)])
    def test_streaks(self, streak, is_said):
        """Of two nights or more."""
        rows = [{"vm": vm, "longest_streak": n, "rule": "r"} for vm, n in (("A", 0), ("B", streak))]
        found = Claim("note.compliance.streak", vm="B", nights=streak, rule="r")

        assert said("compliance", compliance_statement=rows) == ([found] if is_said else [])

    def test_others(self):
        """Rules that disagree, by VM; advice that rests on more nights than are shown; nothing where nothing is."""
        assert said("sla", rule_conflicts=[{"vm": vm} for vm in "AAB"]) == [Claim("note.sla.rules", vms=2)]
        beside: dict[str, Any] = {"offenders": [], "guest_ranges": []}
        assert said("guest", {"nights": 3}, guest_gain=[{}], **beside) == [Claim("note.guest.all_nights")]
        assert said("guest", {"nights": None}, guest_gain=[{}], **beside) == []
        assert said("guest", {"nights": 3}, guest_gain=[], **beside) == []
        assert said("waiting", claim_waits=[{}]) == []


class TestDrawn:
    def nights(self, *jobs: int, worst: int = 0) -> list[dict[str, Any]]:
        """Nights with so many jobs, the oldest first; one of them is the worst."""
        return [
            {
                "night": DAY + dt.timedelta(place),
                "jobs": count,
                "missed": int(place == worst),
                "overrun_s": None,
            }
            for place, count in enumerate(jobs)
        ]

    def days(self, rows: list[dict[str, Any]]) -> list[int]:
        """Which of them are drawn."""
        return [(row["night"] - DAY).days for row in drawn_nights(rows)]

    def test_the_newest_and_the_worst(self):
        """As many jobs as can be shown, the newest night in any case, the worst one too."""
        half = JOBS_AT_MOST // 2

        assert self.days(self.nights(1, half, half, worst=2)) == [1, 2]
        assert self.days(self.nights(1, half, half - 1, worst=2)) == [0, 1, 2]
        assert self.days(self.nights(1, half, half, worst=0)) == [0, 1, 2]
        assert self.days(self.nights(1, JOBS_AT_MOST + 1, worst=1)) == [1]
        assert self.days(self.nights(1, 1, JOBS_AT_MOST, worst=0)) == [0, 2]

    def test_stretches(self):
        """From which night to which; none where all are drawn."""
        rows = self.nights(1, 1, JOBS_AT_MOST, worst=0)

        assert drawn_periods(rows) == [(DAY, DAY), (DAY + dt.timedelta(2), DAY + dt.timedelta(2))]
        assert drawn_periods(self.nights(1, 1, 1)) == []
