"""Mutants of one format: read, compared with the oracle, and what was wrong with them."""

from __future__ import annotations

import io
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from analytics.formats import Format, Head, Reading, by_name
from analytics.sources import Source
from tests.fuzz.mutate import flipped_bytes, mutant_of
from tests.fuzz.oracle import Rules, header_of, intact, key_of, markers, plain, records_of, rules_of

SAMPLES = Path(__file__).resolve().parents[2] / "sample_logs"
# Formats whose samples lie elsewhere, and how many lines of a long one are enough.
ELSEWHERE = {
    "dpm-errlog": (
        "errlog-only/HV01/DPMRACurr.errlog",
        "errlog-blanks/HV01/DPMRACurr.errlog",
        "errlog-findstr/HV01/DPMRA_findstr.txt",
        "errlog-no-pid/DPM01/MSDPMCurr.errlog",
        "errlog-utf-16-no-bom/HV01/DPMRACurr.errlog",
    ),
    "evtx": (
        "events-era-c/HV01/Microsoft-Windows-VHDMP-Operational.evtx",
        "events-era-c/HV01/Security.evtx",
        "events-era-c/VM-002/Security.evtx",
    ),
}
MOST_LINES = 40
MOST_CPU_S = 5.0
CHUNK, FILE_HEADER = 65_536, 4_096
READING = Reading(time_zone="Europe/Berlin", year=2025)


@dataclass(frozen=True)
class Sample:
    """A sample of a format, as text, with its records and what their rows are known by."""

    path: Path
    entry: Format

    @cached_property
    def data(self) -> bytes:
        """Its bytes."""
        return self.path.read_bytes()

    @cached_property
    def encoding(self) -> str:
        """Its encoding, with its BOM."""
        found = Head(self.path.name, self.data).encoding
        return {"utf-8": "utf-8-sig"}.get(found, found) if self.data[:3] == b"\xef\xbb\xbf" else found

    @cached_property
    def text(self) -> str:
        """Its first lines."""
        lines = self.data.decode(self.encoding).splitlines(keepends=True)
        return "".join(lines[:MOST_LINES])

    @cached_property
    def rules(self) -> Rules:
        """How its records are told."""
        return max(rules_of(self.entry.name), key=lambda rules: len(records_of(plain(self.text), rules)))

    @cached_property
    def keys(self) -> dict[str, tuple[Any, ...]]:
        """What the row of each record is known by."""
        records = records_of(plain(self.text), self.rules)
        if self.rules.is_state:
            rows = [self._alone(record) for record in records]
        else:
            rows, _ = read(self.entry, self.text.encode(self.encoding))
        assert len(records) == len(rows), f"{self.path.name}: {len(records)} records, {len(rows)} rows"
        return {record: key_of(row, self.rules) for record, row in zip(records, rows, strict=True)}

    def _alone(self, record: str) -> dict[str, Any]:
        """The row of a record that stands alone."""
        header, (before, after) = header_of(plain(self.text), self.rules), self.rules.around
        text = f"{header}\n{record}" if header else f"{before}{record}{after}"
        return read(self.entry, text.encode("utf-8"))[0][0]


@dataclass
class Tally:
    """What came of the mutants of one format."""

    mutants: int = 0
    checked: int = 0
    seconds: float = 0.0
    failures: list[tuple[str, bytes]] = field(default_factory=list)


def samples_of(name: str) -> list[Sample]:
    """The samples of a format."""
    entry = by_name(name)
    assert entry is not None, f"no format {name}"
    names = ELSEWHERE.get(name)
    paths = [SAMPLES / each for each in names] if names else sorted((SAMPLES / name).glob("*.*"))
    return [Sample(path, entry) for path in paths]


