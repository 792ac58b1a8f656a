"""What became of a source, as the user is told it and as the sources table keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from analytics.formats import Head, Reading
from analytics.ingest.account import Account
from analytics.ingest.keys import host_key
from analytics.ingest.known import UNKNOWN, source_row
from analytics.ingest.options import Outcome, SourceSummary
from analytics.ingest.plan import Planned
from analytics.sources import Source, detect_encoding

_COUNTS = ("read", "stored", "duplicate", "rejected", "filtered")
_NO_LOG = "no-log"
UNREADABLE = "unreadable"


def row_of(
    planned: Planned, reading: Reading, account: Account, source_id: str, sha256: str | None
) -> dict[str, Any]:
    """The row of a source that was read."""
    source, format_ = planned.source, planned.format
    return source_row(
        source_id,
        source.path,
        format_.name if format_ else UNKNOWN,
        kind=format_.kind if format_ else None,
        service=format_.service(Head(source.name, source.head)) if format_ else None,
        host=reading.host,
        host_from=reading.host_from,
        host_key=host_key(reading.host),
        sha256=sha256,
        size_bytes=source.fingerprint.size_bytes,
        modified_at=source.modified_at,
        encoding=(reading.encoding or detect_encoding(source.head)) if format_ else None,
        year_from=account.year_from,
        first_at=account.first_at,
        last_at=account.last_at,
        **{f"records_{name}": getattr(account, name) for name in _COUNTS},
    )


def read_outcome(row: Mapping[str, Any], account: Account, bug: str | None) -> Outcome:
    """A source that was read now."""
    status = UNKNOWN if row["format"] == UNKNOWN else "read"
    counts = {f"records_{name}": getattr(account, name) for name in _COUNTS}
    summary = SourceSummary(row["path"], row["source_id"], row["format"], row["host"], status, **counts)
    is_empty = status == "read" and account.read + account.filtered == 0
    notes = (f"{row['path']}: no record in it, only what stands above the first one",) if is_empty else ()
    return Outcome(summary, tuple(account.told()), notes, bug)


def known_outcome(source: Source, stored: Mapping[str, Any], reading: Reading, is_repeated: bool) -> Outcome:
    """A source whose content the store holds: good records count as duplicates, rejected ones as rejected.

    Where the same content came before in this ingest, all of it is duplicate.
    """
    good = stored["records_stored"] + stored["records_duplicate"]
    rejected = 0 if is_repeated else stored["records_rejected"]
    read = good + stored["records_rejected"]
    problems, notes = [], []
    if rejected:
        problems.append(f"{source.path}: {rejected} records rejected when it was read before")
    if source.path != stored["path"] and reading.host != stored["host"]:
        notes.append(f"{source.path}: same content as {stored['path']}, kept once, for host {stored['host']}")
    if stored["records_filtered"] and reading.trace_level == reading.events_level == "all":
        problems.append(
            f"{source.path}: {stored['records_filtered']} records were left out when it was read before"
            " (--trace markers, --events relevant); a new store takes all of them"
        )
    status = UNKNOWN if stored["format"] == UNKNOWN else "known"
    summary = SourceSummary(
        source.path,
        stored["source_id"],
        stored["format"],
        stored["host"],
        status,
        records_read=read,
        records_duplicate=read - rejected,
        records_rejected=rejected,
    )
    return Outcome(summary, tuple(problems), tuple(notes))


def no_log_outcome(planned: Planned) -> Outcome:
    """A file that every support folder holds and that is no log: said, not stored."""
    path = planned.source.path
    return Outcome(
        SourceSummary(path, None, _NO_LOG, None, _NO_LOG), notes=(f"{path}: not a log ({planned.no_log})",)
    )


def unreadable_outcome(source_id: str, path: str, reason: str) -> Outcome:
    """A path that could not be opened: one reject."""
    summary = SourceSummary(path, source_id, UNREADABLE, None, UNREADABLE, 1, 0, 0, 1)
    return Outcome(summary, (f"{path}: {reason}",))


def after_growth(outcome: Outcome, changed: Mapping[str, Mapping[str, Any]]) -> Outcome:
    """A source of which a longer copy came in the same ingest: what it could not tell, the longer one did.

    `changed` holds the rows of such sources by their ids.
    """
    before = outcome.summary
    row = changed.get(before.source_id or "")
    if row is None:
        return outcome
    rejected = min(row["records_rejected"], before.records_rejected)
    stored = min(row["records_stored"], before.records_stored)
    after = replace(
        before,
        records_stored=stored,
        records_rejected=rejected,
        records_duplicate=before.records_read - stored - rejected,
    )
    return replace(outcome, summary=after, problems=outcome.problems if rejected else ())
