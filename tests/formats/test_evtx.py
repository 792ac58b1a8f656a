from __future__ import annotations

import gzip
import io
import random
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.formats import Head, Reading, recognise
from analytics.formats.events.evtx.evtx import EVTX
from analytics.formats.events.rows import ruled_providers
from analytics.sources import Source, find_sources

CHUNK = 65536

# Records stored and rejected per sample, and what explains each difference from the reference parser's count.
SAMPLES = {
    # 34 records each in chunks 0 and 13 lie under sectors of an older use of the chunk: the first is torn.
    "2-vss_0-Microsoft-Windows-RemoteDesktopServices-RdpCoreTS-Operational.evtx": (1910, 68),
    "Application_no_crc32.evtx": (17, 0),
    # The reference gives record 6, whose content is zeros (year 1601, no provider); 7 to 20 were never written.
    "Microsoft-Windows-HelloForBusiness-Operational.evtx": (5, 15),
    "pyevtx-dns_log_malformed.evtx": (5, 0),
    "pyevtx-issue_38.evtx": (1, 0),
    "pyevtx-issue_39.evtx": (394, 0),
    # The reference loses the rest of chunk 0 behind record 3, whose sizes are 0; we read it. The reject: a checksum.
    "sample-with-zero-data-size-event.evtx": (450, 1),
    # The reference gives 3 torn records (texts cut in the middle or System without values) and stops at them; behind
    # one of them lie 31 whole records. 82 whole and 1 torn record lie in chunks that lost header and templates.
    # One reject more: ten of the sixteen chunks that the header promises hold zeros.
    "sample_with_a_bad_chunk_magic.evtx": (298, 253),
    "security_bad_string_cache.evtx": (2261, 1),  # the reject: the checksum of a chunk's header
    "server2022-Application.evtx": (115, 0),
    "server2022-Microsoft-Windows-Kernel-PnP-Configuration.evtx": (351, 0),
    "server2022-Microsoft-Windows-Ntfs-Operational.evtx": (15, 0),
    "server2022-Microsoft-Windows-Partition-Diagnostic.evtx": (3, 0),
    "server2022-Microsoft-Windows-VolumeSnapshot-Driver-Operational.evtx": (18, 0),
    "server2022-System.evtx": (681, 0),
    "sysmon.evtx": (358, 8),  # 8 chunks are overwritten; no record is left in them
    "system.evtx": (1881, 0),
}
WHOLE = "server2022-System.evtx"


@pytest.fixture(scope="module")
def real(shared: Path) -> Path:
    """The folder of real logs."""
    return shared / "samples" / "evtx"


@pytest.fixture(name="whole", scope="module")
def whole_fixture(real: Path) -> bytes:
    """A real log without any damage: 681 records in 5 chunks."""
    return (real / WHOLE).read_bytes()


