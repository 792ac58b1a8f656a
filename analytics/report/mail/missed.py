"""The VMs that missed, cause by cause: the worst of each with what is known of it, the others by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analytics.report.contents import Report, Row
from analytics.report.words import Claim, Words
from analytics.report.words.numbers import one_line

_MOST_ROWS, _LEAST_OF_A_CAUSE, _MOST_NAMES = 14, 2, 8
_LONGEST_TEXT, _LONGEST_NAME = 120, 40
# the words of Windows for the HRESULT, as DPM puts them behind its own id in any language
_DETAIL = re.compile(r"\(ID \d+[^:]*: ?(.+?) ?\(0x[0-9A-Fa-f]{8}\)\)")

_OF_NIGHTS = "mail_head.missed"
_HEADS = (
    *("mail_head.vm", "mail_head.overrun", "mail_head.cause", "mail_head.grade"),
    *(_OF_NIGHTS, "mail_head.of_14", "mail_head.to_do"),
)


@dataclass(frozen=True)
class _Missed:
    """One VM: its cells below the heads; `why` stands in the place of the first three where an error is known.

    `said` is all of it as one line.
    """

    vm: str
    cells: tuple[str, ...]
    why: str
    said: str


@dataclass(frozen=True)
class Group:
    """The VMs of one cause; `others` names those that have no row."""

    title: str
    rows: tuple[_Missed, ...]
    others: str


def heads_of(report: Report) -> tuple[str, ...]:
    """What stands above the cells."""
    codes = [code for code in _HEADS if code != _OF_NIGHTS or not _is_of_one_night(report)]
    return tuple(map(report.words.text, codes))


def groups_of(report: Report) -> list[Group]:
    """The causes by the number of their VMs; of each the worst two have a row, and the worst of all."""
    offenders = report.results["offenders"].rows
    by_cause: dict[str, list[Row]] = {}
    for row in offenders:
        by_cause.setdefault(row["main_cause"], []).append(row)
    errors = _errors(report)
    told = [row for row in offenders if _is_told(row, errors)]
    first = [row for rows in by_cause.values() for row in rows[:_LEAST_OF_A_CAUSE] if row in told]
    shown = list(dict.fromkeys(row["vm"] for row in [*first, *told]))[: max(_MOST_ROWS, len(first))]
    return [
        _group(cause, rows, shown, errors, report)
        for cause, rows in sorted(by_cause.items(), key=lambda pair: -len(pair[1]))
    ]


def _is_told(row: Row, errors: Mapping[str | None, Row]) -> bool:
    """Whether more than its cause is known: how late it was, or the error of its job."""
    return bool(row["worst_overrun_s"] or (row["main_cause"] == "failed" and row["vm"] in errors))


def _is_of_one_night(report: Report) -> bool:
    return len([row for row in report.results["night_summary"].rows if row["due"]]) <= 1


def _errors(report: Report) -> dict[str | None, Row]:
    """The newest failed job of each VM, where the report has them."""
    result = report.results.get("failed_jobs")
    return {row["vm"]: row for row in reversed(result.rows)} if result else {}


def _group(
    cause: str, rows: Sequence[Row], shown: Sequence[str], errors: Mapping[str | None, Row], report: Report
) -> Group:
    words = report.words
    with_row = [row for row in rows if row["vm"] in shown]
    names = [_name(row, words) for row in rows if row["vm"] not in shown]
    more = len(names) - _MOST_NAMES
    others = Claim("news.others", others=more) if more > 0 else None
    named = Claim("news.names", names=names[:_MOST_NAMES], others=others)
    return Group(
        words.text("mail.cause", cause=cause, vms=len(rows)),
        tuple(_missed(row, errors.get(row["vm"]) if cause == "failed" else None, report) for row in with_row),
        words.text("mail.also" if with_row else "mail.these", names=named) if names else "",
    )


def _missed(row: Row, error: Row | None, report: Report) -> _Missed:
    words, is_one_night = report.words, _is_of_one_night(report)
    overrun_s, to_do = row["worst_overrun_s"] or None, row["recommendation"]
    why = [_error(error)] if error else []
    late = [Claim("mail.late", overrun_s=overrun_s)] if overrun_s else []
    took = [Claim("mail.took", cause_s=row["cause_s"], grade=row["cause_grade"])] if row["cause_s"] else []
    of_14, of_14_short = _of_14(row)
    missed, due = row["breaches"], row["due"]
    nights = [] if is_one_night else [Claim("mail.nights", missed=missed, due=due)]
    advice = [Claim("mail.what_to_do", to_do=to_do)] if to_do else []
    return _Missed(
        vm=_name(row, words),
        cells=(
            words.shown(overrun_s, "seconds"),
            words.shown(row["cause_s"], "seconds"),
            words.shown(row["cause_grade"], ""),
            *([] if is_one_night else [words.text("mail.share", missed=missed, due=due)]),
            words.say(of_14_short),
            words.shown(to_do, "recommendation"),
        ),
        why=words.text("mail.parts", parts=[*why, *late]) if why else "",
        said=words.text(
            "mail.missed", vm=_name(row, words), parts=[*why, *late, *took, *nights, *of_14, *advice]
        ),
    )


def _of_14(row: Row) -> tuple[list[Claim], Claim | None]:
    """How often it missed of the last fourteen nights, and whether that is new: as a part of a line, and as a cell."""
    missed, news = row["missed_14"], row["news"]
    if missed is None:
        return [], None
    if not news:
        return [Claim("mail.of_14", missed=missed)], Claim("mail.number", number=missed)
    return [Claim("mail.of_14_news", missed=missed, news=news)], Claim(
        "mail.of_14_short", missed=missed, news=news
    )


def _error(row: Row) -> Claim:
    """What explains the failure, its codes, and what Windows says of them; without an explanation DPM's own text."""
    text = row["error_text"] or ""
    detail = _DETAIL.search(text)
    codes = [f"ID {row['error_code']}"] if row["error_code"] is not None else []
    codes += [row["hresult"]] if row["hresult"] else []
    said = Claim("mail.detail", text=one_line(detail[1], _LONGEST_TEXT)) if detail else None
    return Claim(
        "mail.error",
        text=row["explanation"] or one_line(text, _LONGEST_TEXT),
        codes=Claim("mail.codes", codes=codes, detail=said) if codes else None,
    )


def _name(row: Row, words: Words) -> str:
    """The VM's name, short enough for a line; the attached table has all of it."""
    return one_line(row["vm"], _LONGEST_NAME) if row["vm"] else words.text("page.no_name")
