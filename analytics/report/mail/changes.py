"""What is new, what stays and what is over since the report before: VMs that missed their window."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from analytics.report.words import Claim

_NAMED = 8


@dataclass(frozen=True)
class Changes:
    """Names of VMs by what became of them; `since` is the night of the report before, None without one."""

    since: dt.date | None = None
    new: tuple[str, ...] = ()
    still: tuple[str, ...] = ()
    resolved: tuple[str, ...] = ()

    def claims(self) -> list[Claim]:
        """One claim per kind that has names; none without a report before."""
        if not self.since:
            return []
        return [
            *([Claim("mail.new", names=_names(self.new), since=self.since)] if self.new else []),
            *([Claim("mail.still", names=_names(self.still))] if self.still else []),
            *([Claim("mail.resolved", names=_names(self.resolved))] if self.resolved else []),
        ]


def changes_between(
    before: Mapping[str, str] | None, now: Mapping[str, str], known: Iterable[str], since: dt.date | None
) -> Changes:
    """Compare the VMs that missed (name -> cause) with those of the report before, None where there was none.

    A VM is resolved where the report now knows that it kept its window (`known`), not where it says nothing of it.
    """
    if before is None:
        return Changes()
    return Changes(
        since=since,
        new=tuple(sorted(now.keys() - before.keys())),
        still=tuple(sorted(now.keys() & before.keys())),
        resolved=tuple(sorted(before.keys() & set(known) - now.keys())),
    )


def _names(names: Sequence[str]) -> Claim:
    """The first names, and how many more there are."""
    more = len(names) - _NAMED
    others = Claim("mail.others", others=more) if more > 0 else None
    return Claim("mail.names", names=list(names[:_NAMED]), others=others)
