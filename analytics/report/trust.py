"""Trust comes before the verdict: what was checked of the evidence, in one line and check by check."""

from __future__ import annotations

from analytics.report.contents import Check, Row, Rows
from analytics.report.words import Claim, Words


def trust_line(results: Rows) -> Claim | None:
    """What is not known, before anything else is said; that every check holds where nothing is missing."""
    rows = results["checks"].rows
    fails, warns = ([_finding(row) for row in rows if row["trust"] == status] for status in ("fail", "warn"))
    if fails:
        beside = Claim("trust.beside", found=warns) if warns else None
        return Claim("trust.fails", found=fails, beside=beside)
    if warns:
        return Claim("trust.warns", found=warns)
    return Claim("trust.holds", checks=len(rows)) if rows else None


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
