"""What goes into an ingest and what comes out of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from analytics.errors import EXIT_BUG, EXIT_DONE, EXIT_NO_INPUT, EXIT_PARTIAL
from analytics.site import Site


@dataclass(frozen=True)
class IngestOptions:
    """What the user says about the input; None leaves it to the files.

    `trace_level` is all, or markers to keep only phase markers and records above NORMAL; `events_level` is all, or
    relevant to keep only events of the providers that a rule names. Large event logs are read by up to `processes`
    processes; a script that asks for more than one must guard its main part (`if __name__ == "__main__":`).
    """

    site: Site = field(default_factory=Site)
    host: str | None = None
    year: int | None = None
    encoding: str | None = None
    time_zone: str | None = None
    date_formats: tuple[str, ...] = ()
    trace_level: str = "all"
    events_level: str = "all"
    processes: int = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest is."""

    path: str
    files_done: int
    files_total: int
    bytes_done: int
    bytes_total: int


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """One source: `status` is read, known (the store held all of it), no-log, unknown (no format) or unreadable."""

    path: str
    source_id: str | None
    format: str
    host: str | None
    status: str
    records_read: int = 0
    records_stored: int = 0
    records_duplicate: int = 0
    records_rejected: int = 0
    records_filtered: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source.

    `problems` are clear lines about what could not be read, `notes` about what is worth knowing and no fault; `bug` is
    the trace of a fault of ours that ended its reading.
    """

    summary: SourceSummary
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    bug: str | None = None


@dataclass(frozen=True)
class IngestSummary:
    """All sources, their problems and notes, one clear line each; `bugs` are traces of our own faults."""

    sources: list[SourceSummary]
    problems: list[str]
    notes: list[str] = field(default_factory=list)
    bugs: list[str] = field(default_factory=list)

    @property
    def records_read(self) -> int:
        """Stored + duplicate + rejected."""
        return sum(source.records_read for source in self.sources)

    @property
    def records_stored(self) -> int:
        """Records written by this ingest."""
        return sum(source.records_stored for source in self.sources)

    @property
    def records_duplicate(self) -> int:
        """Records that the store held already."""
        return sum(source.records_duplicate for source in self.sources)

    @property
    def records_rejected(self) -> int:
        """Records that could not be read: as many as `rejects` holds of these sources."""
        return sum(source.records_rejected for source in self.sources)

    @property
    def exit_code(self) -> int:
        """0 all read, 1 a fault of ours, 4 part of it could not be read, 5 nothing usable."""
        if self.bugs:
            return EXIT_BUG
        usable = any(source.status in {"read", "known"} and _has_records(source) for source in self.sources)
        if not usable:
            return EXIT_NO_INPUT
        return EXIT_PARTIAL if self.problems or self.records_rejected else EXIT_DONE


def summary_of(outcomes: Iterable[Outcome]) -> IngestSummary:
    """All outcomes together."""
    outcomes = list(outcomes)
    return IngestSummary(
        [outcome.summary for outcome in outcomes],
        [problem for outcome in outcomes for problem in outcome.problems],
        [note for outcome in outcomes for note in outcome.notes],
        [outcome.bug for outcome in outcomes if outcome.bug],
    )


def _has_records(source: SourceSummary) -> bool:
    return source.records_stored + source.records_duplicate + source.records_filtered > 0
