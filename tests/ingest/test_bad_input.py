"""The bad input that the issue lists: a clear line, the exit code, a row in rejects, and the rest is used."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.cli import main
from analytics.ingest import ingest
from analytics.store import Store

GUID = "8AE83798-7A85-466A-80CA-22CA66582965"
LINE = f"180C\t280C\t06/01\t20:54:55.393\t09\tAppAssert.cs(130)\t\t{GUID}\tWARNING\tnull\r\n"
GOOD = LINE * 3
JOBS = (
    "TaskId,JobId,JobCategory,Status,Datasource,DatasourceType,ProductionServerName,ProtectionGroupName,CreatedTime,"
    "StartTime,EndTime,DataSizeBytes,ErrorCode,DetailedErrorCode,ErrorText,DpmServer\n"
    "{guid},,FullBackup,Succeeded,x,,,,2025-06-01T20:00:00Z,{start},{end},1,,,,\n"
)


def zip_of(*names: str) -> bytes:
    """A zip archive of good logs."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, GOOD + name)
    return out.getvalue()


def locked_zip() -> bytes:
    """A zip archive whose member is encrypted."""
    data = bytearray(zip_of("a.errlog"))
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + place] |= 1
    return bytes(data)


EVENT = (
    b'<Events><Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="VSS"/>'
    b'<EventID>1</EventID><TimeCreated SystemTime="2025-02-03T20:00:01Z"/><Computer>HV01</Computer></System></Event>'
    b"</Events>"
)
CASES = {
    "empty file": ("a.errlog", b"", "empty file"),
    "truncated zip": ("a.zip", zip_of("a.errlog")[:-30], "truncated"),
    "truncated gz": ("a.errlog.gz", gzip.compress((GOOD + "x" * 90).encode())[:-12], "truncated"),
    "zip with a password": ("a.zip", locked_zip(), "password"),
    "binary file named .errlog": ("a.errlog", bytes(range(256)) * 50, "no known log format"),
    "text file named .evtx": ("a.evtx", b"no event log at all\n", "no known log format"),
    "event log that ends in its header": ("a.evtx", b"ElfFile\0", "ends inside its header"),
    "XML that names a file": (
        "a.xml",
        b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + EVENT.replace(b"HV01", b"&x;"),
        "Entity 'x' not defined",
    ),
    "XML whose entities multiply": (
        "a.xml",
        b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
        + EVENT.replace(b"HV01", b"&b;"),
        "Entity 'b' not defined",
    ),
    "JSON nested too deep": (
        "a.json",
        b'{"TimeCreated": "2025-02-03T20:00:00Z", "ProviderName": "VSS", "Id": 1, "Level": 2, "LogName": "A",'
        b' "MachineName": "HV01", "Message": ' + b"[" * 100_000,
        "broken JSON",
    ),
    "unknown format": ("a.log", b"2025-01-01 some other program\n" * 9, "no known log format"),
    "cut in a UTF-16 character": (
        "a.errlog",
        ("\ufeff" + LINE).encode("utf-16-le")[:-3],
        "utf-16-le character",
    ),
    "line of 10 MB": ("a.errlog", (LINE + "x" * 10_000_000 + "\r\n" + LINE).encode(), "line longer than"),
    "NUL bytes": ("a.errlog", (LINE + "\0" * 4096 + "\n" + LINE).encode(), "NUL bytes"),
    "CSV with a missing column": (
        "jobs.csv",
        JOBS.replace("StartTime,", "")
        .replace("{start},", "")
        .format(guid=GUID, end="2025-06-01T21:00:00Z")
        .encode(),
        "StartTime",
    ),
    "end before start": (
        "jobs.csv",
        JOBS.format(guid=GUID, start="2025-06-01T22:00:00Z", end="2025-06-01T21:00:00Z").encode(),
        "before",
    ),
}


def rows(store: Path, table: str) -> list[dict[str, object]]:
    """All rows of a raw table."""
    return [row for file in Store.open(store).files(table) for row in pq.ParquetFile(file).read().to_pylist()]


@pytest.mark.parametrize("case", CASES)
def test_is_named_and_the_rest_is_used(case, tmp_path, capsys):
    """Code 4, one clear line, a row in rejects with the reason; a good log beside it is stored; a second run agrees."""
    name, data, words = CASES[case]
    logs, store = tmp_path / "logs", tmp_path / "store"
    logs.mkdir()
    (logs / name).write_bytes(data)
    (logs / "good.errlog").write_text(GOOD, encoding="utf-8", newline="")

    assert main(["ingest", str(logs), "--store", str(store), "--year", "2025"]) == 4
    said = " ".join(capsys.readouterr().out.split())
    assert name in said
    assert words in said
    rejects = rows(store, "rejects")
    assert any(words in str(row["reason"]) and name in str(row["path"]) for row in rejects), rejects
    assert sum(row["message"] == "null" for row in rows(store, "trace")) >= 3
    for row in rows(store, "sources"):
        parts = ("records_stored", "records_duplicate", "records_rejected")
        assert row["records_read"] == sum(row[part] for part in parts)
    assert (
        main(["ingest", str(logs), "--store", str(store), "--year", "2025", "--quiet", "--allow-partial"])
        == 0
    )
    assert rows(store, "rejects") == rejects


def test_an_empty_folder(tmp_path, capsys):
    """Nothing usable: code 5 and the path."""
    (tmp_path / "logs").mkdir()

    assert main(["ingest", str(tmp_path / "logs"), "--store", str(tmp_path / "store")]) == 5
    assert "no usable input" in capsys.readouterr().err


def test_standard_output_of_problems_is_json_too(tmp_path, capsys):
    """--json lists the problems for programs."""
    (tmp_path / "notes.txt").write_text("x\n", encoding="utf-8")
    (tmp_path / "good.errlog").write_text(GOOD, encoding="utf-8", newline="")
    store = tmp_path.parent / "json.store"

    assert main(["ingest", str(tmp_path), "--store", str(store), "--json"]) == 4
    document = json.loads(capsys.readouterr().out)
    assert any("notes.txt" in problem for problem in document["problems"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    holes=st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=30)), min_size=1, max_size=6),
    encoding=st.sampled_from(["utf-8", "utf-16"]),
)
def test_books_balance_over_any_damage(tmp_path_factory, holes, encoding):
    """Bytes replaced anywhere in a log: every record is stored or rejected, and places lie inside."""
    folder = tmp_path_factory.mktemp("damage")
    data = bytearray((LINE * 20).encode(encoding))
    for place, junk in holes:
        data[place : place + len(junk)] = junk
    (folder / "a.errlog").write_bytes(data)
    store = Store.create_or_open(folder / "store")
    summary = ingest(store, [folder / "a.errlog"])

    (source,) = rows(folder / "store", "sources")
    rejects = rows(folder / "store", "rejects")
    assert source["records_stored"] == len(rows(folder / "store", "trace"))
    assert source["records_rejected"] == len(rejects)
    assert source["records_read"] == source["records_stored"] + source["records_duplicate"] + len(rejects)
    assert summary.records_read == source["records_read"]
    assert all(row["byte_offset"] is None or 0 <= row["byte_offset"] <= len(data) for row in rejects)
