"""A mutant: one small change of one file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Mutant:
    """At `start` (bytes) of the file `path` stands `before`; the mutant has `after` there."""

    path: str
    start: int
    before: str
    after: str
    kind: str
    line: int

    @property
    def name(self) -> str:
        """Where and what, in one line."""
        return f"{self.path}:{self.line}: {self.kind}: {self.before!r} -> {self.after!r}"

    def applied(self, content: bytes) -> bytes:
        """The content of the file with the change."""
        end = self.start + len(self.before.encode())
        assert content[self.start : end] == self.before.encode()
        return content[: self.start] + self.after.encode() + content[end:]
