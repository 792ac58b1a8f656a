"""Estates whose truth is known, to measure estimates and plans against.

Their rate law is equation (3) of the model: two pipelined stages, a source volume whose throughput falls with the
number of streams, a replica shared by the jobs of a DPM server. What is fitted is another law (4), as in life. Nights
are simulated side by side, one row of an array each. Seconds, GB (10^9 bytes), GB/s.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from analytics.planning.jobs import Bools, Floats, Ints, Jobs

FIRST_NIGHT = 20_000  # days since 1970
WINDOW_OPENS_S = 22 * 3600.0
GUEST_WEIGHT = 0.35
NEVER = np.inf


@dataclass(frozen=True)
class Knobs:
    """What an estate is made of; the defaults are the experiments of reference/model.md 2.5."""

    seed: int = 0
    vms: int = 60
    volumes: int = 6
    hosts: int = 4
    servers: int = 2
    nights: int = 30
    future: int = 4
    noise: float = 0.12
    shock: float = 0.10
    outliers: float = 0.04
    changed: float = 0.03
    contention: float = 1.0
    """How much streams disturb one another: 0 not at all, 1 as usual, 2 twice as fast a fall."""
    server_contention: float = 1.0
    volume_cap: int = 3
    host_cap: int = 3
    server_cap: int = 1000
    guests: int = 0
    failed: float = 0.05
    missing_stamps: float = 0.15
    missing_sent: float = 0.03
    is_shuffled: bool = False
    has_equal_sizes: bool = False
    moved_after: int | None = None
    """After this night the `moves` slowest VMs are at guest level."""
    moves: int = 15
    spread_s: float = 3 * 3600.0
    """The protection groups start within this time."""


@dataclass(frozen=True)
class Truth:
    """What a log does not show. Arrays over VMs, volumes or servers."""

    knobs: Knobs
    volume: Ints
    host: Ints
    server: Ints
    vhd_gb: Floats
    changed_share: Floats
    stream: Floats
    volume_rate: Floats
    volume_fall: Floats
    server_stream: Floats
    server_rate: Floats
    pipelining: float
    sent_s_per_gb: Floats
    overhead_s: float
    pre_s: Floats
    release_s: float
    guest_overhead_s: Floats
    guest_sent_ratio: Floats
    phi: Floats
    start_s: Floats

    def rate(self, on_volume: Floats, on_server: Floats) -> Floats:
        """GB read per second by each VM's job, at that many jobs on its volume and server (last axis: VMs)."""
        on_volume, on_server = np.maximum(on_volume, 1), np.maximum(on_server, 1)
        source = np.minimum(
            self.stream[self.volume],
            self.volume_rate[self.volume] * on_volume ** (-self.volume_fall[self.volume] - 1),
        )
        replica = np.minimum(self.server_stream[self.server], self.server_rate[self.server] / on_server)
        return (source**-self.pipelining + replica**-self.pipelining) ** (-1 / self.pipelining)

    @property
    def solo_rate(self) -> Floats:
        """GB read per second by each VM's job when it runs alone."""
        return self.rate(np.ones(len(self.volume)), np.ones(len(self.volume)))

    def host_work_gb(self, sent_gb: Floats) -> Floats:
        """What a job at host level has to do, as GB read."""
        return self.vhd_gb + (self.sent_s_per_gb * sent_gb + self.overhead_s) * self.solo_rate

    def guest_work_gb(self, sent_gb: Floats) -> Floats:
        """What a job at guest level has to do after its overhead, as GB read."""
        return self.sent_s_per_gb * self.guest_sent_ratio * self.phi * sent_gb * self.solo_rate


@dataclass(frozen=True)
class Nights:
    """Draws of nature, nights by VMs: the same draws under another plan are common random numbers."""

    start_s: Floats
    """After the window's opening."""
    sent_gb: Floats
    """What a compare would send."""
    noise: Floats
    """Factor on the work."""
    fails_at: Floats
    """Share of its work after which the job fails, NaN where it does not."""

    def part(self, nights: slice) -> Nights:
        """Some of the nights."""
        return Nights(self.start_s[nights], self.sent_gb[nights], self.noise[nights], self.fails_at[nights])


@dataclass(frozen=True)
class Course:
    """What happened, nights by VMs, seconds after the window's opening."""

    granted_s: Floats
    moving_s: Floats
    moved_s: Floats
    ended_s: Floats
    volume_lost_s: Floats
    server_lost_s: Floats


