"""One backup job of the simulation: who, when, what happened to it, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import NamedTuple

from analytics.synth.estate import VM, new_guid

# Moments that the agent on the Hyper-V host sees, on the host's clock; all others are on the DPM server's.
HOST_EVENTS = frozenset(
    {
        "init",
        "add_volume",
        "refusal",
        "claim_granted",
        "t1",
        "t2",
        "provider_id",
        "vhd_chain",
        "begin_data_move",
        "start_backup_complete",
        "release_snapshot",
        "snapshot_failed",
        "transfer_failed",
    }
)


class Event(NamedTuple):
    """Something that happened in a job at true time `at_s` (seconds since 1970, UTC)."""

    kind: str
    at_s: float
    detail: str = ""


class Failure(NamedTuple):
    """How DPM names an outcome that is not a success: DPM error id and HRESULT."""

    code: int
    hresult: int


FAILURES = {
    "claim": Failure(32612, 0x8007173D),
    "snapshot": Failure(30112, 0x800423F3),
    "transfer": Failure(104, 0x8007138F),
    "cancelled": Failure(104, 0x800704C7),
    "warning": Failure(3130, 0x80070002),
    "online": Failure(100034, 0x80780054),
}


@dataclass(frozen=True)
class Request:
    """A job that DPM wants to run; `attempt` is 0 for the scheduled run and 1 for the first rerun."""

    vm: VM
    night: date
    night_index: int
    kind: str
    release_s: float
    attempt: int = 0
    endless: bool = False


@dataclass(eq=False)
class Job:
    """One attempt; `fate` was drawn before it began, `failed_in` says where it really ended."""

    request: Request
    rng: Random
    task_id: str
    dpm_job_id: str
    fate: str
    may_collide: bool
    events: list[Event] = field(default_factory=list)
    dropped: set[str] = field(default_factory=set)
    bytes_transferred: int | None = None
    failed_in: str = ""

    @property
    def vm(self) -> VM:
        """The VM that is backed up."""
        return self.request.vm

    def log(self, kind: str, at_s: float, detail: str = "") -> None:
        """Note that something happened."""
        self.events.append(Event(kind, at_s, detail))

    def first(self, kind: str) -> Event | None:
        """The first event of that kind."""
        return next((event for event in self.events if event.kind == kind), None)

    def at_s(self, kind: str) -> float | None:
        """The time of the first event of that kind."""
        event = self.first(kind)
        return event.at_s if event else None

    @property
    def refusals(self) -> int:
        """How often a claim was refused."""
        return sum(event.kind == "refusal" for event in self.events)

    @property
    def outcome(self) -> str:
        """The outcome in the words of domain.md."""
        if self.first("end") is None:
            return "running"
        if not self.failed_in:
            return "succeeded"
        return self.failed_in if self.failed_in in ("warning", "cancelled") else "failed"

    @property
    def level(self) -> str:
        """Backed up through the host or by an agent in the guest."""
        return "guest" if self.vm.method == "guest" else "host"

    @property
    def tracking(self) -> str:
        """How the changed blocks were found; consistency checks and first replicas read everything."""
        if self.request.kind == "online":
            return "unknown"
        if self.request.kind != "express_full":
            return "block_compare"
        if self.vm.method == "rct":
            return "rct"
        return "change_tracking" if self.vm.tracked else "block_compare"


def draw_job(request: Request, seed: int, shares: tuple[float, float, float]) -> Job:
    """A job with its GUIDs and fate; `shares` = of failures, of warnings, of starts on a claimed volume."""
    rng = Random(f"{seed}|job|{request.vm.index}|{request.night_index}|{request.kind}|{request.attempt}")
    failure_share, warning_share, collision_share = shares
    drawn = rng.random()
    if request.endless:
        fate = "ok"
    elif drawn < failure_share:
        fate = rng.choices(("claim", "snapshot", "transfer", "cancelled"), (3, 3, 3, 1))[0]
    else:
        fate = "warning" if drawn < failure_share + warning_share else "ok"
    return Job(request, rng, new_guid(rng), new_guid(rng), fate, rng.random() < collision_share)
