"""Files, folders and archives become sources; what cannot be read is named and the rest goes on."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tracemalloc
import zipfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import zstandard

from analytics.sources import Issue, Source, Unreadable, find, find_sources, text_lines

LINES = [f"line {number} of the log" for number in range(3000)]
DATA = "".join(f"{line}\n" for line in LINES).encode()
PACKERS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda data: zstandard.ZstdCompressor().compress(data),
}


@cache
def packed_noise(kind: str) -> tuple[bytes, bytes]:
    """Lines that nothing makes smaller, plain and packed: large enough for several blocks."""
    noise = b"".join(os.urandom(8).hex().encode() + b"\n" for _ in range(240_000))
    return noise, PACKERS[kind](noise)


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def read(source: Source) -> tuple[list[str], list[str]]:
    """Lines and reasons of issues."""
    found = list(text_lines(source))
    texts = [entry.text for entry in found if not isinstance(entry, Issue)]
    return texts, [entry.reason for entry in found if isinstance(entry, Issue)]


def one(path: Path) -> Source:
    """The only source at a path."""
    found = list(find_sources([path]))
    assert len(found) == 1, found
    assert isinstance(found[0], Source), found
    return found[0]


class TestCompression:
    @pytest.mark.parametrize("kind", PACKERS)
    def test_is_seen_through_by_content(self, tmp_path, kind):
        """The name says nothing; the content has the fingerprint of the plain file."""
        (tmp_path / "packed").write_bytes(PACKERS[kind](DATA))
        (tmp_path / "plain").write_bytes(DATA)
        packed, plain = one(tmp_path / "packed"), one(tmp_path / "plain")

        assert read(packed) == (LINES, [])
        assert packed.fingerprint.source_id == plain.fingerprint.source_id
        assert packed.sha256 == plain.sha256

    @pytest.mark.parametrize("kind", PACKERS)
    @pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
    def test_a_truncated_one_gives_what_it_holds(self, tmp_path, kind, share):
        """The lines before the cut, one issue, and a fingerprint that tells two truncated files apart."""
        noise, packed = packed_noise(kind)
        (tmp_path / "a").write_bytes(packed[: int(len(packed) * share)])
        (tmp_path / "b").write_bytes(PACKERS[kind](DATA * 30)[:-9])
        source = one(tmp_path / "a")
        texts, reasons = read(source)

        assert reasons == ["the archive is truncated"]
        whole = noise.decode().split("\n")
        assert texts[:-1] == whole[: len(texts) - 1]
        assert whole[len(texts) - 1].startswith(texts[-1])
        assert len(texts) >= share * 0.7 * 60_000
        assert source.fingerprint.size_bytes > 0
        other = next(iter(find_sources([tmp_path / "b"])))
        assert isinstance(other, Unreadable) or other.sha256 != source.sha256

    @pytest.mark.parametrize("kind", PACKERS)
    def test_members_one_after_the_other(self, tmp_path, kind):
        """Appended streams and padding with zeros belong to the content."""
        half = len(DATA) // 2
        (tmp_path / "a").write_bytes(PACKERS[kind](DATA[:half]) + PACKERS[kind](DATA[half:]) + bytes(1024))

        assert read(one(tmp_path / "a")) == (LINES, [])

    @pytest.mark.parametrize("kind", PACKERS)
    def test_damage_in_the_middle(self, tmp_path, kind):
        """Never an exception: an issue, or the wrong text where the format has no checksum there."""
        packed = bytearray(PACKERS[kind](DATA))
        packed[len(packed) // 2 :] = bytes(byte ^ 0xFF for byte in packed[len(packed) // 2 :])
        (tmp_path / "a").write_bytes(packed)
        for found in find_sources([tmp_path / "a"]):
            assert isinstance(found, Unreadable) or read(found)[1]

    @pytest.mark.parametrize("kind", PACKERS)
    def test_a_bomb_takes_no_memory(self, tmp_path, monkeypatch, kind):
        """It is stopped by its ratio, and never more than a piece of it is in memory."""
        monkeypatch.setattr("analytics.sources.compressed.BOMB_FREE_BYTES", 4 * 1024 * 1024)
        monkeypatch.setattr("analytics.sources.compressed.BOMB_RATIO", 50)
        (tmp_path / "bomb").write_bytes(PACKERS[kind](bytes(20_000_000)))
        source = one(tmp_path / "bomb")
        tracemalloc.start()
        reasons = read(source)[1]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

        assert any("expands to more than" in reason for reason in reasons)
        assert peak < 20_000_000

    @pytest.mark.parametrize("kind", [*PACKERS, "zip"])
    @pytest.mark.parametrize(("free", "ratio", "over"), [(4999, 0, True), (5000, 0, False), (0, 5000, False)])
    def test_what_is_no_bomb(self, tmp_path, monkeypatch, kind, free, ratio, over):
        """Neither as much as is free to any file, nor as much as the ratio allows."""
        monkeypatch.setattr("analytics.sources.compressed.BOMB_FREE_BYTES", free)
        monkeypatch.setattr("analytics.sources.compressed.BOMB_RATIO", ratio)
        content = bytes(5000)
        packed = zipped({"a": content}) if kind == "zip" else PACKERS[kind](content)
        (tmp_path / "a").write_bytes(packed)

        (found,) = find_sources([tmp_path / "a"])
        reasons = [found.reason] if isinstance(found, Unreadable) else read(found)[1]

        assert any("expands to more" in reason for reason in reasons) is over


class TestZip:
    def test_a_name_with_dots(self, tmp_path):
        """Its last ending alone is no part of the folder."""
        (tmp_path / "hv01.contoso.zip").write_bytes(zipped({"a.errlog": DATA}))
        (member,) = find_sources([tmp_path])

        assert member.folder[-1] == "hv01.contoso"

    def test_members_with_their_folders(self, tmp_path):
        """Folders of the archive and the archive itself count as folders."""
        (tmp_path / "export.zip").write_bytes(zipped({"HV01/DPMRACurr.errlog": DATA, "jobs.csv": b"a\n"}))
        members = list(find_sources([tmp_path]))

        assert [member.name for member in members] == ["DPMRACurr.errlog", "jobs.csv"]
        assert members[0].folder[-2:] == ("export", "HV01")
        assert members[0].path.endswith("export.zip!HV01/DPMRACurr.errlog")
        assert read(members[0]) == (LINES, [])

    def test_hostile_names_stay_inside(self, tmp_path):
        """`..` and drive letters are only names; nothing is written anywhere."""
        names = [
            "..\\..\\evil.errlog",
            "../../evil2.errlog",
            "C:\\Windows\\evil3.errlog",
            "/etc/evil4.errlog",
        ]
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "a.zip").write_bytes(zipped(dict.fromkeys(names, DATA)))
        found = list(find_sources([tmp_path / "in"]))

        assert [member.name for member in found] == [f"evil{n}.errlog" for n in ("", 2, 3, 4)]
        assert all(".." not in member.folder and read(member) == (LINES, []) for member in found)
        assert [path.name for path in tmp_path.rglob("*")] == ["in", "a.zip"]

    def test_a_password(self, tmp_path):
        """Encrypted members are named with the remedy, open ones are read."""
        data = bytearray(zipped({"a.errlog": DATA, "b.errlog": DATA}))
        for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            data[data.index(magic) + place] |= 1
        (tmp_path / "a.zip").write_bytes(data)
        locked, free = find_sources([tmp_path])

        assert isinstance(locked, Unreadable)
        assert "password" in locked.reason
        assert read(free) == (LINES, [])

    @pytest.mark.parametrize("share", [0.2, 0.9])
    def test_a_truncated_archive(self, tmp_path, share):
        """Its directory stands at its end: one clear line, the other files are read, no handle is left open."""
        data = zipped({"a.errlog": DATA, "b.errlog": DATA})
        (tmp_path / "a.zip").write_bytes(data[: int(len(data) * share)])
        (tmp_path / "b.errlog").write_bytes(DATA)
        broken, whole = find_sources([tmp_path])

        assert isinstance(broken, Unreadable)
        assert "truncated" in broken.reason
        assert read(whole) == (LINES, [])

    def test_a_damaged_member(self, tmp_path):
        """A wrong checksum is an issue behind what was read; the next member is read."""
        data = bytearray(zipped({"a.errlog": DATA, "b.errlog": DATA}))
        data[60:70] = bytes(10)
        (tmp_path / "a.zip").write_bytes(data)
        *damaged, whole = find_sources([tmp_path])

        assert read(whole) == (LINES, [])
        assert len(damaged) == 1
        assert isinstance(damaged[0], Unreadable) or read(damaged[0])[1]

    def test_archives_in_archives(self, tmp_path):
        """A zip in a gz in a zip is read; deeper ones are refused with the remedy."""
        inner = zipped({"a.errlog": DATA})
        (tmp_path / "a.zip").write_bytes(zipped({"b.zip.gz": gzip.compress(inner)}))
        deep = inner
        for _ in range(4):
            deep = zipped({"x.zip": deep})
        (tmp_path / "b.zip").write_bytes(deep)
        nested, refused = find_sources([tmp_path])

        assert read(nested) == (LINES, [])
        assert isinstance(refused, Unreadable)
        assert "nested deeper" in refused.reason

    def test_too_many_members(self, tmp_path, monkeypatch):
        """Beyond the limit the archive is refused as a whole."""
        monkeypatch.setattr(find, "MAX_MEMBERS", 3)
        (tmp_path / "a.zip").write_bytes(zipped({f"{n}.errlog": b"x" for n in range(4)}))

        assert [type(found) for found in find_sources([tmp_path])] == [Unreadable]
        assert find.MAX_MEMBERS == 3

    def test_many_members_take_linear_time(self, tmp_path, monkeypatch):
        """The directory of an archive is read once, not once per member."""
        opened = []
        real = zipfile.ZipFile._RealGetContents
        monkeypatch.setattr(zipfile.ZipFile, "_RealGetContents", lambda self: (opened.append(1), real(self)))
        (tmp_path / "a.zip").write_bytes(zipped({f"{n}.errlog": b"%d\n" % n for n in range(300)}))
        opened.clear()
        sources = list(find_sources([tmp_path]))

        assert [read(source)[0] for source in sources] == [[str(n)] for n in range(300)]
        assert len({source.fingerprint.source_id for source in sources}) == 300
        assert len(opened) == 1


class TestPaths:
    def test_a_store_inside_the_folder_is_no_input(self, tmp_path):
        """The folder of a store is skipped, its neighbours are read."""
        (tmp_path / "store").mkdir()
        (tmp_path / "store" / "store.json").write_text('{"format": 1}', encoding="utf-8")
        (tmp_path / "store" / "sources.parquet").write_bytes(b"PAR1")
        (tmp_path / "a.errlog").write_bytes(DATA)

        assert [source.name for source in find_sources([tmp_path])] == ["a.errlog"]

    def test_links_to_folders(self, tmp_path):
        """No circle is walked; what lies below the folder is read in its place, a link out of it is said."""
        inner = tmp_path / "logs" / "HV01"
        inner.mkdir(parents=True)
        (tmp_path / "other").mkdir()
        (inner / "a.errlog").write_bytes(DATA)
        try:
            (inner / "circle").symlink_to("..", target_is_directory=True)
            (inner / "up").symlink_to(tmp_path, target_is_directory=True)
            (inner / "gone").symlink_to(tmp_path / "nowhere")
            (inner / "other").symlink_to(tmp_path / "other", target_is_directory=True)
        except OSError:
            pytest.skip("no links without the right to make them")
        found, *unread = sorted(
            find_sources([tmp_path / "logs"]), key=lambda each: isinstance(each, Unreadable)
        )

        assert isinstance(found, Source)
        assert {Path(each.path).name: each.reason.split(";")[0] for each in unread} == {
            "gone": "no such file or folder",
            "other": "a link out of the folder is not followed",
            "up": "a link out of the folder is not followed",
        }

    def test_missing_and_odd_paths(self, tmp_path):
        """Each gives its line."""
        reasons = [
            found.reason for found in find_sources([tmp_path / "no", "a\0b", str(tmp_path / ("x" * 300))])
        ]

        assert reasons[0] == "no such file or folder"
        assert len(reasons) == 3

    def test_no_permission(self, tmp_path, monkeypatch):
        """A file that may not be read is named, the others are read."""
        for name in ("a.errlog", "b.errlog"):
            (tmp_path / name).write_bytes(DATA)
        real = Path.open

        def guarded(self: Path, *args: object, **more: object) -> object:
            if self.name == "a.errlog":
                raise PermissionError(13, "Permission denied", str(self))
            return real(self, *args, **more)

        monkeypatch.setattr(Path, "open", guarded)
        locked, free = find_sources([tmp_path])

        assert locked == Unreadable(str(tmp_path / "a.errlog"), "no permission to read")
        assert read(free) == (LINES, [])

    @pytest.mark.skipif(os.name == "nt", reason="POSIX file names")
    def test_a_name_that_is_no_text(self, tmp_path):
        """A file name of undecodable bytes is read and shown with a question mark."""
        (tmp_path / os.fsdecode(b"\xff.errlog")).write_bytes(DATA)
        source = one(tmp_path)

        assert source.name == "?.errlog"
        assert read(source) == (LINES, [])

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes of POSIX")
    def test_a_named_pipe_does_not_hang(self, tmp_path):
        """Neither a file nor a folder: one line."""
        os.mkfifo(tmp_path / "pipe")

        assert [type(found) for found in find_sources([tmp_path])] == [Unreadable]

    def test_standard_input_is_read_again_and_again(self, monkeypatch):
        """What a pipe brought is kept; archives on it are looked into."""
        for data in (DATA, gzip.compress(DATA), zipped({"a.errlog": DATA})):
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
            (source,) = find_sources(["-"])

            assert read(source) == (LINES, [])
            assert read(source) == (LINES, [])
            assert source.fingerprint.size_bytes == len(DATA)

    def test_fingerprints_of_large_contents(self, tmp_path):
        """The same content has the same id, packed or not; a change in the middle is seen by its SHA-256."""
        data = os.urandom(1000) * 3000
        changed = data[:1_500_000] + b"x" + data[1_500_001:]
        for name, content in {"a": data, "b": data, "c": changed, "d": gzip.compress(data, 1)}.items():
            (tmp_path / name).write_bytes(content)
        same, copy, other, packed = find_sources([tmp_path])

        assert same.fingerprint.source_id == copy.fingerprint.source_id == packed.fingerprint.source_id
        assert same.sha256 == packed.sha256 != other.sha256


def test_a_gzip_file_states_when_the_log_was_modified(tmp_path):
    """The time in the gzip header counts, not that of the .gz file, which is the time of copying."""
    (tmp_path / "a.errlog.gz").write_bytes(gzip.compress(b"x", mtime=1_700_000_000))
    (tmp_path / "b.errlog.gz").write_bytes(gzip.compress(b"x", mtime=0))

    stamped, silent = find_sources([tmp_path])

    assert stamped.modified_at == datetime.fromtimestamp(1_700_000_000, UTC)
    assert abs(silent.modified_at.timestamp() - (tmp_path / "b.errlog.gz").stat().st_mtime) < 1
