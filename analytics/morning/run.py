"""The daily run: wait, read, judge, publish, mail, ping.

Whatever fails, the report before stays and somebody is told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from logging import Logger, getLogger
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.errors import (
    EXIT_BREACH,
    EXIT_DONE,
    EXIT_NO_INPUT,
    EXIT_UNDELIVERED,
    ConfigurationError,
    DeliveryError,
    DpmAnalyticsError,
    StoreLockedError,
)
from analytics.morning.alone import alone
from analytics.morning.letters import mail_failure, mail_report
from analytics.morning.log import logged
from analytics.morning.nights import (
    last_night,
    wait_for,
    window_end,
    window_start,
    window_under_way,
)
from analytics.morning.ping import ping
from analytics.morning.publish import publish, remove_old
from analytics.morning.record import NOTE, Record, folder_of, record_of, records, text_of
from analytics.report import Report
from analytics.report.mail import ended_early, no_input, nothing_new
from analytics.report.words import Claim, Words
from analytics.site import Site

if TYPE_CHECKING:
    from analytics.ingest import IngestSummary
    from analytics.report.pseudonyms import Pseudonyms

_NAMES = {"csv": "nights.csv"}  # of the other forms: report.html, report.json ...
_ATTACHED = ("report.html", "report.pdf", "offenders.csv")


@dataclass(frozen=True)
class Wishes:
    """What a run is asked for. `now` is taken for the present, and nothing is waited for then; None: the clock's.

    With pseudonyms neither report nor mail, log, archive or ping names what the logs name.
    """

    now: dt.datetime | None = None
    fail_on_breach: bool = False
    allow_partial: bool = False
    with_mail: bool = True
    pseudonyms: Pseudonyms | None = None

    def shown(self, text: str) -> str:
        """A text as it may be seen: where names are hidden, without them."""
        return self.pseudonyms.text(text) if self.pseudonyms else text


@dataclass(frozen=True)
class Done:
    """What a run did: the night, its verdict, where the report lies, what was mailed, what went wrong."""

    night: dt.date
    verdict: str
    trust: str
    folder: Path
    mailed: str
    problems: tuple[str, ...]
    code: int


def run_morning(site: Site, wishes: Wishes, read: Callable[[Site], IngestSummary]) -> Done:
    """One run, alone and logged; `read` reads the logs into the store.

    Raises ConfigurationError where the site file does not say what to run, StoreLockedError where another run goes on,
    and what reading, judging or writing raise: then the report before stays, and a mail and a ping have said so.
    """
    _demand(site)
    out = site.place(site.run.out)
    with ExitStack() as held:
        log = getLogger("dpm-analytics.run")
        try:
            _make(out)
            before = held.enter_context(alone(out))
            log = held.enter_context(logged(out))
            return _run(site, wishes, read, log, before)
        except StoreLockedError:
            raise  # the run that goes on tells its own end
        except Exception as error:
            _tell_failure(site, wishes, error, log)
            raise


def _demand(site: Site) -> None:
    """What must stand in the site file; ConfigurationError names the first key that does not."""
    wanted = {
        "[run] logs": (site.run.logs, 'logs = ["//FS01/dpm-logs"]'),
        "[run] store": (site.run.store, 'store = "store"'),
        "[run] out": (site.run.out, 'out = "reports"'),
        "[site] time_zone": (site.time_zone, 'time_zone = "Europe/Berlin"'),
    }
    for key, (value, example) in wanted.items():
        if not value:
            raise ConfigurationError("a run needs it", f"{site.path}: {key}", f"for example {example}")
    Words.of(site.run.lang)
    store, out = site.place(site.run.store), site.place(site.run.out)
    if out == store or store in out.parents:
        raise ConfigurationError("lies inside the store", f"{site.path}: [run] out", "a folder elsewhere")


def _make(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"cannot make the folder: {error.strerror or error}",
            str(out),
            "[run] out = a folder that can be written",
        ) from error


def _run(site: Site, wishes: Wishes, read: Callable[[Site], IngestSummary], log: Logger, begun: str) -> Done:
    words = Words.of(site.run.lang)
    night, now = _awaited(site, wishes, log)
    log.info("run of night %s begins", night)
    ping(site.run.ping_url, "start", str(night), log)
    remarks = [ended_early(begun)] if begun else []
    summary, finding = _read(site, wishes, read, log)
    remarks += [finding] if finding else []
    report = _judged(site, wishes, night, now, words)
    past = [record for record in records(site.place(site.run.out)) if record.verdict]
    record, made = _published(site, night, report, log)
    problems = [words.say(claim) for claim in remarks]
    undelivered = None
    if wishes.with_mail and site.mail.to:
        try:
            record = mail_report(site, report, record, past, remarks, _attached(made), wishes.shown)
            log.info("mail: %s", record.mailed or "none, as nothing changed")
        except DeliveryError as error:
            undelivered = error
        except ConfigurationError as error:
            undelivered = DeliveryError(error.what, error.where, error.expected)
        _note(site, night, record)
    if undelivered:
        log.error("mail: %s", undelivered)
        problems.append(str(undelivered))
    code = _code(report, summary, wishes, is_undelivered=undelivered is not None)
    is_bad = code not in (EXIT_DONE, EXIT_BREACH)
    ping(site.run.ping_url, "fail" if is_bad else "", "\n".join([report.verdict, *problems]), log)
    log.info("run of night %s ends with %s: %s", night, code, report.verdict)
    folder = folder_of(site.place(site.run.out), night)
    return Done(night, report.verdict, report.trust, folder, record.mailed, tuple(problems), code)


def _awaited(site: Site, wishes: Wishes, log: Logger) -> tuple[dt.date, dt.datetime]:
    """The night that is judged, and the present; in the middle of a window its end is waited for."""
    now = wishes.now or dt.datetime.now(dt.UTC)
    under_way = None if wishes.now else window_under_way(site, now)
    if under_way:
        end = window_end(site, under_way)
        log.info("waits for the end of the window, %s", end.isoformat(timespec="minutes"))
        wait_for(end)
        now = dt.datetime.now(dt.UTC)
    return last_night(site, now), now


def _read(
    site: Site, wishes: Wishes, read: Callable[[Site], IngestSummary], log: Logger
) -> tuple[IngestSummary, Claim | None]:
    """Read the logs; what the mail says where they brought nothing: the store may still know the night."""
    summary = read(site)
    log.info(
        "read %s files: %s records, %s stored, %s duplicate, %s rejected",
        len(summary.sources),
        summary.records_read,
        summary.records_stored,
        summary.records_duplicate,
        summary.records_rejected,
    )
    for text in summary.problems:
        log.warning("input: %s", wishes.shown(text))
    for trace in summary.bugs:
        log.error("a fault of dpm-analytics: %s", wishes.shown(trace))
    if summary.exit_code == EXIT_NO_INPUT:
        return summary, no_input([wishes.shown(path) for path in site.run.logs])
    return summary, None if summary.records_stored else nothing_new()


def _judged(site: Site, wishes: Wishes, night: dt.date, now: dt.datetime, words: Words) -> Report:
    from analytics.planning import open_session
    from analytics.report import build_report
    from analytics.report.depths import DEPTHS
    from analytics.report.reach import reaching
    from analytics.store import Store

    depth = DEPTHS[site.run.depth]
    with open_session(Store.open(site.place(site.run.store)), site, now=now) as session:
        report = build_report(session, depth.first_of(night), night, words, wishes.pseudonyms, depth)
    if wishes.pseudonyms:
        wishes.pseudonyms.save()
    return reaching(report, night, window_start(site, night).replace(tzinfo=None))


def _published(site: Site, night: dt.date, report: Report, log: Logger) -> tuple[Record, dict[str, bytes]]:
    """Write report, archive, index and latest, once what is too old has gone; gives the files, too."""
    out, record = site.place(site.run.out), record_of(report, night)
    made = _made(site, report)
    known = {entry.night: entry for entry in records(out)}
    _forget_old(site, night, known, log)
    known[record.night] = replace(record, files=tuple(sorted(made)))
    place = folder_of(out, night).relative_to(out).as_posix()
    files = {f"{place}/{name}": content for name, content in made.items()}
    files |= {f"latest{Path(name).suffix}": made[name] for name in made if name.startswith("report.")}
    files |= {f"{place}/{NOTE}": text_of(record).encode("utf-8")}
    publish(out, files | {"index.html": _index(list(known.values()), report.words)})
    return record, made


def _made(site: Site, report: Report) -> dict[str, bytes]:
    """The report in the forms that the site file names, and its offenders as a table."""
    from analytics.report.mail import offenders_csv
    from analytics.report.write import format_of

    names = [_NAMES.get(form, f"report.{form}") for form in site.run.files]
    return {name: format_of(Path(name))(report) for name in names} | {"offenders.csv": offenders_csv(report)}


def _attached(made: dict[str, bytes]) -> dict[str, bytes]:
    return {name: made[name] for name in _ATTACHED if name in made}


def _index(known: list[Record], words: Words) -> bytes:
    from analytics.report.archive import Entry, index_page

    return index_page(
        [
            Entry(each.night, each.night.replace("-", "/"), each.verdict, each.tone, each.trust, each.files)
            for each in known
        ],
        words,
    )


def _forget_old(site: Site, night: dt.date, known: dict[str, Record], log: Logger) -> None:
    """Remove the reports of nights that are older than `keep_days`."""
    if site.run.keep_days is None:
        return
    oldest = night - dt.timedelta(days=site.run.keep_days)
    for each in [each for each in known.values() if each.night < str(oldest)]:
        remove_old(
            folder_of(site.place(site.run.out), dt.date.fromisoformat(each.night)), (*each.files, NOTE)
        )
        del known[each.night]
        log.info("removed the report of %s", each.night)


def _note(site: Site, night: dt.date, record: Record) -> None:
    out = site.place(site.run.out)
    publish(
        out, {(folder_of(out, night) / NOTE).relative_to(out).as_posix(): text_of(record).encode("utf-8")}
    )


def _code(report: Report, summary: IngestSummary, wishes: Wishes, *, is_undelivered: bool) -> int:
    """The exit code that asks for most attention: mail, no input, breach, part unread."""
    if is_undelivered:
        return EXIT_UNDELIVERED
    if summary.exit_code == EXIT_NO_INPUT:
        return EXIT_NO_INPUT
    if wishes.fail_on_breach and report.breaches:
        return EXIT_BREACH
    return EXIT_DONE if wishes.allow_partial else summary.exit_code


def _tell_failure(site: Site, wishes: Wishes, error: Exception, log: Logger) -> None:
    """There is no new report: into the log, by mail and by ping, whichever still works."""
    plain = str(error) if isinstance(error, DpmAnalyticsError) else f"{type(error).__name__}: {error}"
    said = wishes.shown(plain)
    log.error(
        "no report: %s",
        said,
        exc_info=None if isinstance(error, DpmAnalyticsError) or wishes.pseudonyms else error,
    )
    if wishes.with_mail and site.mail.to:
        night = last_night(site, wishes.now or dt.datetime.now(dt.UTC))
        try:
            mail_failure(site, said, night)
        except DpmAnalyticsError as undelivered:
            log.error("mail: %s", undelivered)  # noqa: TRY400 - it is one line
    ping(site.run.ping_url, "fail", said, log)
