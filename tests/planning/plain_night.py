"""The simulator of nights again, in plain Python by small steps of time: slow, and written without the fast one."""

from __future__ import annotations

import math

from analytics.planning.night import Night

_GUEST_WEIGHT = 0.35


def finishes(night: Night, is_guest: list[bool], scenario: int = 0, step_s: float = 0.25) -> list[float]:
    """When each job finishes, to within a few steps."""
    jobs = range(night.jobs)
    form = [night.at_guest if guest else night.at_host for guest in is_guest]
    before = [float(form[j].before_s[scenario, j]) for j in jobs]
    work = [float(form[j].work_gb[scenario, j]) for j in jobs]
    after = [float(form[j].after_s[scenario, j]) for j in jobs]
    weight = [_GUEST_WEIGHT if guest else 1.0 for guest in is_guest]
    state, finish = ["waiting"] * night.jobs, [math.inf] * night.jobs
    queue = sorted(jobs, key=lambda j: (night.release_s[j], j))
    now = float(night.release_s.min())
    for _ in range(1_000_000):
        for j in queue:
            if state[j] == "waiting" and night.release_s[j] <= now and _may_start(night, state, is_guest, j):
                state[j] = "before"
        moving = [j for j in jobs if state[j] == "transfer"]
        for j in moving:
            volume, server = night.volume[j], night.server[j]
            others_volume = sum(weight[i] for i in moving if i != j and night.volume[i] == volume)
            others_server = sum(weight[i] for i in moving if i != j and night.server[i] == server)
            pace = (
                night.law.scan_s_per_gb[volume]
                + night.law.volume_contention_s_per_gb[volume] * others_volume
                + night.law.server_contention_s_per_gb[server] * others_server
            )
            work[j] -= step_s / pace
        for j in jobs:
            if state[j] == "transfer" and work[j] <= 0:
                state[j] = "after"
            elif state[j] == "after":
                after[j] -= step_s
            elif state[j] == "before":
                before[j] -= step_s
            if state[j] == "before" and before[j] <= 0:
                state[j] = "transfer"
            if state[j] == "after" and after[j] <= 0:
                state[j], finish[j] = "done", now + step_s
        now += step_s
        if all(one == "done" for one in state):
            break
    return finish


def _may_start(night: Night, state: list[str], is_guest: list[bool], job: int) -> bool:
    if is_guest[job]:
        return True
    held = [j for j, one in enumerate(state) if one in {"before", "transfer", "after"} and not is_guest[j]]
    on_volume = [j for j in held if not night.caps.volume_until_snapshot or state[j] == "before"]
    return (
        sum(night.volume[j] == night.volume[job] for j in on_volume) < night.caps.volume[night.volume[job]]
        and sum(night.host[j] == night.host[job] for j in held) < night.caps.host[night.host[job]]
        and sum(night.server[j] == night.server[job] for j in held) < night.caps.server[night.server[job]]
    )
