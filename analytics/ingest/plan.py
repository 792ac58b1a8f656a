"""Which sources are read in which order, and what is known about the machine each comes from."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from analytics.errors import SourceError
from analytics.formats import Format, Head, Reading, recognise
from analytics.formats.bystanders import bystander_of
from analytics.ingest.options import IngestOptions
from analytics.sources import Source, Unreadable, find_sources

TaskTimes = Callable[[Sequence[str]], Mapping[str, datetime]]

_COLLECTION = "collection"
_COLLECTION_FILE = "collection.json"
_NO_FORMAT_ORDER = 1
_IGNORED_NAMES = {".ds_store", "thumbs.db", "desktop.ini", "readme.md", "formats.md"}


@dataclass(frozen=True, slots=True)
class _Collection:
    """A collection.json: the machine that the files in its folder and below come from."""

    host: str | None
    collected_at: datetime | None
    time_zone: str | None


@dataclass(frozen=True, slots=True)
class Planned:
    """A source with its format (None: unknown) and the collection.json that speaks for it.

    `no_log` says what it is where it is known to be no log (systeminfo, a picture, ...).
    """

    source: Source
    format: Format | None
    collection: _Collection | None
    no_log: str | None = None


def plan(
    paths: Iterable[str | Path],
    columns: Mapping[str, str] | None = None,
    format_of_unchanged: Callable[[Source], Format | None] = lambda _: None,
) -> tuple[list[Planned], list[Unreadable]]:
    """Find and recognise all sources; collections come first, then tables, then errlogs.

    `columns` is the site's mapping of column names, by which a customer's own export is recognised. A file of which
    `format_of_unchanged` knows the format is not opened.
    """
    found, unreadable = [], []
    for item in find_sources(paths, lambda source: format_of_unchanged(source) is not None):
        if isinstance(item, Unreadable):
            unreadable.append(item)
        elif item.name.lower() not in _IGNORED_NAMES:
            try:
                format_ = format_of_unchanged(item)
                found.append(Planned(item, format_, None) if format_ else _recognised(item, columns or {}))
            except SourceError as error:
                unreadable.append(Unreadable(item.path, error.what))
    collections = _collections(found)
    beside = cache(_collection_in)
    planned = [replace(each, collection=_nearest(each.source, collections, beside)) for each in found]
    return sorted(planned, key=_order), unreadable


def _recognised(source: Source, columns: Mapping[str, str]) -> Planned:
    head = Head(source.name, source.head, columns)
    format_ = recognise(head)
    return Planned(source, format_, None, None if format_ else bystander_of(head))


def _order(planned: Planned) -> int:
    return planned.format.order if planned.format else _NO_FORMAT_ORDER


def _collections(found: Iterable[Planned]) -> dict[tuple[str, ...], _Collection]:
    return {
        each.source.folder: _read_collection(each.source.head)
        for each in found
        if each.format is not None and each.format.kind == _COLLECTION
    }


def _nearest(
    source: Source,
    collections: Mapping[tuple[str, ...], _Collection],
    beside: Callable[[str], _Collection | None],
) -> _Collection | None:
    """The collection.json in the source's folder or the nearest one above; a file named alone brings its neighbour."""
    for depth in range(len(source.folder), 0, -1):
        if source.folder[:depth] in collections:
            return collections[source.folder[:depth]]
    if "!" in source.path or source.path == "-":
        return None
    return beside(source.path.removesuffix(source.name))


def _collection_in(folder: str) -> _Collection | None:
    """What the collection.json of a folder (text, with its slash) says; None where there is none that can be read."""
    file = f"{folder}{_COLLECTION_FILE}"
    try:
        head = Path(file).read_bytes() if os.path.isfile(file) else None  # noqa: PTH113 - quicker for ten thousand folders
    except OSError:
        return None
    found = recognise(Head(_COLLECTION_FILE, head)) if head is not None else None
    return _read_collection(head) if head is not None and found and found.kind == _COLLECTION else None


def _read_collection(data: bytes) -> _Collection:
    """The fields that reading needs; what is missing or malformed is None (reading the file itself rejects it)."""
    try:
        fields = json.loads(Head(_COLLECTION_FILE, data).text)
    except ValueError:
        fields = {}
    fields = fields if isinstance(fields, dict) else {}
    return _Collection(
        _text(fields.get("host")), _moment(fields.get("collected_at")), _text(fields.get("time_zone"))
    )


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else None


def _host_of(planned: Planned, options: IngestOptions) -> tuple[str | None, str | None]:
    """Host of a source and how it was found: option, collection or folder (contract, section 3)."""
    if options.host:
        return options.host, "option"
    if planned.collection and planned.collection.host:
        return planned.collection.host, "collection"
    if planned.source.folder:
        return planned.source.folder[-1], "folder"
    return None, None


def _zone_of(planned: Planned, host: str | None, options: IngestOptions) -> str:
    """Zone of local times in a source: option, site file per host, collection.json, site, UTC."""
    site = options.site
    per_host = site.zone_of(host) if host else None
    named = per_host if per_host != site.time_zone else None
    collected = planned.collection.time_zone if planned.collection else None
    return options.time_zone or named or collected or site.time_zone or "UTC"


def reading_of(planned: Planned, options: IngestOptions, task_times: TaskTimes | None = None) -> Reading:
    """How a source is to be read: options first, then what the site file and collection.json say."""
    host, host_from = _host_of(planned, options)
    return Reading(
        encoding=options.encoding,
        host=host,
        host_from=host_from,
        year=options.year,
        collected_at=planned.collection.collected_at if planned.collection else None,
        time_zone=_zone_of(planned, host, options),
        date_formats=(*options.date_formats, *options.site.date_formats),
        columns=options.site.columns,
        errlog_time_zone=options.site.errlog_time_zone,
        trace_level=options.trace_level,
        events_level=options.events_level,
        task_times=task_times,
    )
