"""What changed: the last night against others like it, and which VMs are new, stay, or are resolved since."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.report.contents import Row, Rows
from analytics.report.words import Claim

__all__ = ["changes"]

_NAMED = 8
# the median of two nights is their mean: it says nothing of what is usual
_LEAST_NIGHTS = 3
# what is said of a figure, its column, the end of the columns that it is held against
_FIGURES = (
    ("news.jobs", "jobs", "jobs"),
    ("news.sent", "bytes_transferred", "bytes"),
    ("news.ended", "end_ms", "end_ms"),
    ("news.missed", "missed", "missed"),
)
# what is said of the nights before, by the end of their column
_OF_NIGHTS = {
    "jobs": "news.of_nights",
    "bytes": "news.sent_of_nights",
    "end_ms": "news.ended_of_nights",
    "missed": "news.of_nights",
}


def changes(results: Rows) -> list[Claim]:
    """One claim on the night, where at least three nights compare with it, and one per kind of change that has VMs."""
    night, vms = results["night_changes"].rows, results["vm_changes"].rows
    return [*(_night(row) for row in night if row["usual_nights"] >= _LEAST_NIGHTS), *_vms(vms)]


def _night(row: Row) -> Claim:
    """Jobs, bytes, last end and missed VMs against the same weekday, or against the nights before alone."""
    if row["weekday_nights"] < _LEAST_NIGHTS:
        nights, parts = row["usual_nights"], _parts(row, "usual")
        return Claim("news.against_nights", night=row["night"], nights=nights, parts=parts)
    return Claim(
        "news.against_weekday",
        night=row["night"],
        weekdays=row["weekday_nights"],
        nights=row["usual_nights"],
        parts=_parts(row, "weekday"),
    )


def _parts(row: Row, by: str) -> list[Claim]:
    """The figures that are known now and as usual; `by` is weekday or usual."""
    return [
        Claim(
            code,
            now=row[now],
            compared=row[f"{by}_{name}"],
            other=_other(row, name) if by == "weekday" else None,
        )
        for code, now, name in _FIGURES
        if row[now] is not None and row[f"{by}_{name}"] is not None
    ]


def _other(row: Row, name: str) -> Claim:
    """The same figure of the nights before, beside that of the weekday."""
    code = _OF_NIGHTS[name]
    return Claim(code, value=row[f"usual_{name}"])


def _vms(rows: Sequence[Row]) -> list[Claim]:
    """Who is new, who stays, who is resolved."""
    names = {
        kind: [row["vm"] for row in rows if row["change"] == kind] for kind in ("new", "still", "resolved")
    }
    since = rows[0]["before_night"] if rows else None
    return [
        *([Claim("news.new", names=_names(names["new"]), since=since)] if names["new"] else []),
        *([Claim("news.still", names=_names(names["still"]))] if names["still"] else []),
        *([Claim("news.resolved", names=_names(names["resolved"]))] if names["resolved"] else []),
    ]


def _names(names: Sequence[str]) -> Claim:
    """The first names, and how many more there are."""
    more = len(names) - _NAMED
    others = Claim("news.others", others=more) if more > 0 else None
    return Claim("news.names", names=list(names[:_NAMED]), others=others)