@dataclass(frozen=True)
class Estate:
    """A simulated estate: its truth, what happened, and what the logs show of it."""

    truth: Truth
    nature: Nights
    is_guest: Bools
    course: Course
    jobs: Jobs
    shown_gb: Floats = field(repr=False)

    @property
    def future(self) -> slice:
        """The nights after those in `jobs`."""
        return slice(self.truth.knobs.nights, None)

    @property
    def scan_share(self) -> Floats:
        """True share of the data move that reading takes, nights by VMs; contention slows all parts alike."""
        return self.truth.vhd_gb / self.truth.host_work_gb(self.nature.sent_gb)

    @property
    def transfer_s(self) -> Floats:
        """True length of the data move, nights by VMs."""
        return self.course.moved_s - self.course.moving_s


def make(knobs: Knobs | None = None) -> Estate:
    """Simulate an estate; the same knobs give the same estate."""
    knobs = knobs or Knobs()
    rng = np.random.default_rng([11, knobs.seed])
    truth = _truth(knobs, rng)
    nature = _nature(truth, rng)
    is_guest = np.zeros(nature.start_s.shape, dtype=bool)
    is_guest[:, rng.permutation(knobs.vms)[: knobs.guests]] = True
    if knobs.moved_after is not None:
        is_guest[knobs.moved_after :, np.argsort(-truth.vhd_gb)[: knobs.moves]] = True
    course = run(truth, nature, is_guest)
    shown_gb = rng.permutation(truth.vhd_gb) if knobs.is_shuffled else truth.vhd_gb
    past = slice(0, knobs.nights)
    jobs = _logged(truth, nature.part(past), is_guest[past], course, shown_gb, rng)
    return Estate(truth, nature, is_guest, course, jobs, shown_gb)


def _truth(knobs: Knobs, rng: np.random.Generator) -> Truth:
    vms, volumes, servers = knobs.vms, knobs.volumes, knobs.servers
    volume = np.arange(vms) % volumes
    is_slow = rng.random(volumes) < 0.6
    stream = np.where(is_slow, rng.uniform(0.08, 0.16, volumes), rng.uniform(0.15, 0.3, volumes))
    replica = rng.uniform(0.15, 0.4, servers)
    ease = NEVER if knobs.contention == 0 else 1.0
    server_ease = NEVER if knobs.server_contention == 0 else 1 / max(knobs.server_contention, 1e-9)
    sizes = np.exp(rng.normal(np.log(160), 0.7, vms)).clip(30, 900)
    truth = Truth(
        knobs=knobs,
        volume=volume,
        host=rng.integers(0, knobs.hosts, vms),
        server=rng.permutation(np.arange(vms) % servers),
        vhd_gb=np.full(vms, 100.0) if knobs.has_equal_sizes else sizes,
        changed_share=knobs.changed * np.exp(rng.normal(0, 0.6, vms)),
        stream=stream,
        volume_rate=ease * stream * rng.uniform(1.0, 1.8, volumes),
        volume_fall=np.where(is_slow, rng.uniform(0.15, 0.35, volumes), 0.05) * max(knobs.contention, 0.0),
        server_stream=replica,
        server_rate=server_ease * replica * rng.uniform(1.2, 3.0, servers),
        pipelining=float(rng.uniform(1.5, 5.0)),
        sent_s_per_gb=np.zeros(vms),
        overhead_s=float(rng.uniform(5, 30)),
        pre_s=rng.uniform(30, 90, vms),
        release_s=float(rng.uniform(5, 20)),
        guest_overhead_s=120 * np.exp(rng.normal(0, 0.4) + rng.normal(0, 0.3, vms)),
        guest_sent_ratio=np.exp(rng.normal(0, 0.15) + rng.normal(0, 0.16, vms)),
        phi=np.maximum(1, 1.4 * np.exp(rng.normal(0, 0.22, vms))),
        start_s=(rng.integers(0, 6, vms) / 6) * knobs.spread_s + rng.uniform(0, 60, vms),
    )
    sent = rng.uniform(1.2, 3.0) * np.median(1 / truth.solo_rate) * np.exp(rng.normal(0, 0.1, servers))
    return replace(truth, sent_s_per_gb=sent[truth.server])


