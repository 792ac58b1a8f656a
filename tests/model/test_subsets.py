"""What the model says with errlogs only, events only, job records only, and with all of them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pytest

from analytics.ingest import ingest
from analytics.planning import open_session
from analytics.report.build import build_report
from analytics.sql import Session
from analytics.store import Store
from analytics.synth import Knobs, write_estate
from tests.model.conftest import read_truth
from tests.model.truth import MILLISECOND_S, compare_phases, compare_sums, true_times

KNOBS = {"vms": 8, "nights": 3, "seed": 11, "events": "xml", "guest_events": 0.6, "guest_clock_skew_s": 60}
KNOBS |= {"failure_share": 0.15, "collision_share": 0.3, "audit_8222": True}
NAMES = {
    "errlogs": ("*.errlog",),
    "events": ("*.xml",),
    "records": ("jobs.csv", "DPM_Job_History.txt"),
    "all": ("*.errlog", "*.xml", "jobs.csv", "DPM_Job_History.txt"),
}
ALWAYS = ("vms.csv", "collection.json")


@dataclass
class Truth:
    """What the simulation knows."""

    era: str
    jobs: pd.DataFrame
    boundaries: pd.DataFrame


@dataclass
class Views:
    """What the model says of one part of the logs."""

    session: Session
    jobs: pd.DataFrame
    phases: pd.DataFrame
    sla: pd.DataFrame


@pytest.fixture(scope="module", params=["A", "B", "C"])
def parts(request, tmp_path_factory):
    """An estate of one era, the truth, and its logs read part by part."""
    folder = tmp_path_factory.mktemp("parts")
    write_estate(folder / "estate", Knobs(**KNOBS, era=request.param))
    views = {}
    for part, patterns in NAMES.items():
        files = [
            file for pattern in (*ALWAYS, *patterns) for file in sorted((folder / "estate").rglob(pattern))
        ]
        store = Store.create_or_open(folder / part)
        ingest(store, files)
        session = open_session(store, keep=False)
        tables = [session.sql(f"SELECT * FROM {name}").to_pandas() for name in ("jobs", "phases", "sla")]
        views[part] = Views(session, *tables)
    yield Truth(request.param, *read_truth(folder / "estate")), views
    for view in views.values():
        view.session.close()


def without_start(boundaries: pd.DataFrame) -> pd.DataFrame:
    """Without a job record `prepare` begins with InitializeSnapshotCreation (contract, section 6)."""
    begun = boundaries.job_id[boundaries.boundary == "init"]
    return boundaries[(boundaries.boundary != "start") | ~boundaries.job_id.isin(begun)]


def test_no_part_contradicts_the_truth(parts) -> None:
    """No job is invented or given to a wrong VM, no observed boundary is off, no bound is violated.

    The kind of a job is left out for errlogs: their lines are the same for all kinds of full backups.
    """
    made, views = parts
    truth = made.jobs.set_index("job_id")
    for part, view in views.items():
        known = view.jobs[view.jobs.job_id.isin(truth.index)]
        wrong = [
            f"{row.job_id}: {name} {getattr(row, name)!r} instead of {truth.loc[row.job_id, name]!r}"
            for row in known.itertuples()
            for name in ("vm", "level", "outcome", *(["kind"] if part != "errlogs" else []))
            if isinstance(getattr(row, name), str)
            and getattr(row, name) not in {"unknown", "other", truth.loc[row.job_id, name]}
        ]
        boundaries = without_start(made.boundaries) if part == "errlogs" else made.boundaries
        phases = view.phases[view.phases.job_id.isin(truth.index)]
        wrong += [*compare_phases(phases, boundaries), *compare_sums(view.jobs, view.phases)]
        assert (part, wrong) == (part, [])
        assert len(view.jobs) == len(known), part


def test_more_evidence_makes_nothing_wronger(parts) -> None:
    """With all logs every bound is as tight, every grade as good and every verdict as firm as with one kind of log."""
    _, views = parts
    every = views["all"]
    for part in ("errlogs", "records"):
        one = views[part].phases
        # With a job record `prepare` begins earlier; what is explained is no longer unaccounted.
        one = one[~one.phase.isin(["unaccounted", *(["prepare"] if part == "errlogs" else [])])]
        both = one[one.grade != "D"].merge(every.phases, on=["job_id", "phase"], suffixes=("", "_all"))
        looser = both[
            (both.grade_all > both.grade)
            | (both.duration_min_s_all < both.duration_min_s - MILLISECOND_S)
            | (both.duration_max_s_all > both.duration_max_s + MILLISECOND_S)
        ]
        columns = ["job_id", "phase", "grade", "grade_all", "duration_min_s", "duration_min_s_all"]
        assert looser[[*columns, "duration_max_s", "duration_max_s_all"]].to_dict("records") == []
        assert set(one.job_id) <= set(every.phases.job_id)

        said = views[part].sla
        verdicts = said[said.met.notna()].merge(every.sla, on=["vm", "night", "rule"], suffixes=("", "_all"))
        assert (
            verdicts[verdicts.met != verdicts.met_all][["vm", "night", "met", "met_all"]].to_dict("records")
            == []
        ), part
        assert len(verdicts) == said.met.notna().sum()


def test_events_alone_show_the_snapshots(parts) -> None:
    """Without a job each audited snapshot stands at its true moment, with its VM where its disks were mounted."""
    made, views = parts
    view = views["events"]
    times = true_times(made.boundaries).merge(
        made.jobs.set_index("job_id"), left_index=True, right_index=True
    )
    times = times[times.t2.notna() & (times.level == "host")]
    found = view.session.sql("SELECT * FROM host_snapshots").to_pandas()
    by_dpm = found[found.process.fillna("").str.contains("dpmra")]
    assert len(view.jobs) == len(view.phases) == 0
    assert (by_dpm.grade == "A").all()
    missing, misnamed = [], []
    for row in times.itertuples():
        near = by_dpm[(by_dpm.snapshot_at - row.t2).abs() < pd.Timedelta(milliseconds=1)]
        if near.empty:
            missing.append((row.vm, row.t2))
        elif set(near.vm.dropna()) - {row.vm}:
            misnamed.append((row.vm, set(near.vm)))
    assert (missing, misnamed) == ([], [])
    assert by_dpm.vm.notna().any() == (made.era == "A")


def test_windows_server_backup_states_its_phases(parts) -> None:
    """Each of its snapshots lies within the run that its own record states; the phases follow one another."""
    _, views = parts
    session = views["events"].session
    found = session.sql("SELECT * FROM host_snapshots WHERE contains(process, 'wbengine')").to_pandas()
    runs = session.sql("SELECT * FROM windows_backups").to_pandas()
    assert len(runs) == len(found) > 0
    for snapshot in found.itertuples():
        own = runs[(runs.host == snapshot.host) & (runs.started_at <= snapshot.snapshot_at)]
        assert (
            own[own.ended_at >= snapshot.snapshot_at].snapshot_ended_at >= snapshot.snapshot_at
        ).sum() == 1
    names = [
        "started_at",
        "snapshot_started_at",
        "snapshot_ended_at",
        "prepare_started_at",
        "prepare_ended_at",
    ]
    steps = runs[[*names, "write_started_at", "write_ended_at", "ended_at"]]
    assert (steps.diff(axis=1).iloc[:, 1:] >= pd.Timedelta(0)).all().all()
    assert set(runs.outcome) == {"succeeded"}


def test_the_report_says_what_it_knows(parts) -> None:
    """Each part gives a report; that of the events counts snapshots and promises no verdict."""
    _, views = parts
    reports = {part: build_report(view.session) for part, view in views.items()}
    events = reports["events"]
    assert events.verdict.startswith("No backup job was found in ")
    assert "by DPM" in events.remarks
    assert {row["status"] for row in events.results["coverage_map"].rows} >= {"present"}
    assert events.results["lone_failures"].rows
    lone = {
        part: sum(row["snapshots"] for row in made.results["lone_snapshots"].rows)
        for part, made in reports.items()
    }
    assert lone["errlogs"] == lone["records"] == 0
    assert 0 < lone["all"] < lone["events"]
    for part in ("errlogs", "records", "all"):
        assert "window" in reports[part].verdict, part
