from __future__ import annotations

from pathlib import Path

import pytest

from analytics.formats import FORMATS, Head
from analytics.formats.bystanders import bystander_of

ROOT = Path(__file__).parents[2]
KNOWN = (
    ("systeminfo.txt", b"Host Name: HV01\n", "systeminfo"),
    ("x.txt", b"\r\nHost Name:                 HV01\r\nOS Name:                   Microsoft Windows", "systeminfo"),
    ("x.txt", "\r\nHostname:                  HV01\r\nBetriebssystemname: x".encode("cp1252"), "systeminfo"),
    ("x.txt", "\nホスト名:               HV01\n".encode("cp932"), "systeminfo"),
    ("x.txt", b"C:\\>systeminfo\r\n\r\nHost Name:      HV01\r\n", "systeminfo"),
    ("x.nfo", '<?xml version="1.0"?>\r\n<MsInfo>\r\n<Metadata>'.encode("utf-16"), "msinfo32"),
    ("x.txt", "System Information report written at: 02/03/25\r\n".encode("utf-16"), "msinfo32"),
    ("x.txt", "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_USERS\\X]".encode("utf-16"), "registry export"),
    ("x.txt", b"\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\r\n    Path    REG_SZ    x\r\n", "registry export"),
    ("x", b"MDMP\x93\xa7\0\0", "memory dump"),
    ("x", b"PAGEDU64\x0f\0\0\0", "memory dump"),
    ("x", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "picture"),
    ("x", b"\xff\xd8\xff\xe0\0\x10JFIF", "picture"),
    ("x", b"BM\x36\x84\x03\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\2\0", "picture"),
    ("x", b"RIFF\x24\0\0\0WEBPVP8 ", "picture"),
    ("x", b"RIFF\x24\0\0\0AVI LIST", "recording"),
    ("x", b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0", "program"),
    ("x", b"%PDF-1.7", "PDF document"),
    ("x.htm", b"<!DOCTYPE html>\n<html>", "web page"),
    ("x.txt", b"vssadmin 1.1 - Volume Shadow Copy Service administrative command-line tool\r\n\r\nProvider name: 'x'",
     "output of vssadmin"),
    ("x.txt", "\r\nvssadmin 1.1 - Verwaltungsbefehlszeilenprogramm des Volumeschattenkopie-Dienstes".encode("cp850"),
     "output of vssadmin"),
    ("collect.ps1", b"Get-WinEvent -ListLog *\r\n", "script"),
    ("Report.wer", "Version=1\r\nEventType=APPCRASH\r\n".encode("utf-16"), "error report (WER)"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "data", "kind"), KNOWN, ids=[f"{name} {kind}" for name, _, kind in KNOWN])
def test_known_bystanders(name: str, data: bytes, kind: str) -> None:
    """What every support folder holds beside the logs is told by its content, in any language and encoding."""
    head = Head(name, data)
    assert not [entry.name for entry in FORMATS if entry.recognise(head)]
    assert bystander_of(head) == kind


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.log", b"hello world\n"),
        ("x.log", b"BMC controller restarted\n"),
        ("x.log", b"MZ is not a program here\n"),
        ("x.txt", b"2025-02-03 10:00:00 Host Name: HV01\n"),
        ("x.csv", b"a,b,c\n1,2,3\n"),
        ("x.bin", b"\0\1\2\3"),
        ("x.txt", b""),
    ],
)
def test_what_may_be_a_log_is_none(name: str, data: bytes) -> None:
    """A file that nothing is known about stays unknown, and so counts as unread."""
    assert bystander_of(Head(name, data)) is None


def test_no_sample_is_a_bystander() -> None:
    """No sample log would be taken for a bystander, should its format once not claim it."""
    paths = [path for path in (ROOT / "sample_logs").rglob("*") if path.is_file() and path.suffix != ".md"]
    # what vssadmin shows is a format of its own by now; without it, it would still be no log
    paths = [path for path in paths if path.parent.name != "vssadmin-writers"]
    found = {path.name: bystander_of(Head(path.name, path.read_bytes()[:65536])) for path in paths}
    assert paths
    assert {name: kind for name, kind in found.items() if kind} == {}


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"BM" + b"x" * 96 + b"\x08" * 2, "picture"),
        (b"BM" + b"x" * 97 + b"\x08", None),
        (b"BM" + b"x" * 96 + b"\x1f\x0e", "picture"),
        (b"BM" + b"x" * 96 + b"\x09\x0d", None),
        (b"BM" + b"x" * 96 + b"\x20\x20", None),
        (b"BM" + b"x" * 4094 + b"\x08" * 4096, None),
        (b"BM", "picture"),
        (b"BMx", None),
    ],
)
def test_two_letters_and_what_follows(data: bytes, kind: str | None) -> None:
    """A picture where one of fifty bytes is none of a text, among the first 4096."""
    assert bystander_of(Head("x.bin", data)) == kind