def read(entry: Format, data: bytes) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows in the order of the source, and rejects."""
    rows: list[dict[str, Any]] = []
    rejects: list[dict[str, Any]] = []
    source = Source("fuzz", "fuzz", (), lambda: io.BytesIO(data))
    for batch in entry.read(source, READING):
        (rejects if batch.table == "rejects" else rows).extend(batch.rows.to_pylist())
    return sorted(rows, key=lambda row: row.get("line_no") or row.get("record_no") or 0), rejects


def fuzz(name: str, seconds: float, seed: int, most: int | None = None) -> Tally:
    """Read mutants of a format for so long, or so many."""
    samples, tally, number = samples_of(name), Tally(), 0
    started = time.monotonic()
    while time.monotonic() - started < seconds and (most is None or number < most):
        sample = samples[number % len(samples)]
        data, wrong, is_checked = judged(name, samples, seed, number)
        number += 1
        tally.mutants += 1
        tally.checked += is_checked
        if wrong:
            tally.failures.append(
                (f"{name}, {sample.path.name}, seed {seed}, mutant {number - 1}: {wrong}", data)
            )
    tally.seconds = time.monotonic() - started
    return tally


def judged(name: str, samples: list[Sample], seed: int, number: int) -> tuple[bytes, str | None, bool]:
    """One mutant, the same each time: its bytes, what was wrong with it, and whether its records were counted."""
    chance = random.Random(f"{name} {seed} {number}")
    return (
        _judge_binary(samples, chance) if name == "evtx" else _judge(samples[number % len(samples)], chance)
    )


def _judge(sample: Sample, chance: random.Random) -> tuple[bytes, str | None, bool]:
    text, data = mutant_of(sample.text, sample.encoding, chance)
    return data, wrong_with(sample, text, data), True


def wrong_with(sample: Sample, text: str, data: bytes) -> str | None:
    """What a reader got wrong of a mutant; None where it is as the oracle says."""
    started = time.process_time()
    try:
        sample.entry.recognise(Head("fuzz", data[:CHUNK]))
        rows, rejects = read(sample.entry, data)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is what is looked for)
        return f"{type(error).__name__}: {error}"
    if (took_s := time.process_time() - started) > MOST_CPU_S:
        return f"took {took_s:.1f} s"
    if wrong := next(_wrong_rejects(rejects, data), None):
        return wrong
    rules = sample.rules
    if len(rows) > markers(text.replace("\0", ""), rules):  # readers drop NUL, which torn files have
        return f"{len(rows)} rows of at most {markers(text, rules)} records"
    expected: Counter[Any] = Counter()
    for record, times in intact(
        plain(text), sample.keys, rules, header_of(plain(sample.text), rules)
    ).items():
        expected[sample.keys[record]] += times
    if rules.is_state:
        expected = Counter(dict.fromkeys(+expected, 1))
    lost = expected - Counter(key_of(row, rules) for row in rows)
    return (
        f"{lost.total()} of {expected.total()} intact records lost, such as {next(iter(lost))}"
        if lost
        else None
    )


def _wrong_rejects(rejects: list[dict[str, Any]], data: bytes) -> Iterator[str]:
    for row in rejects:
        if not row["reason"]:
            yield "a reject without a reason"
        place = row["byte_offset"]
        if place is not None and not 0 <= place <= len(data):
            yield f"a reject at byte {place} of {len(data)}"


def _judge_binary(samples: list[Sample], chance: random.Random) -> tuple[bytes, str | None, bool]:
    """Some chunks behind a header, with flipped bytes: the records of chunks that are whole must all come through."""
    chunks = [sample.data[FILE_HEADER : FILE_HEADER + CHUNK] for sample in samples]
    chance.shuffle(chunks)
    data = flipped_bytes(samples[0].data[:FILE_HEADER] + b"".join(chunks), chance)
    expected: Counter[Any] = Counter()
    for place, chunk in enumerate(chunks):
        start = FILE_HEADER + place * CHUNK
        if data[start : start + CHUNK] == chunk:
            expected.update(_keys_of_chunk(samples[0].data[:FILE_HEADER], chunk))
    try:
        rows, _ = read(samples[0].entry, data)
    except Exception as error:  # noqa: BLE001 (as above)
        return data, f"{type(error).__name__}: {error}", True
    found = Counter((row["event_provider"], row["event_id"], row["record_id"], row["data"]) for row in rows)
    lost = expected - found
    return (
        data,
        f"{lost.total()} records of whole chunks lost" if lost and data[:8] == b"ElfFile\0" else None,
        True,
    )


_CHUNK_KEYS: dict[bytes, list[Any]] = {}


def _keys_of_chunk(header: bytes, chunk: bytes) -> list[Any]:
    """The records of a chunk that stands alone."""
    if chunk not in _CHUNK_KEYS:
        entry = by_name("evtx")
        assert entry is not None
        rows, _ = read(entry, header + chunk)
        names = ("event_provider", "event_id", "record_id", "data")
        _CHUNK_KEYS[chunk] = [tuple(row[name] for name in names) for row in rows]
    return _CHUNK_KEYS[chunk]