def physical(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Place, size and id of every record of an undamaged file, found without our reader."""
    for start in range(4096, len(data), CHUNK):
        place, end = start + 512, start + struct.unpack_from("<I", data, start + 48)[0]
        while data[start : start + 8] == b"ElfChnk\0" and place < end:
            size, number = struct.unpack_from("<IQ", data, place + 4)
            yield place, size, number
            place += size


class TestSamples:
    @pytest.mark.parametrize(("name", "expected"), SAMPLES.items())
    def test_every_physical_record_is_stored_or_rejected(
        self, name: str, expected: tuple[int, int], real: Path, outcome
    ) -> None:
        """Each real sample gives exactly the records that are physically there; the rest has reason and place."""
        data = (real / name).read_bytes()
        assert recognise(Head(name, data[:CHUNK])) is EVTX
        result = outcome(EVTX, data, Reading())
        assert (len(result.rows), len(result.rejects)) == expected
        assert all(row["reason"] and row["byte_offset"] <= len(data) for row in result.rejects)
        numbers = [row["record_no"] for row in (*result.rows, *result.rejects) if "record_no" in row]
        assert sorted(numbers) == list(range(1, len(numbers) + 1))

    def test_all_samples_are_listed(self, real: Path) -> None:
        """No sample is left out of the table above."""
        assert {path.name for path in real.glob("*.evtx")} == set(SAMPLES)

    def test_the_id_of_the_event_counts(self, real: Path, outcome) -> None:
        """Exported logs number their records anew; record_id is the one that the event states."""
        rows = outcome(EVTX, (real / "pyevtx-dns_log_malformed.evtx").read_bytes(), Reading()).rows
        assert [row["record_id"] for row in rows] == [101982, 101983, 101984, 101985, 101986]

    def test_columns_and_payload(self, whole, outcome) -> None:
        """Provider, channel, short host, time and payload of real events, named and unnamed."""
        rows = {row["record_no"]: row for row in outcome(EVTX, whole, Reading()).rows}
        first = rows[1]
        assert (first["event_provider"], first["event_id"], first["channel"]) == ("EventLog", 6009, "System")
        assert first["at"].isoformat() == "2023-10-18T05:43:49.832740+00:00"
        assert first["host"] == "WIN-FUDU2CKJOE8"
        assert (first["version"], first["level"], first["record_id"]) == (0, 4, 1)
        assert first["data"] == '{"1":"10.00.","2":"20348","3":null,"4":"Multiprocessor Free","5":"0"}'


class TestDamage:
    def test_cut_anywhere(self, whole, outcome) -> None:
        """A log cut at any of 200 places loses only the record that was cut, and says where."""
        records = list(physical(whole))
        chance = random.Random(7)
        for size in [chance.randrange(4096, len(whole)) for _ in range(200)]:
            result = outcome(EVTX, whole[:size], Reading())
            kept = [number for place, length, number in records if place + length <= size]
            assert [row["record_id"] for row in result.rows] == kept
            cut = [(place, number) for place, length, number in records if place < size < place + length]
            if cut:
                assert [row["byte_offset"] for row in result.rejects if "is cut" in row["reason"]] == [
                    cut[0][0]
                ]
                assert f"record {cut[0][1]} is cut" in " ".join(result.reasons)
            assert len(result.rejects) <= 2

    def test_cut_between_records_says_what_would_follow(self, whole, outcome) -> None:
        """A cut at the end of a record is no silent loss: the chunk's header promises more."""
        place, size, number = list(physical(whole))[20]
        result = outcome(EVTX, whole[: place + size], Reading())
        assert len(result.rows) == 21
        assert any(f"record {number + 1} is cut" in reason for reason in result.reasons)

    @pytest.mark.parametrize("broken", [0, 1, 70, 143])
    def test_a_bad_record_costs_only_itself(self, broken: int, whole, outcome) -> None:
        """A record that cannot be decoded is one reject; the others of its chunk are as before."""
        data = bytearray(whole)
        place, _, number = list(physical(whole))[broken]
        data[place + 24 : place + 28] = b"\xff" * 4
        intact, result = outcome(EVTX, whole, Reading()).rows, outcome(EVTX, bytes(data), Reading())
        assert [row["record_id"] for row in intact if row["record_id"] != number] == [
            row["record_id"] for row in result.rows
        ]
        assert [row["data"] for row in intact if row["record_id"] != number] == [
            row["data"] for row in result.rows
        ]
        assert [row["byte_offset"] for row in result.rejects] == [place]

    def test_every_record_bad(self, whole, outcome) -> None:
        """A chunk of which no record decodes gives as many rejects, and the next chunk is read."""
        data = bytearray(whole)
        records = [record for record in physical(whole) if record[0] < 4096 + CHUNK]
        for place, _, _ in records:
            data[place + 24 : place + 28] = b"\xff" * 4
        result = outcome(EVTX, bytes(data), Reading())
        assert len(result.rejects) == len(records)
        assert len(result.rows) == SAMPLES[WHOLE][0] - len(records)

    def test_overwritten_stretch(self, whole, outcome) -> None:
        """Zeros over several records lose these, one reject for each with its number."""
        data = bytearray(whole)
        records = list(physical(whole))
        start, end = records[100][0], records[104][0]
        data[start:end] = bytes(end - start)
        result = outcome(EVTX, bytes(data), Reading())
        lost = [number for _, _, number in records[100:104]]
        assert [reason.split()[1] for reason in result.reasons] == [str(number) for number in lost]
        assert {row["byte_offset"] for row in result.rejects} == {start}
        known = {number for _, _, number in records} - set(lost)
        assert {row["record_id"] for row in result.rows} <= known
        assert len(result.rows) == len(known)

    @pytest.mark.parametrize("ids", [(2**63, 2**64 - 1), (10**6, 10**6 + 50), (1, 10**6)])
    def test_wrong_chunk_header(self, whole, outcome, ids) -> None:
        """Ids that the chunk's header misstates do not cost its records."""
        data = bytearray(whole)
        struct.pack_into("<QQ", data, 4096 + 24, *ids)
        assert len(outcome(EVTX, bytes(data), Reading()).rows) == SAMPLES[WHOLE][0]

    def test_stale_chunk_header(self, whole, outcome) -> None:
        """Whole records that a dirty log wrote after its last header update are read."""
        data = bytearray(whole)
        records = [record for record in physical(whole) if record[0] < 4096 + CHUNK]
        place, size, number = records[-11]
        struct.pack_into(
            "<QQQQIII", data, 4096 + 8, 1, number, 1, number, 128, place - 4096, place + size - 4096
        )
        assert len(outcome(EVTX, bytes(data), Reading()).rows) == SAMPLES[WHOLE][0]

    def test_wrong_checksums_cost_nothing(self, whole, outcome) -> None:
        """A wrong checksum is reported with its place; every record stays."""
        data = bytearray(whole)
        data[4096 + 52] ^= 1
        result = outcome(EVTX, bytes(data), Reading())
        assert len(result.rows) == SAMPLES[WHOLE][0]
        assert [row["byte_offset"] for row in result.rejects] == [4096]
        assert "checksum" in result.reasons[0]

    def test_missing_chunks(self, real: Path, outcome) -> None:
        """A file that ends before the chunks that its header promises says so."""
        data = (real / "pyevtx-issue_39.evtx").read_bytes()
        result = outcome(EVTX, data[: 4096 + 3 * CHUNK], Reading())
        assert any("promises 11 chunks and has 3" in reason for reason in result.reasons)

    def test_random_bytes_never_stop_the_reader(self, real: Path, outcome) -> None:
        """Random damage never raises, and what is read never exceeds what was there."""
        data = (real / "server2022-Microsoft-Windows-Ntfs-Operational.evtx").read_bytes()
        chance = random.Random(3)
        for _ in range(60):
            damaged = bytearray(data)
            for _ in range(chance.randrange(1, 40)):
                damaged[chance.randrange(4096, 4096 + 16384)] = chance.randrange(256)
            result = outcome(EVTX, bytes(damaged), Reading())
            assert len(result.rows) <= 15
            assert len(result.rows) == 15 or result.rejects

    def test_only_a_header(self, whole, outcome) -> None:
        """A log without chunks, or cut in its header, gives nothing and does not stop the reader."""
        assert outcome(EVTX, whole[:4096], Reading()).rows == []
        assert outcome(EVTX, whole[:9], Reading()).rows == []


class TestStreams:
    def test_compressed(self, whole, tmp_path: Path) -> None:
        """A compressed log, whose stream cannot seek, gives the same records."""
        path = tmp_path / "System.evtx.gz"
        path.write_bytes(gzip.compress(whole))
        (source,) = find_sources([path])
        assert isinstance(source, Source)
        assert sum(len(batch.rows) for batch in EVTX.read(source, Reading())) == SAMPLES[WHOLE][0]

    def test_relevant_only(self, whole, outcome) -> None:
        """With events_level relevant the events of other providers are counted, not stored."""
        ruled = ruled_providers()
        assert ruled
        everything = outcome(EVTX, whole, Reading()).rows
        kept = [row for row in everything if row["event_provider"].casefold() in ruled]
        result = outcome(EVTX, whole, Reading(events_level="relevant"))
        assert 0 < len(kept) < len(everything)
        assert result.rows == kept
        assert result.filtered == len(everything) - len(kept)

    def test_short_reads(self, whole) -> None:
        """A stream that gives few bytes at a time gives the same records."""

        class Slow(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                return super().read(min(size if size and size > 0 else 1000, 1000))

        source = Source("slow", "slow", (), lambda: Slow(whole))
        assert sum(len(batch.rows) for batch in EVTX.read(source, Reading())) == SAMPLES[WHOLE][0]
