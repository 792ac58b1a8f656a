"""Names of simulated VMs: plain, Japanese and hostile ones, and folder names that Windows allows."""

from __future__ import annotations

import re
from random import Random

_ROLES = ("SQL", "FILE", "WEB", "APP", "DC", "MAIL", "ERP", "PRINT", "TEST", "BUILD", "SP", "VDI")

HOSTILE_NAMES = (
    "会計サーバー01",
    "<script>alert(1)</script>",
    "=cmd()",
    'O\'Brien "Quoted" VM',
    "Sales & Marketing, Tokyo",
    "営業部 ファイルサーバー (旧)",
    "+SUM(1,2)",
    "@here",
    "-2+3",
    "%s {0} ${x} %TEMP%",
    "Müller–Straße",
    "ｶﾅ ﾃｽﾄ①髙﨑",
    "a\\b",
    "'; DROP TABLE jobs; --",
    "emoji \N{SNOWMAN}\N{GRINNING FACE}",
    "very-long-" + "x" * 180,
)

_FORBIDDEN_IN_PATHS = re.compile(r'[<>:"/\\|?*]')


def plain_name(index: int, rng: Random) -> str:
    """An ordinary computer name such as SQL-007."""
    return f"{rng.choice(_ROLES)}-{index + 1:03d}"


def hostile_name(ordinal: int) -> str:
    """The n-th hostile name; from the second round on with a number that keeps it unique."""
    again, which = divmod(ordinal, len(HOSTILE_NAMES))
    return HOSTILE_NAMES[which] + (f" {again + 1}" if again else "")


def folder_name(vm_name: str) -> str:
    """The VM's name as a folder: characters that Windows forbids become `_`, at most 60 characters."""
    return _FORBIDDEN_IN_PATHS.sub("_", vm_name)[:60].rstrip(" .")
