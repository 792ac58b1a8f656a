"""Options that several commands share, declared once, and the objects that they become."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from analytics.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from analytics.ingest import IngestOptions
    from analytics.report.pseudonyms import Pseudonyms
    from analytics.report.words import Words
    from analytics.site import Site
    from analytics.sql import Limits
    from analytics.store import Store, Stores

_TRACE_LEVELS = ("all", "markers")
_EVENTS_LEVELS = ("all", "relevant")
_MAX_PROCESSES = 4  # unless asked for more: each takes up to 250 MB
_MAX_CORES = 64
_MOST_PIECES = 8
_MAX_TIMEOUT_S = 365 * 86400
DEFAULT_REPORT = "dpm-report.html"


def add_paths(parser: argparse.ArgumentParser) -> None:
    """PATH..."""
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="+",
        help="file, folder, .zip, .gz, .bz2, .xz, .zst or - (standard input)",
    )


def add_store(
    parser: argparse.ArgumentParser, required: bool = True, meaning: str = "folder of the store"
) -> None:
    """--store DIR, once."""
    parser.add_argument("--store", metavar="DIR", required=required, action=_Once, help=meaning)


def add_stores(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """--store DIR, once for each store that is to be read: options.store is a list."""
    parser.add_argument(
        "--store",
        metavar="DIR",
        required=required,
        action="append",
        default=[],
        help="folder of the store; repeated, the stores of several DPM servers are read as one",
    )


def add_site(parser: argparse.ArgumentParser) -> None:
    """--site and --time-zone: what the site knows."""
    parser.add_argument("--site", metavar="FILE", help="site file (TOML): time zone, backup window, ...")
    parser.add_argument(
        "--time-zone",
        metavar="ZONE",
        help="time zone of the site, as IANA (Europe/Berlin) or Windows (W. Europe Standard Time) names it; "
        "overrides the site file",
    )


def add_reading(parser: argparse.ArgumentParser) -> None:
    """How the input is to be read."""
    group = parser.add_argument_group("reading")
    add = group.add_argument
    add("--host", metavar="NAME", help="computer that all errlogs given come from")
    add("--year", metavar="YYYY", type=_year, help="year of the last record of each errlog")
    add(
        "--encoding",
        metavar="NAME",
        type=_encoding,
        help="text encoding of all files given; default: detected",
    )
    add(
        "--date-format",
        metavar="PATTERN",
        action="append",
        default=[],
        type=_date_format,
        help="strptime pattern of localised dates, such as %%d.%%m.%%Y %%H:%%M:%%S; may be repeated",
    )
    add(
        "--trace",
        choices=_TRACE_LEVELS,
        default="all",
        help="errlog lines to keep: all, or phase markers and everything above NORMAL (default: all)",
    )
    add(
        "--events",
        choices=_EVENTS_LEVELS,
        default="all",
        help="Windows events to keep: all, or those of the providers that a rule names (default: all)",
    )
    add(
        "--processes",
        metavar="N",
        type=_process_count,
        help=f"how many processes read logs (default: one per core, at most {_MAX_PROCESSES})",
    )
    add(
        "--allow-partial",
        action="store_true",
        help="exit code 0 although part of the input could not be read",
    )


def add_nights(parser: argparse.ArgumentParser) -> None:
    """--since and --until: the nights of the report."""
    add = parser.add_argument
    add(
        "--since",
        metavar="DATE",
        type=_day,
        help="first night: 2025-02-03, yesterday, or -7 for seven days before --now, else before today; "
        "default: the first in the store",
    )
    add("--until", metavar="DATE", type=_day, help="last night; default: the last in the store")
    add("--fail-on-breach", action="store_true", help="exit code 3 where a VM missed its backup window")


def add_language(parser: argparse.ArgumentParser) -> None:
    """--lang: the language of the report."""
    parser.add_argument(
        "--lang",
        metavar="LANGUAGE",
        help="en or ja: language of the report (default: that of the site file, else en)",
    )


def add_anonymise(parser: argparse.ArgumentParser) -> None:
    """--anonymise: pseudonyms instead of names."""
    parser.add_argument(
        "--anonymise",
        metavar="KEYFILE",
        help="write pseudonyms for VMs, hosts, domains, users and paths; the private key file undoes them, and "
        "used again gives the same ones",
    )


def add_now(parser: argparse.ArgumentParser) -> None:
    """--now: the moment by which the age of the evidence is judged."""
    parser.add_argument(
        "--now",
        metavar="MOMENT",
        type=moment,
        help="say so where the newest evidence is more than two days older than this: now, 2025-03-01, "
        "2025-03-01T07:00 (the site's clock) or 2025-03-01T06:00Z; default: now where --since or --until "
        "counts back from today, else its age is not judged",
    )


def add_limits(parser: argparse.ArgumentParser) -> None:
    """--memory-limit, --timeout and --temp-directory: what a query may take."""
    group = parser.add_argument_group("limits")
    add = group.add_argument
    add("--memory-limit", metavar="SIZE", type=_size, help="for example 2GB; default: most of the memory")
    add("--timeout", metavar="SECONDS", type=_seconds, help="stop the query after so long; default: never")
    add(
        "--temp-directory",
        metavar="DIR",
        help="where to put what does not fit into memory, until the end; default: the system's folder",
    )


def add_output(parser: argparse.ArgumentParser) -> None:
    """--quiet and --json."""
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing but errors")
    parser.add_argument("--json", action="store_true", help="say it as one JSON document")


class _Once(argparse.Action):
    """An option that names one thing, so that a second one is no slip of the first."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        options: argparse.Namespace,
        values: object,
        name: str | None = None,
    ) -> None:
        if getattr(options, self.dest) is not None:
            parser.error(
                f"{name} is given twice: it takes one store; sql, report and chart read several as one"
            )
        setattr(options, self.dest, values)


