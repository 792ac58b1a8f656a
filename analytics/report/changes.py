"""What changed: the last night against others like it, and which VMs are new, stay, or are resolved since."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.report.contents import Row, Rows
from analytics.report.words import Claim

__all__ = ["changes"]

_NAMED = 8
_LEAST_NIGHTS = 2


def changes(results: Rows) -> list[Claim]:
    """One claim on the night, where at least two nights compare with it, and one per kind of change that has VMs."""
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
    jobs, sent, ended, missed = (
        {"now": row[now], "compared": row[f"{by}_{name}"]}
        for now, name in (
            ("jobs", "jobs"),
            ("bytes_transferred", "bytes"),
            ("end_ms", "end_ms"),
            ("missed", "missed"),
        )
    )
    of_jobs = of_sent = of_ended = of_missed = None
    if by == "weekday":
        of_jobs = Claim("news.of_nights", value=row["usual_jobs"])
        of_sent = Claim("news.sent_of_nights", value=row["usual_bytes"])
        of_ended = Claim("news.ended_of_nights", value=row["usual_end_ms"])
        of_missed = Claim("news.of_nights", value=row["usual_missed"])
    said = (
        (jobs, Claim("news.jobs", now=jobs["now"], compared=jobs["compared"], other=of_jobs)),
        (sent, Claim("news.sent", now=sent["now"], compared=sent["compared"], other=of_sent)),
        (ended, Claim("news.ended", now=ended["now"], compared=ended["compared"], other=of_ended)),
        (missed, Claim("news.missed", now=missed["now"], compared=missed["compared"], other=of_missed)),
    )
    return [claim for known, claim in said if None not in known.values()]


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
