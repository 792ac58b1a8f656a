"""One source: its batches through the steps, what is new into the transaction, all of it into the books."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from analytics.errors import SourceError
from analytics.formats import Batch
from analytics.formats.format import Ends, batch_of
from analytics.ingest.account import Account
from analytics.ingest.duplicates import DuplicateFinder
from analytics.ingest.steps import REJECTS, for_store, with_host, with_last
from analytics.sources import Source, detect_encoding
from analytics.store import Transaction

_LINE = "line_no"


def read_into(
    transaction: Transaction,
    batches: Iterable[Batch],
    account: Account,
    finder: DuplicateFinder,
    line_end: str | None,
) -> None:
    """Take the batches of one source: new records and rejects go into the transaction.

    A stream that breaks is a reject behind what came before. `line_end` must follow where the text of the source's
    last record goes on; None where that record is whole. Raises whatever a format raises that is not ready for its
    source.
    """
    try:
        for batch, ends_source in with_last(batches):
            if batch.table == REJECTS:
                _take_rejects(transaction, batch, account, finder.source_id)
                continue
            found = with_host(batch, finder.host, finder.host_from)
            account.see(found)
            new = finder.new_of(found)
            if ends_source and line_end is not None:
                new = _without_cut_end(found, new, finder, line_end)
            account.keep(found, new)
            rows = for_store(new, finder.source_id, account.path).rows
            # what may go on in a longer copy lies apart, so that it is cheap to replace
            ends = 1 if ends_source and _LINE in rows.schema.names and len(rows) else 0
            transaction.append(new.table, rows.slice(0, len(rows) - ends))
            transaction.append(new.table, rows.slice(len(rows) - ends), is_end=True)
            finder.took(new.table, rows)
    except SourceError as error:
        reject(transaction, account, finder.source_id, str(error.what))


def line_end_of(source: Source, ends: Ends) -> str | None:
    """What must follow where the text of the last record of a source goes on: a line feed, or nothing in mid-line.

    None where that record is whole, by what ends the records of its format.
    """
    if ends is Ends.ITSELF:
        return None
    ends_line = _ends_line(source)
    if ends is Ends.LINE and ends_line:
        return None
    return "\n" if ends_line else ""


def _ends_line(source: Source) -> bool:
    tail = source.fingerprint.tail
    encoding = detect_encoding(source.head)
    if not encoding.startswith("utf-16"):
        return tail.endswith(b"\n")
    # half a character that was cut may look like a line feed
    return source.fingerprint.size_bytes % 2 == 0 and tail.endswith("\n".encode(encoding))


def reject(transaction: Transaction, account: Account, source_id: str, reason: str) -> None:
    """Reject a source as a whole, or the rest of it."""
    _take_rejects(transaction, batch_of(REJECTS, [{"reason": reason}]), account, source_id)


def _take_rejects(transaction: Transaction, batch: Batch, account: Account, source_id: str) -> None:
    account.reject(batch)
    transaction.append(REJECTS, for_store(batch, source_id, account.path).rows)


def _without_cut_end(found: Batch, new: Batch, finder: DuplicateFinder, line_end: str) -> Batch:
    """Leave out the last record where a longer copy, read before, has it whole."""
    if not len(new.rows) or not len(found.rows):
        return new
    last = new.rows.slice(len(new.rows) - 1)
    is_end_of_source = last.equals(found.rows.slice(len(found.rows) - 1).cast(last.schema))
    if is_end_of_source and finder.is_cut(replace(new, rows=last), line_end):
        return replace(new, rows=new.rows.slice(0, len(new.rows) - 1))
    return new
