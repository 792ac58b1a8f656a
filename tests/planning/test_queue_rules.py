"""Limits of claims, read off the waiting that they cause."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.planning.jobs import Jobs, chosen
from analytics.planning.night import NO_CAP, Caps, Form, Law, Night
from analytics.planning.queue_rules import inferred
from analytics.planning.simulate import simulate
from tests.planning.estate import Knobs, make

_KNOBS = Knobs(vms=40, nights=8, future=0)


def _known(caps: np.ndarray) -> set[int]:
    return {int(cap) for cap in caps if cap < NO_CAP}


@pytest.mark.parametrize(
    ("knobs", "volume", "host", "server"),
    [
        (replace(_KNOBS, volume_cap=1), {1}, set(), set()),
        (replace(_KNOBS, volume_cap=1000), set(), {3}, set()),
        (replace(_KNOBS, volume_cap=2, host_cap=5), {2}, set(), set()),
        (replace(_KNOBS, volume_cap=1000, host_cap=1000, server_cap=3), set(), set(), {3}),
    ],
)
def test_the_limit_that_binds_is_found(knobs: Knobs, volume: set, host: set, server: set) -> None:
    """The limit that makes jobs wait is found, and none where it does not bind."""
    found = inferred(make(knobs).jobs)

    assert _known(found.caps.volume) == volume
    assert _known(found.caps.host) == host
    assert _known(found.caps.server) == server
    assert found.explained > 0.9
    assert found.in_order > 0.95
    assert not found.caps.volume_until_snapshot


@pytest.mark.parametrize("by", ["host", "server"])
def test_refused_claims_tell_of_volumes_alone(by: str) -> None:
    """A backup on the volume refuses them, however full host and DPM server are; what waits in DPM tells of those."""
    free = {"volume_cap": 1000, "host_cap": 1000, "server_cap": 1000} | {f"{by}_cap": 3}
    jobs = make(replace(_KNOBS, **free)).jobs
    refused = replace(jobs, is_refused=np.ones(len(jobs), bool))
    queued = replace(refused, started_s=jobs.granted_s)

    assert _known(getattr(inferred(jobs).caps, by)) == {3}
    assert _known(getattr(inferred(refused).caps, by)) == set()
    assert _known(getattr(inferred(queued).caps, by)) == {3}


def test_where_nobody_waits_no_limit_is_known() -> None:
    """Without waiting no limit is known, however many ran at once."""
    found = inferred(make(replace(_KNOBS, volume_cap=1000, host_cap=1000)).jobs)

    assert _known(np.concatenate([found.caps.volume, found.caps.host, found.caps.server])) == set()
    assert np.isnan(found.explained)


def test_two_nights_are_no_rule() -> None:
    """What was seen on two nights only is not taken for a limit."""
    jobs = make(replace(_KNOBS, volume_cap=1)).jobs
    found = inferred(chosen(jobs, jobs.night < jobs.night.min() + 2))

    assert _known(found.caps.volume) == set()


def test_a_claim_that_ends_with_the_snapshot() -> None:
    """Where the next job gets the claim as soon as the snapshot is taken, that is the rule."""
    found = inferred(_until_snapshot())

    assert found.caps.volume_until_snapshot
    assert set(found.caps.volume[:-1]) == {1}


def test_no_jobs() -> None:
    """No jobs, no rules, no failure."""
    jobs = make(Knobs(vms=3, nights=1, future=0)).jobs
    found = inferred(chosen(jobs, np.zeros(len(jobs), bool)))

    assert found.waited_s == 0


def _until_snapshot() -> Jobs:
    """Logs of an estate in which a volume's claim is held for the five minutes of a snapshot only."""
    estate = make(replace(_KNOBS, volume_cap=1000, host_cap=1000))
    truth, nature = estate.truth, estate.nature
    caps = Caps(np.ones(6, int), np.full(4, NO_CAP), np.full(2, NO_CAP), volume_until_snapshot=True)
    law = Law(1 / truth.stream, 0.2 / truth.stream, np.zeros(2))
    moments = []
    for start_s, noise in zip(nature.start_s, nature.noise, strict=True):
        one = np.ones((1, len(start_s)))
        form = Form(300 * one, truth.vhd_gb * noise * one, 10 * one)
        out = simulate(Night(start_s, truth.volume, truth.host, truth.server, form, form, law, caps))
        moments.append([out.granted_s[0, 0], out.moving_s[0, 0], out.moved_s[0, 0], out.finish_s[0, 0]])
    granted, moving, moved, ended = np.array(moments).transpose(1, 0, 2).reshape(4, -1)
    opened = estate.jobs.scheduled_s - nature.start_s.ravel()
    return replace(
        estate.jobs,
        granted_s=opened + granted,
        snapshot_s=opened + moving - 5,
        moving_s=opened + moving,
        moved_s=opened + moved,
        released_s=opened + ended,
        ended_s=opened + ended,
    )