def _day(text: str) -> date | int:
    """A date as 2025-02-03, or how many days before today: yesterday, -7."""
    back = "-1" if text.lower() == "yesterday" else text
    if re.fullmatch(r"-[0-9]{1,4}", back):
        return -int(back)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2025-02-03 or yesterday") from None


def moment(text: str) -> datetime:
    """A moment as 2025-03-01T07:00, with or without an offset; the present for now."""
    if text.lower() == "now":
        return datetime.now(UTC)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no moment such as 2025-03-01T07:00 or now") from None


def _year(text: str) -> int:
    """A year of four digits."""
    if not (text.isascii() and text.isdecimal() and 1990 <= int(text) <= 2100):
        raise argparse.ArgumentTypeError(f"{text!r} is no year from 1990 to 2100")
    return int(text)


def _size(text: str) -> str:
    """A size of memory such as 2GB or 500 MiB."""
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?\s*[KMGT]i?B", text.strip(), re.IGNORECASE):
        raise argparse.ArgumentTypeError(f"{text!r} is no size such as 2GB or 500MB")
    return text.strip()


def _seconds(text: str) -> float:
    """A number of seconds above 0, at most a year."""
    if not re.fullmatch(r"[0-9]*\.?[0-9]+", text) or not 0 < float(text) <= _MAX_TIMEOUT_S:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return float(text)


def _encoding(text: str) -> str:
    """A text encoding that Python knows, under the name that Python gives it."""
    import codecs

    try:
        return codecs.lookup(text).name
    except LookupError:
        known = "utf-8, utf-16, utf-16-le, utf-16-be, cp932, cp1252"
        raise argparse.ArgumentTypeError(f"{text!r} is no encoding; for example {known}") from None


def _process_count(text: str) -> int:
    """A number of processes."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _MAX_CORES):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes (1 to {_MAX_CORES})")
    return int(text)


def _date_format(text: str) -> str:
    """A strptime pattern."""
    from analytics.site import check_date_format

    try:
        return check_date_format(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} {error}, for example %d.%m.%Y %H:%M:%S") from None


def nights_of(options: argparse.Namespace) -> tuple[date | None, date | None]:
    """The first and the last night asked for; what counts back does so from --now, else from today.

    Today is by this computer's calendar, as the scheduler's clock. UsageError for a last night before the first.
    """
    today = options.now.date() if options.now else date.today()  # noqa: DTZ011 - local on purpose
    since, until = (
        today - timedelta(days=day) if isinstance(day, int) else day for day in (options.since, options.until)
    )
    if since and until and until < since:
        raise UsageError(f"--until {until} lies before --since {since}", "", "swap them")
    return since, until


def judged_at(options: argparse.Namespace) -> datetime | None:
    """The moment by which the age of the evidence is judged: --now, else the present where nights count from it."""
    counts_back = isinstance(options.since, int) or isinstance(options.until, int)
    return options.now or (datetime.now(UTC) if counts_back else None)


def words_of(options: argparse.Namespace) -> Words:
    """The words of the report's language; UsageError for one that has no file."""
    from analytics.report.words import Words

    return Words.of(options.lang or site_of(options).run.lang)


