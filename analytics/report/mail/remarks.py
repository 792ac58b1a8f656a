"""What a run found beside its report, for its mail."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.report.words import Claim


def ended_early(begun: str) -> Claim:
    """The run before was killed; `begun` says when it began."""
    return Claim("mail.ended_early", begun=begun)


def no_input(paths: Sequence[str]) -> Claim:
    """Nothing of these paths could be read."""
    return Claim("mail.no_input", paths=list(paths))


def nothing_new() -> Claim:
    """All that the logs hold was known."""
    return Claim("mail.nothing_new")
