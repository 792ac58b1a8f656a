from __future__ import annotations

import pytest

from analytics.formats import Reading
from analytics.formats.errlog.dpm_errlog import ERRLOG
from analytics.formats.errlog.lines import clock_us

TASK = "1FCFF8B4-CCE2-42E6-8883-7AEB9A1C5CB6"
FIRST = f"0AB0\t0974\t08/04\t13:16:29.206\t18\tmtffile.cpp(1372)\t[0000000053582120]\t{TASK}\t\tWARNING\tFailed: one"
SECOND = (
    f"0AB0\t0974\t08/04\t13:16:29.237\t71\tbackupasync.cpp(1279)\t[0000000053581B00]\t{TASK}\tNORMAL\tsecond"
)
YEAR = Reading(year=2019)
LOG = "C:\\Temp\\HV01-DPMRACurr.errlog"
# What stands above the lines, and in front of the first and the second.
DRESSES = {
    "Notepad++": (f'Search "x" (2 hits in 1 file)\n  {LOG} (2 hits)\n', "\tLine 28: ", "\tLine 56: "),
    "Notepad++ 8": (f'Search "x" (2 hits in 1 file)\n  {LOG} (2 hits)\n', "\tLine   28: ", "\tLine 1056: "),
    "Notepad++ German": (f'Suche "x" (2 Treffer in 1 Datei)\n  {LOG} (2 Treffer)\n', "\tZeile 28: ", "\tZeile 56: "),
    "Notepad++ Japanese": (f'検索 "x" (2 件)\n  {LOG} (2 件)\n', "\t行 28: ", "\t行 56: "),
    "VS Code": (f"# Query: x\n\n{LOG}:\n", "  28: ", "  56: "),
    "VS Code results": (f"2 results - 1 file\n\n{LOG}:\n", "  28,1: ", "  56,1: "),
    "Sublime Text": (f'Searching 1 file for "x"\n\n{LOG}:\n', "   28: ", "   56: "),
    "grep -n": ("", "28:", "56:"),
    "cat -n": ("", "    28\t", "    56\t"),
    "grep -Hn": ("", f"{LOG}:28:", f"{LOG}:56:"),
    "Select-String": ("PS C:\\> sls x *.errlog\n\n", "HV01-DPMRACurr.errlog:28:", "HV01-DPMRACurr.errlog:56:"),
    "Visual Studio": ('Find all "x", Subfolders\n', f"  {LOG}(28):", f"  {LOG}(56):"),
    "mail": ("", "> ", "> "),
    "mail of a mail": ("", ">> ", ">> "),
    "forum": ("", "&gt; ", "&gt; "),
    "mail of a search": ("", "> \tLine 28: ", "> \tLine 56: "),
}  # fmt: skip
NAMING = {"grep -Hn", "Select-String", "Visual Studio"}


