"""The first claim of each section with its numbers, from rows written by hand."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from analytics.report.leads import lead
from analytics.report.words import Claim

DAY = dt.date(2025, 2, 3)


def of(section: str, parameters: dict[str, Any] | None = None, **results: list[dict[str, Any]]) -> Claim:
    """The lead of a section over these results."""
    found: Any = {
        name: SimpleNamespace(
            rows=rows,
            table=pa.Table.from_pylist(rows or [], schema=None if rows else pa.schema([])),
            parameters=parameters or {},
        )
        for name, rows in results.items()
    }
    return lead(SimpleNamespace(name=section, results=tuple(results)), found)  # type: ignore[arg-type]


def key(**more: Any) -> list[dict[str, Any]]:
    """The key figures."""
    base = {
        "due": 10,
        "unknown": 0,
        "running": 0,
        "vms": 5,
        "vms_breached": 2,
        "nights": 2,
        "jobs": 30,
        "jobs_unnamed": 0,
    }
    return [base | more]


class TestWindow:
    def test_vms(self):
        """How many never missed it."""
        assert of("sla", key_figures=key()) == Claim("lead.sla.vms", vms=5, nights=2, never=3, breached=2)

    @pytest.mark.parametrize(("unknown", "running", "is_open"), [(7, 3, True), (7, 2, False), (0, 0, False)])
    def test_nothing_is_known_yet(self, unknown, running, is_open):
        """Where all that is due is unknown or runs."""
        found = of("sla", key_figures=key(unknown=unknown, running=running))

        assert (found == Claim("lead.sla.all_unknown", due=10)) == is_open

    def test_who_missed_most(self):
        """One, or several equals; of one night who missed it by most."""
        rows = [
            {"vm": vm, "breaches": n, "due": 9, "worst_overrun_s": n * 60.0}
            for vm, n in (("A", 4), ("B", 4), ("C", 4), ("D", 3))
        ]
        nights, night = key(nights=9), key(nights=1)
        worst = Claim("lead.offenders.worst", vm="A", overrun_s=240.0)

        assert of("offenders", offenders=rows, key_figures=nights) == Claim(
            "lead.offenders.equal", vm="A", others=2, breaches=4
        )
        assert of("offenders", offenders=rows[2:], key_figures=nights) == Claim(
            "lead.offenders.most", vm="C", breaches=4, due=9
        )
        assert of("offenders", offenders=rows, key_figures=night) == Claim(
            "lead.offenders.one_night", vms=4, worst=worst
        )

    def test_compliance(self):
        """Of the backup window alone; each verdict where somebody has it."""
        rows = [
            {"rule": "backup_window", "compliance": name} for name in ("meets", "meets", "breaks", "at_risk")
        ]
        rows += [{"rule": "rpo_disk", "compliance": "not_established"}]
        verdicts = {"at_risk": "at_risk", "breaks": "breaks", "open": None}
        said = {name: code and Claim(f"lead.compliance.{code}", vms=1) for name, code in verdicts.items()}
        untold = [{"rule": "backup_window", "compliance": "not_established"}]

        assert of("compliance", compliance_statement=rows) == Claim(
            "lead.compliance.window", vms=4, meets=2, **said
        )
        assert of("compliance", compliance_statement=untold) == Claim(
            "lead.compliance.window",
            vms=1,
            meets=0,
            at_risk=None,
            breaks=None,
            open=Claim("lead.compliance.open", vms=1),
        )


class TestFailures:
    def row(
        self, jobs: int, explanation: str | None = None, code: int | None = None, hresult: str | None = None
    ):
        """A row of failure_causes."""
        return {"jobs": jobs, "explanation": explanation, "error_code": code, "hresult": hresult}

    def test_causes(self):
        """All that one explanation covers counts as one cause; errors without one are told apart by their numbers."""
        rows = [self.row(4, "full"), self.row(3, "full", 5), self.row(2, None, 7), self.row(1, None, 8)]

        assert of("failures", failure_causes=rows) == Claim(
            "lead.failures.causes", jobs=10, causes=3, most=7, cause="full"
        )

    @pytest.mark.parametrize(
        ("code", "hresult", "cause"),
        [
            (None, None, Claim("lead.failures.no_error")),
            (7, None, Claim("lead.failures.error", numbers=[Claim("lead.failures.error_code", code="7")])),
            (None, "0x1", Claim("lead.failures.error", numbers=["0x1"])),
            (
                7,
                "0x1",
                Claim("lead.failures.error", numbers=[Claim("lead.failures.error_code", code="7"), "0x1"]),
            ),
        ],
    )
    def test_unexplained(self, code, hresult, cause):
        """By the numbers that are there; others without an explanation are not the same cause."""
        rows = [self.row(4, None, code, hresult), self.row(3, None, 99)]

        assert of("failures", failure_causes=rows) == Claim(
            "lead.failures.causes", jobs=7, causes=2, most=4, cause=cause
        )

    def test_events_alone(self):
        """Failures that no job shows."""
        lone = [{"events": 3}, {"events": None}, {"events": 4}]

        assert of("failures", failure_causes=[], lone_failures=lone) == Claim("lead.failures.lone", events=7)


class TestPhases:
    SHARES = [  # noqa: RUF012
        {"phase": "transfer", "total_s": 60.0, "grade": "A"},
        {"phase": "snapshot", "total_s": 30.0, "grade": "C"},
        {"phase": "transfer", "total_s": 10.0, "grade": "B"},
    ]

    def test_where_the_time_went(self):
        """The longest phase, and how much of all was observed."""
        assert of("phases", phase_shares=self.SHARES, queue_waits=[]) == Claim(
            "lead.phases.longest", share=0.7, whole_s=100.0, phase="transfer", observed=0.6, queue=None
        )

    @pytest.mark.parametrize(
        ("began", "late", "said"),
        [
            (0, 4, None),
            (3, 4, Claim("lead.queue.some_late", began=3, late=4)),
            (4, 4, Claim("lead.queue.all_late", began=4, late=4)),
        ],
    )
    def test_the_queue(self, began, late, said):
        """On how many nights, how long at most, and what it made late."""
        waits = [
            {"queued_max_s": 50.0, "late_by_queue": began, "late": late},
            {"queued_max_s": 90.0, "late_by_queue": None, "late": 0},
        ]
        queue = Claim("lead.queue.waited", nights=2, longest_s=90.0, late=said)

        assert of("phases", phase_shares=[], queue_waits=waits) == queue
        with_shares = of("phases", phase_shares=self.SHARES, queue_waits=waits)
        assert (with_shares.code, with_shares.values["queue"]) == ("lead.phases.queued", queue)

    @pytest.mark.parametrize(("jobs", "others"), [(5, 1), (4, None), (3, None)])
    @pytest.mark.parametrize("unnamed", [0, 2])
    def test_jobs_to_see(self, jobs, others, unnamed):
        """Those that are drawn; others of these nights, and those whose VM nobody names, where there are some."""
        found = of(
            "timeline",
            key_figures=key(jobs=jobs, jobs_unnamed=unnamed),
            night_summary=[{"night": DAY, "jobs": 4, "missed": 0, "overrun_s": None}],
            night_timeline=[{"job_id": name} for name in "AABCD"],
        )

        assert (found.values["jobs"], found.values["nights"]) == (4, 1)
        assert found.values["unnamed"] == (Claim("lead.timeline.unnamed", jobs=2) if unnamed else None)
        assert found.values["others"] == (others and Claim("lead.timeline.others", jobs=others))


class TestSnapshots:
    def row(self, **more: Any) -> dict[str, Any]:
        """A row of snapshot_lengths."""
        base = {
            "phase": "post_snapshot",
            "vm": "A",
            "grade": "A",
            "jobs": 4,
            "below_10": 4,
            "over_10": 0,
            "unclear": 0,
        }
        return base | {"proven_s": 3.0, "most_s": 3.0} | more

    def test_the_claim(self):
        """How many stayed below ten seconds, which did not, and how sure that is."""
        rows = [
            self.row(),
            self.row(vm="B", grade="C", jobs=6, below_10=1, over_10=2, unclear=3, proven_s=12.0, most_s=50.0),
            self.row(vm="C", grade="B", jobs=2, below_10=0, over_10=1, unclear=1, proven_s=40.0, most_s=45.0),
            self.row(vm="D", grade="D", jobs=4, below_10=0, over_10=0, unclear=0, proven_s=None, most_s=99.0),
            self.row(phase="snapshot", jobs=99),
        ]
        grades = [
            Claim("lead.snapshot.grade", grade=g, share=n / 16)
            for g, n in zip("ABCD", (4, 2, 6, 4), strict=True)
        ]

        assert of("snapshot", snapshot_lengths=rows, lone_snapshots=[]) == Claim(
            "lead.snapshot.claim",
            below=5,
            jobs=16,
            over=3,
            longest=Claim("lead.snapshot.longest_proven", vm="C", proven_s=40.0),
            unclear=4,
            possible=Claim("lead.snapshot.longest_possible", most_s=50.0, vm="B"),
            grades=grades,
        )

    def test_one_that_was_observed(self):
        """Is no inference; a job without a name has words for that."""
        found = of(
            "snapshot", snapshot_lengths=[self.row(vm=None, over_10=1, proven_s=30.0)], lone_snapshots=[]
        )

        assert found.values["longest"] == Claim(
            "lead.snapshot.longest_observed", vm=Claim("page.no_name"), proven_s=30.0
        )
        assert found.values["possible"] is None

    @pytest.mark.parametrize(("vms", "mounted"), [(None, None), ("A", Claim("lead.snapshot.mounted"))])
    def test_snapshots_of_no_job(self, vms, mounted):
        """Where no job shows what follows a snapshot."""
        lone = [{"host": "HV01", "night": DAY, "requester": None, "snapshots": 3, "vms": vms}]
        found = of("snapshot", snapshot_lengths=[self.row(phase="snapshot")], lone_snapshots=lone)

        assert (found.code, found.values["mounted"]) == ("lead.snapshot.lone", mounted)
        assert of("snapshot", snapshot_lengths=[self.row(phase="snapshot")], lone_snapshots=[]) == Claim(
            "lead.snapshot.nothing_after"
        )

    @pytest.mark.parametrize(("count", "middle"), [(1, 0.0), (2, 10.0), (3, 10.0), (4, 20.0)])
    def test_gaps(self, count, middle):
        """The VM in the middle, and the first, where it is longest."""
        rows = [
            {
                "vm": f"V{n}",
                "measured": 2,
                "median_s": 10.0 * n,
                "low_s": n,
                "high_s": n + 1,
                "most_s": 99.0 + n,
            }
            for n in reversed(range(count))
        ]
        found = of("gap", snapshot_gaps=rows)

        assert (found.values["jobs"], found.values["vms"], found.values["median_s"]) == (
            2 * count,
            count,
            middle,
        )
        assert found.values["high_s"] - found.values["low_s"] == 1  # type: ignore[operator]
        assert (found.values["worst_vm"], found.values["worst_s"]) == (f"V{count - 1}", 10.0 * (count - 1))
        assert of("gap", snapshot_gaps=[], other=[{"x": 1}]) == Claim("lead.gap.no_clock")


class TestAdvice:
    def test_guest_level(self):
        """How many are advised, what it saves, and of how many too little is known."""
        names = ("guest_level", "guest_level", "none", "not_enough_data")
        rows = [
            {"recommendation": name, "saving_s": saving}
            for name, saving in zip(names, (50.0, None, 9.0, 9.0), strict=True)
        ]

        assert of("guest", guest_gain=rows) == Claim(
            "lead.guest.advised",
            advised=2,
            vms=4,
            gain=Claim("lead.guest.gain", saving_s=50.0),
            several=None,
            unsure=1,
        )
        assert of("guest", guest_gain=rows[1:]).values["gain"] is None

    def test_waits(self):
        """How long in all, and on which volume most."""
        rows = [
            {"volume": volume, "jobs": 2, "refusals": 3, "waited_s": waited, "gave_up": 1}
            for volume, waited in (("V", 5.0), (None, 20.0), ("V", 10.0), ("W", None))
        ]

        assert of("waiting", claim_waits=rows) == Claim(
            "lead.waiting.waited",
            jobs=8,
            waited_s=35.0,
            refusals=12,
            volume=Claim("lead.waiting.unnamed_volume"),
            most_s=20.0,
            failed=4,
        )
        assert of("waiting", claim_waits=rows[:1]).values["volume"] == "V"
        assert of("waiting", claim_waits=rows[3:]) == Claim("lead.waiting.unknown", jobs=2, refusals=3)

    @pytest.mark.parametrize(
        ("jobs", "last", "beside"),
        [
            ((3, 3), 4, Claim("lead.effects.beside", few=0, few_rate=10.0, many=4, many_rate=12.0)),
            ((3, 3), 5, Claim("lead.effects.most_beside", few=0, few_rate=10.0, many=5, many_rate=12.0)),
            ((3, 2), 5, Claim("lead.effects.not_compared")),
            ((2, 3), 5, Claim("lead.effects.not_compared")),
        ],
    )
    def test_effects(self, jobs, last, beside):
        """A GB alone and beside others, where three jobs of each tell."""
        rows = [
            {"jobs": count, "beside": n, "median_s_per_gb": rate}
            for count, n, rate in zip(jobs, (0, last), (10.0, 12.0), strict=True)
        ]

        assert of("effects", contention_effect=rows, platforms=[]) == Claim(
            "lead.effects.whole", beside=beside, compared=None
        )

    @pytest.mark.parametrize(("era", "code"), [("A", "reverted"), ("B", "compared")])
    def test_compared(self, era, code):
        """Why tracking does not help: disks of era A were reverted, or something else is the matter."""
        rows = [
            {"tracking": "block_compare", "era": "A", "jobs": 2},
            {"tracking": "block_compare", "era": era, "jobs": 3},
            {"tracking": "rct", "era": "C", "jobs": 5},
        ]
        found = of("effects", contention_effect=[], platforms=rows)

        assert found.values["compared"] == Claim(f"lead.effects.{code}", jobs=5, all=10)

    @pytest.mark.parametrize("nights", [None, 3])
    def test_books(self, nights):
        """Read = stored + duplicate + rejected, of all nights also where some are shown."""
        rows = [
            {
                "records_read": 9,
                "sources": 1,
                "records_stored": 5,
                "records_duplicate": 3,
                "records_rejected": n,
            }
            for n in (1, None)
        ]
        found = of("coverage", {"nights": nights}, accounting=rows, key_figures=key())

        assert found == Claim(
            "lead.coverage.books",
            read=18,
            files=2,
            stored=10,
            duplicate=6,
            rejected=1,
            all_nights=Claim("lead.coverage.all_nights") if nights else None,
        )


def test_nothing_to_show():
    """A section without rows says so; a summary of nights alone is nothing."""
    assert of("offenders", offenders=[]) == Claim("section.offenders.empty")
    assert of("timeline", night_timeline=[], night_summary=[{"night": DAY, "jobs": 1}]) == Claim(
        "section.timeline.empty"
    )