def _nature(truth: Truth, rng: np.random.Generator) -> Nights:
    knobs = truth.knobs
    shape = (knobs.nights + knobs.future, knobs.vms)
    shock = rng.normal(0, knobs.shock, (shape[0], knobs.volumes))[:, truth.volume]
    noise = np.exp(shock + rng.normal(0, knobs.noise, shape))
    noise *= np.where(rng.random(shape) < knobs.outliers, rng.uniform(1.5, 3.5, shape), 1)
    return Nights(
        start_s=np.maximum(truth.start_s + rng.normal(0, 20, shape), 0),
        sent_gb=truth.changed_share * truth.vhd_gb * np.exp(rng.normal(0, 0.4, shape)),
        noise=noise,
        fails_at=np.where(rng.random(shape) < knobs.failed, rng.uniform(0.1, 1.0, shape), np.nan),
    )


def run(truth: Truth, nature: Nights, is_guest: Bools, volume_cap: Ints | None = None) -> Course:
    """What happens on those nights where those VMs are at guest level; other starts by other `nature.start_s`.

    A job waits until its volume, host and server have room, first come first served, later ones may pass; guest jobs
    ask for no claim. The claim is held from its grant until the release.
    """
    night = _Night(truth, nature, is_guest, volume_cap)
    while night.is_going():
        night.admit()
        night.advance()
    return night.course()


_UNBORN, _WAITING, _PRE, _MOVING, _RELEASING, _DONE = range(6)


class _Night:
    """State of all nights at once; the clock of each runs by its own events."""

    def __init__(self, truth: Truth, nature: Nights, is_guest: Bools, volume_cap: Ints | None) -> None:
        knobs = truth.knobs
        self.truth, self.is_guest, self.start_s = truth, is_guest, nature.start_s
        shape = self.start_s.shape
        self.now = np.zeros(shape[0])
        self.state = np.full(shape, _UNBORN)
        self.due = self.start_s.copy()
        whole = np.where(is_guest, truth.guest_work_gb(nature.sent_gb), truth.host_work_gb(nature.sent_gb))
        self.left = whole * nature.noise * np.where(np.isnan(nature.fails_at), 1, nature.fails_at)
        self.pre_s = np.where(is_guest, truth.guest_overhead_s, truth.pre_s)
        self.weight = np.where(is_guest, GUEST_WEIGHT, 1.0)
        self.order = np.argsort(np.argsort(self.start_s, axis=1, kind="stable"), axis=1)
        self.on = tuple(
            np.eye(count)[place]
            for place, count in (
                (truth.volume, knobs.volumes),
                (truth.host, knobs.hosts),
                (truth.server, knobs.servers),
            )
        )
        volumes = np.full(knobs.volumes, knobs.volume_cap) if volume_cap is None else volume_cap
        self.caps = (volumes, np.full(knobs.hosts, knobs.host_cap), np.full(knobs.servers, knobs.server_cap))
        self.granted, self.moving, self.moved, self.ended = (np.full(shape, np.nan) for _ in range(4))
        self.lost = (np.zeros(shape), np.zeros(shape))

    def is_going(self) -> bool:
        return bool((self.state != _DONE).any())

    def admit(self) -> None:
        """Grant claims, one per night and round, until no waiting job finds room."""
        while True:
            is_holding = ((self.state > _WAITING) & (self.state < _DONE) & ~self.is_guest).astype(float)
            has_room = np.ones(self.state.shape, dtype=bool)
            for on, cap in zip(self.on, self.caps, strict=True):
                has_room &= (is_holding @ on < cap) @ on.T > 0
            can = (self.state == _WAITING) & (has_room | self.is_guest)
            rows = np.flatnonzero(can.any(axis=1))
            if not rows.size:
                return
            first = np.where(can[rows], self.order[rows], len(self.order[0])).argmin(axis=1)
            self.state[rows, first] = _PRE
            self.granted[rows, first] = self.now[rows]
            self.due[rows, first] = self.now[rows] + self.pre_s[rows, first]

    def advance(self) -> None:
        """Let each night run until its next event, then let that happen."""
        is_moving = self.state == _MOVING
        weight = is_moving * self.weight
        own_part = 1 - self.weight
        others = [(weight @ on) @ on.T + own_part for on in (self.on[0], self.on[2])]
        rate = self.truth.rate(*others)
        ends = np.where(is_moving, self.now[:, None] + self.left / rate, NEVER)
        step = np.minimum(self.due.min(axis=1), ends.min(axis=1))
        is_last = is_moving & (ends <= step[:, None] + 1e-6)
        passed = np.where(np.isfinite(step), step - self.now, 0)[:, None]
        self._lose(passed * is_moving, *others, rate)
        self.left -= np.where(is_moving, passed * rate, 0)
        self.now = np.where(np.isfinite(step), step, self.now)
        self._happen(is_last)

    def _lose(self, passed: Floats, on_volume: Floats, on_server: Floats, rate: Floats) -> None:
        """Time lost to the others on the volume and on the server, each its mean effect with and without the other."""
        truth, solo = self.truth, self.truth.solo_rate
        one = np.ones(on_volume.shape)
        volume_only, server_only = truth.rate(on_volume, one), truth.rate(one, on_server)
        self.lost[0][...] += passed * (solo - volume_only + server_only - rate) / (2 * solo)
        self.lost[1][...] += passed * (solo - server_only + volume_only - rate) / (2 * solo)

    def _happen(self, is_moved: Bools) -> None:
        now = self.now[:, None]
        is_due = self.due <= now + 1e-6
        born, begun, released = (is_due & (self.state == state) for state in (_UNBORN, _PRE, _RELEASING))
        self.due[is_due] = NEVER
        self.moving[begun] = np.broadcast_to(now, begun.shape)[begun]
        self.moved[is_moved] = np.broadcast_to(now, begun.shape)[is_moved]
        self.ended[released] = np.broadcast_to(now, begun.shape)[released]
        self.due[is_moved] = np.broadcast_to(now + self.truth.release_s, begun.shape)[is_moved]
        for which, state in ((born, _WAITING), (begun, _MOVING), (is_moved, _RELEASING), (released, _DONE)):
            self.state[which] = state

    def course(self) -> Course:
        """What happened, once nothing is going on any more."""
        return Course(self.granted, self.moving, self.moved, self.ended, *self.lost)


