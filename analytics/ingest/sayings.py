"""Words that stand before an administrator instead of a number: sentences of DPM, last errors of vssadmin, VSS names.

Sentences are those of Microsoft's articles in dpm-formats 3.2 and 3.4 and of KB 2462424, 2549533, 971411; in Japanese
as the samples have them. Names and last errors are constants of vss.h and vsserror.h.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_FEWEST = 8
"""Characters that are searched for; fewer are part of too much."""

# kind and key of the explanation, and the words; * is what DPM puts in
_SAYINGS = {
    ("error", "32612"): (
        "Failed to prepare a Cluster Shared Volume (CSV) for backup as another backup using the same CSV is in",
        "同じ CSV を使用する別のバックアップが進行中であるため、クラスターの共有ボリューム (CSV) の準備に失敗しました",
        "クラスターの共有ボリュームをバックアップ用に準備できませんでした",
    ),
    ("error", "30112"): ("DPM encountered a retryable VSS error", "再試行可能な VSS エラーが発生しました"),
    ("error", "30111"): ("The VSS application writer or the VSS provider is in a bad state",),
    ("error", "104"): (
        "An unexpected error occurred while the job was running",
        "ジョブの実行中に予期しないエラーが発生しました",
    ),
    ("error", "3106"): ("The replica of * is inconsistent with the protected data source",),
    ("error", "3114"): ("Recovery point creation jobs for * have been failing",),
    ("error", "30135"): (
        "DPM has detected changes in file locations or volume configurations of protected objects",
    ),
    ("error", "3130"): (
        "The parent locators of the virtual hard disks could not be fixed up",
        "仮想ハード ディスクの親ロケーターを修正できませんでした",
    ),
    ("error", "42"): ("DPM failed to communicate with * because access is denied",),
    ("error", "43"): ("DPM failed to communicate with * because the agent is not responding",),
    ("error", "60"): ("was temporarily unable to respond because it was in an unexpected state",),
    ("hresult", "0x8007173d"): (
        "Backup is in progress. Please wait for backup completion before trying this operation",
    ),
    ("hresult", "0x800423f0"): ("Last error: Inconsistent shadow copy",),
    ("hresult", "0x800423f1"): ("Last error: Out of resources",),
    ("hresult", "0x800423f2"): ("Last error: Timed out",),
    ("hresult", "0x800423f3"): ("Last error: Retryable error",),
    ("hresult", "0x800423f4"): ("Last error: Non-retryable error",),
    ("hresult", "0x80780054"): ("Offline Backup Progress: Failed",),
}

# state of a VSS writer, as vssadmin list writers numbers it
STATES = {
    "VSS_WS_STABLE": "state 1: the writer waits, and its last snapshot, if there was one, is over",
    "VSS_WS_WAITING_FOR_FREEZE": "state 2: the writer waits for the freeze",
    "VSS_WS_WAITING_FOR_THAW": "state 3: the writer is frozen and waits for the thaw",
    "VSS_WS_WAITING_FOR_POST_SNAPSHOT": "state 4: the writer waits for post-snapshot",
    "VSS_WS_WAITING_FOR_BACKUP_COMPLETE": "state 5: the writer waits until the backup is over",
    "VSS_WS_FAILED_AT_IDENTIFY": "state 6: the writer failed while it listed what it holds",
    "VSS_WS_FAILED_AT_PREPARE_BACKUP": "state 7: the writer failed while the backup was prepared",
    "VSS_WS_FAILED_AT_PREPARE_SNAPSHOT": "state 8: the writer failed while the snapshot was prepared",
    "VSS_WS_FAILED_AT_FREEZE": "state 9: the writer failed at the freeze",
    "VSS_WS_FAILED_AT_THAW": "state 10: the writer failed at the thaw",
    "VSS_WS_FAILED_AT_POST_SNAPSHOT": "state 11: the writer failed in post-snapshot",
    "VSS_WS_FAILED_AT_BACKUP_COMPLETE": "state 12: the writer failed as the backup was ended",
}


def named_in(text: str, named: Iterable[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """Kind and key of each saying that a text holds, else of those of whose words it is a part; `named` are more.

    Upper and lower case are one, and so are blanks.
    """
    asked = _folded(text)
    known = [*((*code, words) for code, sayings in _SAYINGS.items() for words in sayings), *named]
    held = [(kind, key) for kind, key, words in known if _pattern(words).search(asked)]
    if held or len(asked) < _FEWEST:
        return held
    return [(kind, key) for kind, key, words in known if asked in _folded(words)]


def _pattern(words: str) -> re.Pattern[str]:
    """The words as a whole, with anything for what DPM puts in."""
    return re.compile(rf"(?<!\w){'.{1,300}'.join(map(re.escape, _folded(words).split('*')))}(?!\w)")


def _folded(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .。\"'“”")
