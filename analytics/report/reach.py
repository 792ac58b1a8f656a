"""Do the logs reach into the night that a report is made for? A copy job that stopped says nothing itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from analytics.report.contents import Check, Report
from analytics.report.verdict import LONGEST
from analytics.report.words import Claim

__all__ = ["reaching"]

_CHECK = "freshness"


def reaching(report: Report, night: dt.date, opens: dt.datetime) -> Report:
    """The same report where its newest record lies behind the begin of the window of `night`; else one that says so.

    `opens` is a wall time of the report's zone, without a zone. A verdict on other nights is unproven then; a report of
    this night alone has no other verdict.
    """
    ends = [row["last_at"] for row in report.results["accounting"].rows if row["last_at"]]
    newest = max(ends, default=None)
    if newest is None or newest >= opens:
        return report
    words, found = report.words, Claim("reach.no_log", night=night, newest=newest)
    check = Check(
        check=_CHECK,
        status="fail",
        detail=found.code,
        remedy="collect_newest",
        title=words.text(f"check.{_CHECK}"),
        said=words.say(found),
        to_do=words.text("remedy.collect_newest"),
    )
    others = tuple(each for each in report.checks if each.check != _CHECK)
    rest = report.trust if any(each.status != "ok" for each in others) else ""
    return replace(
        report,
        trust=words.paragraph([Claim("reach.fail", found=found, rest=rest)]).strip(),
        checks=(*others, check),
        verdict=_verdict(report, night, newest),
    )


def _verdict(report: Report, night: dt.date, newest: dt.datetime) -> str:
    """What can be said although the night has no log: nothing, or what was said of others, unproven."""
    words = report.words
    if not report.key["due"] or report.since == report.until:
        return words.text("reach.nothing_known", night=night, newest=newest)
    unproven = words.text("verdict.unproven", verdict=report.verdict)
    is_said = report.trust_status == "fail" or len(unproven) > LONGEST
    return report.verdict if is_said else unproven
