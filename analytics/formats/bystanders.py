"""Files of every support folder that are no log, so that they alone never make an ingest partial.

Asked only where no format claims a file. What it holds decides; the ending of its name is asked last, for kinds that
have neither a signature nor a first line of their own (scripts, settings).
"""

from __future__ import annotations

import re

from analytics.formats.format import Head

__all__ = ["bystander_of"]


# The first bytes of a file, with what it is.
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"%PDF-", "PDF document"),
    (b"{\\rtf", "RTF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office document or installer"),
    (b"MDMP", "memory dump"),
    (b"PAGEDUMP", "memory dump"),
    (b"PAGEDU64", "memory dump"),
    (b"MZ", "program"),
    (b"regf", "registry hive"),
    (b"L\0\0\0\x01\x14\x02\0", "shortcut"),
    (b"SQLite format 3\0", "database"),
    (b"PAR1", "Parquet file"),
)
_LEAST_BINARY_SHARE = 0.02

# Blank lines, what cmd says about itself, and the prompt with the command.
_START = (
    r"\A[\s\ufeff]*(?:Microsoft Windows \[[^\n]{0,80}\n[^\n]{0,120}\n\s*)?"
    r"(?:(?:PS )?[A-Z]:\\[^\n>]{0,200}>[^\n]{0,300}\n\s*)?"
)
_HOST_NAME = (
    "Host ?name|ホスト名|Nom de l.h[ôo]te|Nombre de host|Nome host|Nome do host|Имя узла|主机名|호스트 이름"
)
# How a text begins, with what it is. Words in English, German, Japanese, French, Spanish, Italian, Portuguese, Russian
# and Chinese; vssadmin names itself and its version in every language.
_OPENINGS = tuple(
    (re.compile(_START + pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"Windows Registry Editor Version|REGEDIT4", "registry export"),
        (r"HKEY_(?:LOCAL_MACHINE|CURRENT_USER|USERS|CLASSES_ROOT)\b", "registry export"),
        (rf"(?:{_HOST_NAME})\s*[:：]", "systeminfo"),
        (r"(?:<\?xml[^>]{0,100}\?>\s*)?<MsInfo>", "msinfo32"),
        (
            r"(?:System Information report written at|Systeminformationsbericht|システム情報レポート)",
            "msinfo32",
        ),
        (r"(?:OS Name|Betriebssystemname|OS 名)\s*[:：\t]", "systeminfo"),
        (r"Windows[- ]IP[- ](?:Configuration|Konfiguration|構成)|Configuration IP de Windows", "ipconfig"),
        (r"(?:Active Connections|Aktive Verbindungen|アクティブな接続)", "netstat"),
        (r"(?:<!DOCTYPE html|<html[\s>]|<!--[^>]{0,500}-->\s*<html[\s>])", "web page"),
        (
            r"(?:<\?xml[^>]{0,100}\?>\s*)?<(?:w:document|Types|Relationships|worksheet|workbook|sst)\b",
            "Office part",
        ),
        (
            r"(?:<\?xml[^>]{0,100}\?>\s*)?<(?:Rsop|svg|configuration|DataSourceGroup\w*)\b",
            "settings or picture",
        ),
        (r"Version=\d+\s+EventType=", "error report (WER)"),
    )
)
_VSSADMIN = re.compile(r"^\W{0,4}vssadmin \d+\.\d+ - ", re.MULTILINE)
_ENDINGS = (
    ("script", (".ps1", ".psm1", ".psd1", ".bat", ".cmd", ".vbs", ".js", ".py", ".sh", ".sql")),
    ("settings", (".ini", ".inf", ".config", ".rdp", ".url", ".mof", ".msc", ".toml", ".yaml", ".yml")),
    ("web page", (".htm", ".html", ".mht", ".css")),
    ("performance counters", (".blg",)),
    ("registry export", (".reg",)),
    ("memory dump", (".dmp", ".mdmp", ".hdmp")),
    ("msinfo32", (".nfo",)),
    ("checksums", (".md5", ".sha1", ".sha256", ".sig", ".cat", ".cer")),
)
_NAMES = (
    ("systeminfo", re.compile(r"systeminfo|sysinfo", re.IGNORECASE)),
    ("msinfo32", re.compile(r"msinfo", re.IGNORECASE)),
)


def bystander_of(head: Head) -> str | None:
    """What a file is that is no log, such as `systeminfo` or `picture`; None where it may be one."""
    return _by_signature(head.data) or _by_text(head) or _by_name(head)


def _by_signature(data: bytes) -> str | None:
    found = next((kind for start, kind in _SIGNATURES if data.startswith(start)), None)
    if found is None and data[:4] == b"RIFF":
        return "picture" if data[8:12] == b"WEBP" else "recording"
    # Two letters begin many a text: a picture and a program hold bytes that no text has.
    return (
        None
        if found is not None and len(data) > 2 and data[:2] in {b"BM", b"MZ"} and _is_text(data)
        else found
    )


def _is_text(data: bytes) -> bool:
    strange = sum(byte < 9 or 13 < byte < 32 for byte in data[:4096])
    return strange < _LEAST_BINARY_SHARE * len(data[:4096])


def _by_text(head: Head) -> str | None:
    start = head.text[:4096]
    found = next((kind for pattern, kind in _OPENINGS if pattern.match(start)), None)
    return found or ("output of vssadmin" if _VSSADMIN.search(start) else None)


def _by_name(head: Head) -> str | None:
    name = head.name.lower()
    by_ending = next((kind for kind, endings in _ENDINGS if name.endswith(endings)), None)
    return by_ending or next((kind for kind, pattern in _NAMES if pattern.search(name)), None)
