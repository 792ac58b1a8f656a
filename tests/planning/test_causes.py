"""Each job's time is taken apart as it was spent; what cannot be told is left open, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.planning.bottlenecks import bottlenecks
from analytics.planning.causes import CAUSES, job_causes
from analytics.planning.jobs import chosen
from analytics.planning.rates import fitted
from tests.planning.estate import Knobs, make

ORDINARY = Knobs(seed=36, vms=30, volumes=3, nights=16, spread_s=5 * 3600.0)
OF_MOVE = ("scan", "volume_contention", "server_contention", "changed_data")


def caused(estate, jobs=None):
    """Jobs of an estate, their causes, and the bottlenecks of its VMs."""
    jobs = estate.jobs if jobs is None else jobs
    rates = fitted(jobs)
    causes = job_causes(jobs, rates)
    return jobs, causes, bottlenecks(jobs, rates, causes)


def of(causes, name, values=None):
    """Seconds of one cause by job."""
    return (causes.seconds if values is None else values)[:, CAUSES.index(name)]


@pytest.fixture(scope="module")
def ordinary():
    """An estate in which all can be told, and what is told of it."""
    estate = make(ORDINARY)
    return estate, *caused(estate)


class TestJobCauses:
    @pytest.mark.parametrize("knobs", [ORDINARY, replace(ORDINARY, has_equal_sizes=True, guests=5)])
    def test_adds_up(self, knobs):
        """Causes add up to the time from a task's creation to its end, failed ones and guests', too."""
        jobs = make(knobs).jobs
        late = replace(jobs, started_s=jobs.started_s + 100.0, asked_s=jobs.asked_s + 130.0)
        causes = job_causes(late, fitted(late))

        assert np.abs(np.nansum(causes.seconds, axis=1) - (late.ended_s - late.scheduled_s)).max() < 1e-6
        assert np.allclose(of(causes, "queue"), 100.0)
        assert (causes.low_s <= causes.seconds)[~np.isnan(causes.seconds)].all()
        assert (causes.seconds <= causes.high_s)[~np.isnan(causes.seconds)].all()

    def test_phases_are_the_logs(self, ordinary):
        """Waits and phases lie between the log's boundaries, exactly; where a boundary is missing they are open."""
        _, jobs, causes, _ = ordinary

        assert np.array_equal(of(causes, "claim_wait"), jobs.granted_s - jobs.asked_s)
        assert np.array_equal(of(causes, "release"), jobs.released_s - jobs.moved_s, equal_nan=True)
        assert np.array_equal(np.isnan(of(causes, "snapshot")), np.isnan(jobs.snapshot_s))
        assert np.array_equal(of(causes, "claim_wait", causes.low_s), of(causes, "claim_wait", causes.high_s))

    def test_parts_of_the_move(self, ordinary):
        """The share of scan is near the truth for each job, the time lost to others on the whole."""
        estate, jobs, causes, _ = ordinary
        is_told = ~np.isnan(causes.scan_share[0])
        truth = estate.scan_share[:16].ravel()

        assert is_told[jobs.is_good & ~np.isnan(jobs.moving_s) & ~np.isnan(jobs.moved_s)].all()
        assert np.median(np.abs(causes.scan_share[0] - truth)[is_told]) < 0.05
        for name, lost in (("volume", estate.course.volume_lost_s), ("server", estate.course.server_lost_s)):
            told = of(causes, f"{name}_contention")[is_told].sum()
            assert told == pytest.approx(lost[:16].ravel()[is_told].sum(), rel=0.35)
        assert np.median(causes.explained_share[is_told]) > 0.85

    def test_without_contention(self):
        """Where jobs do not slow each other, next to nothing is charged to contention."""
        _, causes, _ = caused(make(replace(ORDINARY, contention=0, server_contention=0)))[0:3]
        is_told = ~np.isnan(of(causes, "scan"))

        for name in ("volume_contention", "server_contention"):
            assert of(causes, name)[is_told].sum() < 0.05 * of(causes, "scan")[is_told].sum()

    def test_split_that_cannot_be_known(self):
        """With equal sizes no share is given, but what scan, change and overhead take together is."""
        _, causes, _ = caused(make(replace(ORDINARY, has_equal_sizes=True)))

        assert np.isnan(of(causes, "scan")).all()
        assert np.isnan(causes.scan_share).all()
        assert np.nanmedian(causes.combined_s) > 300
        assert "equal_sizes" in causes.reason

    @pytest.mark.parametrize(
        ("reason", "change"),
        [
            ("change_tracking", {"is_compared": False}),
            ("guest_level", {"is_guest": True}),
            ("not_ended", {"is_good": False}),
            ("no_sizes", {"vhd_gb": np.nan}),
            ("no_volume", {"volume": -1}),
        ],
    )
    def test_jobs_that_are_not_taken_apart(self, ordinary, reason, change):
        """A job of another kind has no parts of a data move, with the reason; its neighbours keep theirs."""
        _, jobs, before, _ = ordinary
        job = int(np.flatnonzero(~np.isnan(of(before, "scan")))[0])
        (name, value), mask = next(iter(change.items())), np.arange(len(jobs)) == job
        changed = replace(jobs, **{name: np.where(mask, value, getattr(jobs, name))})
        causes = job_causes(changed, fitted(changed))

        assert (causes.grade[job], causes.reason[job]) == ("D", reason)
        assert all(np.isnan(of(causes, part)[job]) for part in OF_MOVE)
        assert np.array_equal(
            np.isnan(np.delete(of(causes, "scan"), job)), np.isnan(np.delete(of(before, "scan"), job))
        )

    def test_waited_for(self, ordinary):
        """Who waits, waits for jobs that hold a claim at its place then: three on its volume, or else on its host."""
        _, jobs, causes, _ = ordinary
        waits = jobs.granted_s - jobs.asked_s
        until = np.where(np.isnan(jobs.released_s), jobs.ended_s, jobs.released_s)

        assert all(causes.waits.waited_for[job] for job in np.flatnonzero(waits > 5))
        for job in np.flatnonzero(waits > 5)[:100]:
            place = jobs.host if causes.waits.is_host[job] else jobs.volume
            for other, seconds in causes.waits.waited_for[job]:
                assert place[other] == place[job]
                assert 0 < seconds <= waits[job] + 1e-6
                assert jobs.granted_s[other] < jobs.granted_s[job]
                assert until[other] > jobs.asked_s[job]
        assert not any(causes.waits.waited_for[job] for job in np.flatnonzero(waits < 1))