def _logged(
    truth: Truth, nature: Nights, is_guest: Bools, course: Course, shown_gb: Floats, rng: np.random.Generator
) -> Jobs:
    """What the logs show: sizes in whole GB, some stamps and byte counts missing, some jobs failed."""
    nights, vms = nature.start_s.shape
    knobs = truth.knobs
    opens = ((FIRST_NIGHT + np.arange(nights)) * 86400.0 + WINDOW_OPENS_S)[:, None]
    has_failed = ~np.isnan(nature.fails_at)
    hidden = rng.random((2, nights, vms)) < knobs.missing_stamps / 2
    vm = np.tile(np.arange(vms), nights)
    start = (opens + nature.start_s).ravel()

    def seen(moments: Floats, hide: Bools) -> Floats:
        return np.where(hide, np.nan, opens + moments[:nights]).ravel()

    sent_gb = nature.sent_gb * np.where(is_guest, truth.phi, 1)
    sent_gb = np.where(has_failed | (rng.random(sent_gb.shape) < knobs.missing_sent), np.nan, sent_gb)
    return Jobs(
        job_id=tuple(f"N{night:04d}-{place:04d}" for night in range(nights) for place in range(vms)),
        vms=tuple(f"VM{place:04d}" for place in range(vms)),
        volumes=tuple(f"Volume{place}" for place in range(knobs.volumes)),
        servers=tuple(f"DPM{place}" for place in range(knobs.servers)),
        hosts=tuple(f"HV{place}" for place in range(knobs.hosts)),
        vm=vm,
        volume=truth.volume[vm],
        server=truth.server[vm],
        host=truth.host[vm],
        night=np.repeat(FIRST_NIGHT + np.arange(nights), vms),
        scheduled_s=start,
        started_s=start,
        asked_s=np.where(is_guest.ravel(), np.nan, start),
        granted_s=seen(course.granted_s, is_guest),
        snapshot_s=seen((course.granted_s + course.moving_s) / 2, is_guest | hidden[0]),
        moving_s=seen(course.moving_s, hidden[0]),
        moved_s=seen(course.moved_s, hidden[1] | has_failed),
        released_s=seen(course.ended_s, hidden[1] | has_failed),
        ended_s=seen(
            np.where(has_failed, course.moved_s[:nights], course.ended_s[:nights]), np.zeros_like(hidden[0])
        ),
        vhd_gb=np.tile(np.round(shown_gb), nights),
        sent_gb=sent_gb.ravel(),
        is_guest=is_guest.ravel(),
        is_good=~has_failed.ravel(),
        is_running=np.zeros(nights * vms, dtype=bool),
        is_full=np.ones(nights * vms, dtype=bool),
        is_compared=~is_guest.ravel(),
        is_refused=np.zeros(nights * vms, dtype=bool),
        is_imputed=np.zeros(nights * vms, dtype=bool),
    )
