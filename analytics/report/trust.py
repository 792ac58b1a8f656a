"""Trust comes before the verdict: what was checked of the evidence, in one line and check by check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.report.contents import Check, Row, Rows
from analytics.report.words import Claim, Words
from analytics.tables.trust_words import TRUST_FINDINGS

if TYPE_CHECKING:
    from analytics.sql import Session

__all__ = ["doubts"]

_NOTHING_TO_CHECK = frozenset(finding.name for finding in TRUST_FINDINGS if finding.is_empty)


def trust_line(results: Rows) -> Claim | None:
    """What is not known, before anything else is said; that every check holds where nothing is missing."""
    return _line(results["checks"].rows)


def doubts(session: Session) -> str:
    """What is not known of a store, in English; empty where every check holds."""
    rows = session.run("checks").to_pylist()
    return Words.of("en").say(_line(rows)) if any(row["trust"] in ("fail", "warn") for row in rows) else ""


def _line(rows: Sequence[Row]) -> Claim | None:
    fails, warns = ([_finding(row) for row in rows if row["trust"] == status] for status in ("fail", "warn"))
    if fails:
        beside = Claim("trust.beside", found=warns) if warns else None
        return Claim("trust.fails", found=fails, beside=beside)
    if warns:
        return Claim("trust.warns", found=warns)
    return _all_hold(rows) if rows else None


def _all_hold(rows: Sequence[Row]) -> Claim:
    """That every check holds, and how many of them found nothing that they could judge."""
    idle = sum(row["detail"] in _NOTHING_TO_CHECK for row in rows)
    return Claim("trust.holds", checks=len(rows), idle=Claim("trust.idle", idle=idle) if idle else None)


def is_unproven(results: Rows) -> bool:
    """Whether a check fails: what was kept and what was missed may be wrong then."""
    return any(row["trust"] == "fail" for row in results["checks"].rows)


def _finding(row: Row) -> Claim:
    """What a check found."""
    return Claim(
        f"finding.{row['detail']}",
        found=row["found"],
        total=row["total"],
        low_s=row["low_s"],
        high_s=row["high_s"],
        names=_named(row),
    )


def _remedy(row: Row) -> Claim | None:
    """What would mend it."""
    return Claim(f"remedy.{row['remedy']}", names=_named(row)) if row["remedy"] else None


def _named(row: Row) -> str | Claim:
    """The names that it is about, and how many more there are; words for none."""
    if not row["names"]:
        return Claim("trust.nameless")
    return Claim("trust.others", names=row["names"], others=row["others"]) if row["others"] else row["names"]


def checks(results: Rows, words: Words) -> tuple[Check, ...]:
    """All checks in words, in their order."""
    return tuple(
        Check(
            check=row["check"],
            status=row["trust"],
            detail=row["detail"],
            remedy=row["remedy"],
            title=words.text(f"check.{row['check']}"),
            said=words.say(_finding(row)),
            to_do=words.say(_remedy(row)),
        )
        for row in results["checks"].rows
    )