def pseudonyms_of(options: argparse.Namespace) -> Pseudonyms | None:
    """The pseudonyms of --anonymise, None without it; ConfigurationError for a file that is no key file."""
    from pathlib import Path

    if not options.anonymise:
        return None
    from analytics.report.pseudonyms import Pseudonyms

    return Pseudonyms.read(Path(options.anonymise))


def site_of(options: argparse.Namespace) -> Site:
    """The site file's content, with --time-zone on top."""
    from dataclasses import replace

    from analytics.site import check_zone, load_site, near_zone

    site = load_site(options.site)
    if options.time_zone is None:
        return site
    try:
        return replace(site, time_zone=check_zone(options.time_zone))
    except ValueError as error:
        near = near_zone(options.time_zone)
        expected = f"did you mean {near}?" if near else "for example Asia/Tokyo"
        raise UsageError(f"{options.time_zone!r} {error}", "--time-zone", expected) from None


def limits_of(options: argparse.Namespace) -> Limits:
    """The limits asked for; ConfigurationError for a --temp-directory that is no folder."""
    from pathlib import Path

    from analytics.sql import Limits

    folder = options.temp_directory
    if folder is not None and not Path(folder).is_dir():
        raise ConfigurationError("no such folder", folder, "--temp-directory names a folder that is there")
    return Limits(options.memory_limit, options.timeout, Path(folder) if folder else None)


def open_stores(paths: list[str]) -> Store | Stores:
    """The store that is to be read, several as one; StoreError where one is none or is named twice."""
    from analytics.store import Store, Stores

    return Store.open(paths[0]) if len(paths) == 1 else Stores.open(paths)


def require_outside(out: str, stores: Iterable[str]) -> None:
    """Refuse an output file inside a store, by whatever links its path leads there (ConfigurationError)."""
    from pathlib import Path

    places = [place for place in (Path(out).resolve(), *Path(out).resolve().parents) if place.exists()]
    for folder in filter(Path.exists, map(Path, stores)):
        # the same folder, however it is spelled: upper and lower case, mounts, short names of Windows
        if any(place.samefile(folder) for place in places):
            raise ConfigurationError("lies inside the store", out, "name a file elsewhere")


def ingest_options(options: argparse.Namespace, site: Site) -> IngestOptions:
    """What ingest needs to know of the command line."""
    from analytics.ingest import IngestOptions

    return IngestOptions(
        site=site,
        host=options.host,
        year=options.year,
        encoding=options.encoding,
        time_zone=site.time_zone if options.time_zone else None,
        date_formats=tuple(options.date_format),
        trace_level=options.trace,
        events_level=options.events,
        processes=options.processes or min(os.cpu_count() or 1, _MAX_PROCESSES),
    )


def expand_paths(paths: list[str]) -> list[str]:
    """Wildcards become the paths that match (cmd.exe leaves that to programs); a path that exists stays.

    A wildcard without a match stays, so that reading it names it. UsageError for an empty path.
    """
    from glob import glob  # Path.glob takes no absolute patterns
    from pathlib import Path

    _require_whole(paths)
    found: list[str] = []
    for path in paths:
        if not path.strip():
            raise UsageError("an empty path", "PATH", "give a file or folder; . is the present folder")
        literal = not any(mark in path for mark in "*?[") or Path(path).exists()
        found.extend([path] if literal else sorted(glob(path, recursive=True)) or [path])  # noqa: PTH207
    return found


def _require_whole(paths: list[str]) -> None:
    """Refuse the pieces of a path whose blanks stand outside of quotes."""
    from pathlib import Path

    for first, piece in enumerate(paths):
        if Path(piece).exists():
            continue
        for last in range(first + 2, min(first + _MOST_PIECES, len(paths)) + 1):
            if Path(whole := " ".join(paths[first:last])).exists():
                raise UsageError("blanks part this path", whole, f'put it in quotes: "{whole}"')