class TestBottlenecks:
    def test_none_where_nothing_holds_up(self):
        """Without contention and waits nothing is a bottleneck; with claims held one at a time it is the volume."""
        free = replace(ORDINARY, contention=0, server_contention=0, volume_cap=30, host_cap=30)
        serial = replace(free, volume_cap=1, spread_s=3600.0)

        assert set(caused(make(free))[2].kind) == {"none"}
        found = caused(make(serial))[2]
        assert found.kind.count("volume") >= 24
        assert {"server", "host_cap", "queue"}.isdisjoint(found.kind)
        assert np.median(found.confidence) == 1

    def test_queue_and_host(self):
        """Time before the start is the queue; waits while nobody holds the volume are the host's cap."""
        free = replace(ORDINARY, contention=0, server_contention=0, volume_cap=30, host_cap=30)
        jobs = make(free).jobs
        queued = replace(jobs, scheduled_s=jobs.scheduled_s - 3600.0)
        capped = make(replace(free, volumes=30, hosts=2, host_cap=1, spread_s=600.0, vms=30))

        assert set(caused(None, queued)[2].kind) == {"queue"}
        assert caused(capped)[2].kind.count("host_cap") >= 24

    def test_server(self):
        """On a slow DPM server, with a volume for each VM, it is the server."""
        found = caused(
            make(replace(ORDINARY, server_contention=4, contention=0, volume_cap=30, host_cap=30))
        )[2]

        assert found.kind.count("server") >= 15
        assert "host_cap" not in found.kind

    def test_too_little(self):
        """A VM with two jobs is not judged."""
        jobs = make(ORDINARY).jobs
        found = caused(None, chosen(jobs, (jobs.vm > 0) | (jobs.night < jobs.night.min() + 2)))[2]

        assert found.kind[0] == "not_enough_data"
        assert np.isnan(found.confidence[0])
        assert "not_enough_data" not in found.kind[1:]
