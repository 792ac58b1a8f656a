"""The steps between a format and the store, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from analytics.errors import SourceError
from analytics.formats import Batch
from analytics.formats.format import batch_of
from analytics.ingest.account import REJECTS_LISTED, Account
from analytics.ingest.steps import for_store, with_host, with_last
from analytics.tables import TABLES

AT = datetime(2025, 2, 3, 20, tzinfo=UTC)


def trace(*hosts: str | None) -> Batch:
    """One record per host."""
    rows = [
        {"line_no": number, "at": AT, "host": host, "host_from": host and "findstr"}
        for number, host in enumerate(hosts, 1)
    ]
    return batch_of("trace", rows)


class TestHost:
    @pytest.mark.parametrize(
        ("host", "host_from", "expected"),
        [
            (None, None, [("N1", "findstr"), (None, None)]),
            ("HV01", "folder", [("N1", "findstr"), ("HV01", "folder")]),
            ("HV01", "option", [("HV01", "option"), ("HV01", "option")]),
        ],
    )
    def test_what_a_record_says_itself_counts_unless_the_user_says_otherwise(
        self, host: str | None, host_from: str | None, expected: list[tuple[str | None, str | None]]
    ) -> None:
        """Records without a computer get the source's; --host counts for all."""
        found = with_host(trace("N1", None), host, host_from).rows.to_pylist()
        assert [(row["host"], row["host_from"]) for row in found] == expected

    def test_events_name_their_computer(self) -> None:
        """A table without host_from is left as it is."""
        batch = batch_of("events", [{"host": "HV01"}])
        assert with_host(batch, "X", "option") is batch


class TestForStore:
    @pytest.mark.parametrize("table", ["trace", "events", "job_records", "vms", "rejects", "collections"])
    def test_columns_of_the_store(self, table: str) -> None:
        """All declared columns in their order, the source in each row, and the path in rejects."""
        rows = for_store(batch_of(table, [{}, {}]), "0123", "a.errlog").rows
        assert rows.schema.names == list(TABLES[table].column_names)
        assert rows.column("source_id").to_pylist() == ["0123", "0123"]
        assert table != "rejects" or rows.column("path").to_pylist() == ["a.errlog"] * 2

    def test_keys_of_computers(self) -> None:
        """Names of one computer have one key."""
        rows = for_store(trace("HV01", "hv01.contoso.local", None), "0", "a").rows
        assert rows.column("host_key").to_pylist() == ["hv01", "hv01", None]


class TestLast:
    def test_the_last_batch_of_records_ends_the_source(self) -> None:
        """Rejects and batches without rows that come behind it change nothing."""
        first, last = trace("A"), trace("B")
        others = [batch_of("rejects", [{"reason": "x"}]), batch_of("trace", [])]
        assert [(batch, ends) for batch, ends in with_last([first, last, *others]) if ends] == [(last, True)]
        assert len(list(with_last([first, last, *others]))) == 4

    def test_a_stream_that_breaks(self) -> None:
        """What came before is given, as the end of what could be read."""

        def broken() -> Iterator[Batch]:
            yield trace("A")
            raise SourceError("the archive is truncated", "a.zip")

        given = with_last(broken())
        assert next(given)[1]
        with pytest.raises(SourceError, match="truncated"):
            next(given)


class TestAccount:
    def test_books(self) -> None:
        """New, known and rejected records add up; span and year come from all of them."""
        account = Account("a.errlog")
        found = Batch("trace", trace("A", "B", "C").rows, filtered=4, year_from="option")
        account.see(found)
        account.keep(found, Batch("trace", found.rows.slice(0, 1)))
        account.reject(batch_of("rejects", [{"reason": "why", "line_no": number} for number in range(1, 6)]))
        assert (account.read, account.stored, account.duplicate, account.rejected) == (8, 1, 2, 5)
        assert (account.filtered, account.year_from, account.first_at, account.last_at) == (
            4,
            "option",
            AT,
            AT,
        )
        assert account.told()[:1] == ["a.errlog:1: why"]
        assert account.told()[REJECTS_LISTED:] == ["a.errlog: 2 more rejected records"]

    def test_logs_of_events(self) -> None:
        """The event logs that records come from are gathered over all batches."""
        account = Account("a.xml")
        for channel in ("System", "Application"):
            account.see(batch_of("events", [{"host": "HV01", "channel": channel}]))
        assert account.logs == {("HV01", "System"), ("HV01", "Application")}
