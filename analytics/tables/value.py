"""What a vocabulary is: the values that a kind of column may hold, each with its meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from analytics.errors import ConfigurationError

__all__ = ["Value", "Vocabulary"]


@dataclass(frozen=True, slots=True)
class Value:
    """One value: its name as it stands in the column, and its meaning in one sentence.

    A name that ends with `*` stands for all values that begin so.
    """

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Phase(Value):
    """A phase of a job; `place` orders the phases, 0 first: phase n lies between the boundaries n and n + 1."""

    place: int


@dataclass(frozen=True, slots=True)
class Boundary(Value):
    """A moment in a job; `place` orders the boundaries of a job, and `phase` begins there, None where none does."""

    place: int
    phase: str | None


@dataclass(frozen=True, slots=True)
class Outcome(Value):
    """How a job ended; `is_good` where a recovery point came of it, `is_final` where nothing more will come."""

    is_good: bool
    is_final: bool


@dataclass(frozen=True, slots=True)
class Kind(Value):
    """What a job does; `owes_sla` where it makes the recovery point that the SLA asks for."""

    owes_sla: bool


@dataclass(frozen=True, slots=True)
class Reason(Value):
    """Why a rule is met or not; `met` is None where that cannot be known."""

    met: bool | None


@dataclass(frozen=True, slots=True)
class Cause(Value):
    """Why a rule was broken; `is_late` where time was lacking.

    `recommendation` is what would help whatever else is known of the VM, None where that decides (candidates).
    """

    recommendation: str | None = None
    is_late: bool = True


@dataclass(frozen=True, slots=True)
class Advice(Value):
    """Why a VM is given which recommendation."""

    recommendation: str


@dataclass(frozen=True, slots=True)
class Check(Value):
    """A check of the evidence; `place` orders the checks, from 1, as people should read them."""

    place: int


@dataclass(frozen=True, slots=True)
class Finding(Value):
    """What a check may find: what follows for the answers (ok, warn, fail), and what would mend it.

    It is said where more than `least_share` is wrong; of several of one status the one with the lowest `rank`.
    `is_empty` where there is nothing to check.
    """

    check: str
    status: str
    remedy: str | None = None
    rank: int = 1
    least_share: float = 0.0
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class Service(Value):
    """A service that writes errlogs; `is_server` where the computer that it runs on is the DPM server."""

    is_server: bool


_V_co = TypeVar("_V_co", bound=Value, covariant=True)
_T = TypeVar("_T")


@dataclass(frozen=True)
class Vocabulary(Generic[_V_co]):
    """The values of a kind of column in the order in which people expect them; iterating gives the values."""

    name: str
    values: tuple[_V_co, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the values, in order."""
        return tuple(value.name for value in self.values)

    def __iter__(self) -> Iterator[_V_co]:
        return iter(self.values)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and any(_covers(value.name, name) for value in self.values)

    def covering(self, name: str) -> _V_co | None:
        """The declared value that a value found in data is, or falls under; None for an unknown one."""
        return next((value for value in self.values if _covers(value.name, name)), None)

    def keyed(self, things: Mapping[str, _T]) -> dict[str, _T]:
        """One thing per value, in the order of the values; ConfigurationError where one lacks or is too many."""
        if set(things) != set(self.names):
            wrong = ", ".join(sorted(set(things) ^ set(self.names)))
            raise ConfigurationError(
                f"lacks or invents {wrong}", self.name, f"each of {', '.join(self.names)}"
            )
        return {name: things[name] for name in self.names}


def _covers(declared: str, found: str) -> bool:
    return found.startswith(declared[:-1]) if declared.endswith("*") else found == declared
