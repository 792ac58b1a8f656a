"""The labels of the DPM console's job details and alerts, per language; a new one is a new block."""

from __future__ import annotations

import re

# Verified by samples 09, 10 and 13.
_ENGLISH = {
    "Type": "type",
    "Status": "status",
    "Description": "description",
    "Start time": "start",
    "End time": "end",
    "Time elapsed": "elapsed",
    "Data transferred": "transferred",
    "Data transfer rate": "rate",
    "Cluster node": "node",
    "Recovery Point Type": "point_type",
    "Source details": "source",
    "Protection group": "group",
    "Protection group members": "members",
    "Affected area": "affected",
    "Occurred since": "since",
    "Recommended action": "action",
    "Resolution": "resolution",
    "More information": "noise",
    "Details": "noise",
}

# UNVERIFIED: no public paste of a Japanese console was found. These are translations by the terms of Japanese
# DPM manuals, with likely variants; only the word for "Details" inside error texts is proven (sample 17).
_JAPANESE = {
    "種類": "type",
    "種別": "type",
    "状態": "status",
    "ステータス": "status",
    "説明": "description",
    "開始時刻": "start",
    "開始日時": "start",
    "開始時間": "start",
    "終了時刻": "end",
    "終了日時": "end",
    "終了時間": "end",
    "経過時間": "elapsed",
    "所要時間": "elapsed",
    "転送されたデータ": "transferred",
    "転送データ量": "transferred",
    "データ転送量": "transferred",
    "転送済みデータ": "transferred",
    "データ転送速度": "rate",
    "データ転送率": "rate",
    "データ転送レート": "rate",
    "クラスター ノード": "node",
    "クラスタ ノード": "node",
    "回復ポイントの種類": "point_type",
    "ソースの詳細": "source",
    "転送元の詳細": "source",
    "保護グループ": "group",
    "保護グループのメンバー": "members",
    "保護グループ メンバー": "members",
    "影響を受ける領域": "affected",
    "影響を受ける範囲": "affected",
    "発生日時": "since",
    "推奨される操作": "action",
    "推奨される対処方法": "action",
    "推奨アクション": "action",
    "解決方法": "resolution",
    "解決策": "resolution",
    "詳細情報": "noise",
    "詳細": "noise",
}

_LABELS = _ENGLISH | _JAPANESE
_WITHOUT_COLON = {"node", "point_type"}

_WORDS = "|".join(re.escape(label) for label in sorted(_LABELS, key=len, reverse=True))
_BARE = "|".join(re.escape(label) for label, name in _LABELS.items() if name in _WITHOUT_COLON)
_LABELLED = re.compile(
    rf"(?P<label>{_WORDS})\s*[:：]\s*(?P<value>.*)|(?P<bare>{_BARE})\s+(?P<rest>.*)", re.DOTALL
)


def _any_of(name: str) -> str:
    return "(?:" + "|".join(re.escape(label) for label, field in _LABELS.items() if field == name) + ")"


_ONE_LINE = re.compile(
    rf"{_any_of('type')}\s*[:：]\s*(?P<type>.*?)\s+{_any_of('status')}\s*[:：]\s*(?P<status>.*?)"
    rf"\s+{_any_of('description')}\s*[:：]\s*(?P<description>.*)"
)


def labelled(text: str) -> tuple[str, str] | None:
    """The field that a line names and its value; None for a line without a known label."""
    text = text.strip()
    if _LABELS.get(text.rstrip(":：")) in {"noise", *_WITHOUT_COLON}:
        return _LABELS[text.rstrip(":：")], ""
    found = _LABELLED.fullmatch(text)
    if not found:
        return None
    return _LABELS[found["label"] or found["bare"]], (found["value"] or found["rest"] or "").strip()


def one_line(text: str) -> dict[str, str] | None:
    """Type, status and description that stand on one line (sample 10)."""
    found = _ONE_LINE.match(text.strip()[:2000])
    return found.groupdict() | {"description": text.strip()[found.start("description") :]} if found else None