def by_line(outcome) -> list[dict]:
    """The records in the order of their lines; those of eleven columns are read apart."""
    return sorted(outcome.rows, key=lambda row: row["line_no"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("name", DRESSES)
def test_what_stands_in_front_is_taken_off(name: str, encoding: str, read) -> None:
    """Lines of a search or a mail are the records that they were; headings are no broken records."""
    heading, one, two = DRESSES[name]
    text = f"{heading}{one}{FIRST}\n{two}{SECOND}\n".replace("\n", "\r\n")
    outcome = read(text, YEAR, encoding)
    assert outcome.format == "dpm-errlog"
    assert outcome.rejects == []
    assert [row["message"] for row in by_line(outcome)] == ["Failed: one", "second"]
    assert {(row["pid"], row["tid"], row["task_id"]) for row in by_line(outcome)} == {("0AB0", "0974", TASK)}
    lines = text.splitlines()
    assert [lines[row["line_no"] - 1][-5:] for row in by_line(outcome)] == [FIRST[-5:], SECOND[-5:]]
    if LOG in heading or name in NAMING:
        assert {row["host"] for row in by_line(outcome)} == {"HV01"}


def test_lines_below_a_record_lose_their_number_too(read) -> None:
    """A record of several lines, each behind its number, is one record."""
    outcome = read(f"28:{FIRST}\n29:   at System.Text.X()\n30:   at Y\n31:{SECOND}\n", YEAR)
    assert by_line(outcome)[0]["message"] == "Failed: one\n   at System.Text.X()\n   at Y"
    assert len(by_line(outcome)) == 2


def test_two_files_of_one_search(read) -> None:
    """The heading of the next file belongs to no record, and names the next host."""
    other = LOG.replace("HV01", "HV02")
    outcome = read(f"  {LOG} (1 hit)\n\tLine 28: {FIRST}\n  {other} (1 hit)\n\tLine 3: {SECOND}\n", YEAR)
    assert [(row["host"], row["message"]) for row in by_line(outcome)] == [
        ("HV01", "Failed: one"),
        ("HV02", "second"),
    ]
    assert outcome.rejects == []


def test_messages_keep_their_numbers(outcome) -> None:
    """In a plain log a line that begins like a number or a quote is part of the message above it."""
    data = f"{FIRST}\n28: not a record\n> nor this\n{SECOND}\n".encode()
    result = outcome(ERRLOG, data, YEAR)
    assert [row["message"] for row in by_line(result)] == [
        "Failed: one\n28: not a record\n> nor this",
        "second",
    ]


def test_offsets_of_rejects_are_those_of_the_source(outcome) -> None:
    """What could not be read is found at its byte in the source, in front of its mark."""
    broken = SECOND.replace("08/04", "13/45")
    data = f"\tLine 28: {FIRST}\n\tLine 56: {broken}\n\tLine 57: {SECOND}\n".encode()
    result = outcome(ERRLOG, data, YEAR)
    (reject,) = result.rejects
    assert data[reject["byte_offset"] :].startswith(b"\tLine 56: ")
    assert len(by_line(result)) == 2


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("00:00:00", 0), ("23:00:00", 23), ("24:00:00", None), ("12:00:00 AM", 0), ("1:00:00 AM", 1),
        ("12:00:00 PM", 12), ("1:00:00 PM", 13), ("11:00:00 PM", 23), ("13:00:00 PM", None), ("0:00:00 AM", None),
    ],
)  # fmt: skip
def test_hours_of_a_clock(text, hour):
    """Of 24 hours, or of 12 with their half."""
    assert clock_us(text) == (None if hour is None else hour * 3_600_000_000)
    assert clock_us(text.replace(":00:00", ":59:59.999")) == (
        None if hour is None else (hour + 1) * 3_600_000_000 - 1000
    )
    assert clock_us(text.replace(":00:00", ":60:00")) is None


@pytest.mark.parametrize("damaged", ["HV01-DPMRACurr.errlog:0:B0", "28:0AB0"])
def test_a_damaged_line_makes_no_notes_of_the_others(damaged: str, read) -> None:
    """One line that looks as if it stood behind a search's mark: findstr's other records stay records."""
    lines = [f"HV01-DPMRACurr.errlog:{FIRST.replace('one', str(number))}" for number in range(4)]
    lines[2] = f"{damaged}{FIRST[4:]}"
    outcome = read("\n".join(lines) + "\n", YEAR)
    assert {row["message"] for row in outcome.rows} >= {f"Failed: {number}" for number in (0, 1, 3)}


def test_where_in_the_product_a_record_was_written(read) -> None:
    """File and line in the product's source, of records of ten columns and of eleven."""
    outcome = read(f"28:{FIRST}\n56:{SECOND}\n", YEAR)

    assert [(row["file"], row["file_line"]) for row in by_line(outcome)] == [
        ("mtffile.cpp", 1372),
        ("backupasync.cpp", 1279),
    ]
