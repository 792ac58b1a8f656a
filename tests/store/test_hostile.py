"""A store from elsewhere is safe to open: nothing that it names leads out of it, and nothing in it ends in a trace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analytics.cli import main
from analytics.errors import StoreError
from analytics.store import Store, compact, examine
from analytics.store.manifest import newest_number, path_of
from analytics.store.sealed import seal
from tests.store.test_snapshot import add_night

SHA = "0" * 64
OUTSIDE = [
    "../victim.parquet",
    "trace/../../victim.parquet",
    "trace/week=2025-W02/../../../victim.parquet",
    "/etc/passwd",
    "C:/Windows/win.ini",
    "C:victim.parquet",
    "\\\\evil\\share\\aaaaaaaaaaaaaaaa.parquet",
    "//evil/share/aaaaaaaaaaaaaaaa.parquet",
    "trace\\..\\..\\aaaaaaaaaaaaaaaa.parquet",
    "trace/week=2025-W02/*.parquet",
    "trace/week=2025-W02/con.parquet",
    "trace/week=2025-W02/aaaaaaaaaaaaaaaa.parquet:stream",
    "trace/week=2025-W02/aaaaaaaaaaaaaaaa.parquet\n",
    "trace/week=2025-W02/aaaaaaaa\0aaaaaaaa.parquet",
    "_manifests/00000001.json",
    "store.json",
    "",
    "s3://bucket/aaaaaaaaaaaaaaaa.parquet",
]


@pytest.fixture
def store(tmp_path) -> Store:
    """A store of two commits."""
    made = Store.create_or_open(tmp_path / "store")
    for night in range(2):
        add_night(made, night)
    return made


def document(store: Store) -> dict[str, object]:
    """The newest manifest without its checksum."""
    text = path_of(store.path, newest_number(store.path)).read_text(encoding="utf-8")
    return {key: value for key, value in json.loads(text).items() if key != "sha256"}


def replace_manifest(store: Store, text: str) -> None:
    """Put another text in the place of the newest manifest."""
    path_of(store.path, newest_number(store.path)).write_text(text, encoding="utf-8")


def is_refused(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], query: str = "SELECT 1"
) -> bool:
    """Whether every command ends in one line, exit code 2, and leaves what lies beside the store alone."""
    beside = sorted(path.name for path in tmp_path.iterdir())
    logs = tmp_path / "logs"
    logs.mkdir(exist_ok=True)
    for words in (["sql", query], ["ingest", str(logs)], ["report", "--out", str(tmp_path / "r.json")]):
        code = main([*words, "--store", str(store.path)])
        error = capsys.readouterr().err
        assert code == 2, error
        assert len(error.splitlines()) == 1, error
    assert main(["check", "--store", str(store.path), "--quiet"]) == 2
    assert "Traceback" not in capsys.readouterr().err
    logs.rmdir()
    return sorted(path.name for path in tmp_path.iterdir()) == beside


class TestManifest:
    @pytest.mark.parametrize("name", OUTSIDE)
    @pytest.mark.parametrize("place", ["parts", "retired"])
    def test_names_lead_nowhere_else(self, store, tmp_path, name, place, capsys):
        """A part outside of the store is refused, and nothing outside is read, written or removed."""
        victim = tmp_path / "victim.parquet"
        victim.write_bytes(b"safe")
        body = document(store)
        if place == "parts":
            body["parts"].append({"name": name, "rows": 1, "bytes": 4, "sha256": SHA})
        else:
            body["retired"][name] = 0
        replace_manifest(store, seal(body))

        assert is_refused(store, tmp_path, capsys)
        assert victim.read_bytes() == b"safe"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[]",
            "7",
            "null",
            "{}",
            '"x"',
            "[" * 100_000,
            "{" + '"a":' * 5,
            "\0" * 50,
            '{"sha256": null}',
            "\ud7ff\ufeff",
        ],
    )
    def test_a_torn_or_foreign_text(self, store, tmp_path, text, capsys):
        """It ends in one line."""
        replace_manifest(store, text)
        assert is_refused(store, tmp_path, capsys)

    @pytest.mark.parametrize("cut", [0.1, 0.5, 0.9, 0.999])
    def test_a_torn_manifest(self, store, tmp_path, cut, capsys):
        """One that was cut anywhere ends in one line; check mends it from what lies in the folders."""
        whole = path_of(store.path, newest_number(store.path)).read_text(encoding="utf-8")
        names = set(store.manifest().parts)
        replace_manifest(store, whole[: int(cut * len(whole))])
        assert is_refused(store, tmp_path, capsys)
        assert main(["check", "--store", str(store.path), "--mend", "--quiet"]) == 0
        assert set(store.manifest().parts) == names

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("format", 3), ("number", -1), ("number", "2"), ("parts", None), ("parts", {"a": 1}), ("parts", [7]),
            ("parts", [{}]), ("retired", []), ("retired", {"vms/aaaaaaaaaaaaaaaa.parquet": "x"}), ("losses", None),
            ("losses", [{}]), ("losses", [[]]), ("losses", [{"source_id": 1, "path": "", "sha256": ""}]),
            ("parts", [{"name": "vms/aaaaaaaaaaaaaaaa.parquet", "rows": -1, "bytes": True, "sha256": SHA}]),
            ("parts", [{"name": "vms/aaaaaaaaaaaaaaaa.parquet", "rows": 1, "bytes": 1, "sha256": "../x"}]),
            ("parts", [{"name": "vms/aaaaaaaaaaaaaaaa.parquet", "rows": 1, "bytes": 1, "sha256": SHA}] * 2),
        ],
    )  # fmt: skip
    def test_a_field_that_is_none(self, store, tmp_path, field, value, capsys):
        """Fields are missing, of another type, negative, or name a part twice: one line."""
        replace_manifest(store, seal({**document(store), field: value}))
        assert is_refused(store, tmp_path, capsys)

    def test_a_number_beyond_all_commits(self, store):
        """A manifest that claims the last number there is cannot be followed by another: a writer says so."""
        replace_manifest(store, seal({**document(store), "number": 99_999_999}))
        path_of(store.path, newest_number(store.path)).rename(path_of(store.path, 99_999_999))
        with pytest.raises(StoreError, match="number"):
            add_night(store, 3)
        assert len(store.files("trace")) == 2

    def test_no_manifest_at_all(self, store, tmp_path, capsys):
        """A store that lost it is refused, not empty."""
        path_of(store.path, newest_number(store.path)).unlink()
        assert is_refused(store, tmp_path, capsys)


def link(place: Path, target: Path) -> None:
    """A symbolic link, where this system and user may make one."""
    try:
        place.symlink_to(target, target_is_directory=target.is_dir())
    except OSError:
        pytest.skip("no right to make links")


class TestLinks:
    @pytest.mark.parametrize("folder", ["trace", "trace/week=2025-W02", "sources", "_manifests"])
    def test_a_folder_that_leads_out(self, store, tmp_path, folder, capsys):
        """Its parts count as missing: nothing beyond a link is read, merged or removed."""
        outside = tmp_path / "outside"
        (store.path / folder).rename(outside)
        link(store.path / folder, outside)
        listed = sorted(path.name for path in outside.rglob("*"))

        assert is_refused(store, tmp_path, capsys)
        assert sorted(path.name for path in outside.rglob("*")) == listed

    def test_a_part_that_is_a_link(self, store, tmp_path, capsys):
        """The file behind it may be anybody's: it counts as missing."""
        part, outside = store.files("trace")[0], tmp_path / "outside.parquet"
        part.rename(outside)
        link(part, outside)

        assert is_refused(store, tmp_path, capsys)

    @pytest.mark.parametrize("name", ["_staging", "_readers"])
    def test_a_working_folder_that_leads_out(self, store, tmp_path, name):
        """What lies beyond is not taken for rubbish."""
        folder, outside = store.path / name, tmp_path / "outside"
        if folder.exists():
            folder.rmdir()
        outside.mkdir()
        for kept in ("0123456789abcdef", "00000000-0123456789abcdef.lock", "letter.txt"):
            (outside / kept).write_text("mine", encoding="utf-8")
        link(folder, outside)
        with store.writing():
            pass
        with store.snapshot():
            pass

        assert len(list(outside.iterdir())) == 3

    @pytest.mark.parametrize(
        "name", ["write.lock", "ingest.json", "ingest.json.draft", "_manifests/00000003.json.draft"]
    )
    def test_a_file_that_leads_out(self, store, tmp_path, name):
        """What a link points at is not written to."""
        victim = tmp_path / "victim"
        victim.write_text("safe", encoding="utf-8")
        (store.path / name).unlink(missing_ok=True)
        link(store.path / name, victim)
        try:
            add_night(store, 3)
            with store.ingesting(["C:/Logs"]):
                pass
        except StoreError:
            assert name == "write.lock"

        assert victim.read_text(encoding="utf-8") == "safe"

    def test_a_lock_with_a_second_name(self, store, tmp_path):
        """A hard link is no better: locking would empty the file under its other name."""
        victim = tmp_path / "victim"
        victim.write_text("safe", encoding="utf-8")
        (store.path / "write.lock").unlink(missing_ok=True)
        (store.path / "write.lock").hardlink_to(victim)
        with pytest.raises(StoreError, match=r"write\.lock is a link"), store.writing():
            pass
        with store.snapshot() as snapshot:
            assert not (snapshot.ingest and snapshot.ingest.is_running)

        assert victim.read_text(encoding="utf-8") == "safe"


class TestParts:
    def test_a_part_with_other_columns(self, store, tmp_path, capsys):
        """A foreign Parquet file under the name of a part, with a manifest that fits: one line, from check as well."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        from analytics.store.disk import sha256_of

        part = store.files("sources")[0]
        pq.write_table(pa.table({"source_id": [[1, 2]], "path": [3]}), part)
        body = document(store)
        for entry in body["parts"]:
            if entry["name"].endswith(part.name) and entry["name"].startswith("sources"):
                entry.update(bytes=part.stat().st_size, sha256=sha256_of(part), rows=1)
        replace_manifest(store, seal(body))

        assert is_refused(store, tmp_path, capsys, "SELECT * FROM sources")

    def test_staging_names_remove_nothing_else(self, store):
        """A folder of another name in `_staging` is rubbish, but tells nobody what to remove."""
        kept = store.path / "trace" / "week=2025-W02" / "mine.parquet"
        kept.write_bytes(b"mine")
        for name in ("mine", "[a-z]", "0123456789abcdef"):
            (store.path / "_staging" / name).mkdir(parents=True)
        with store.writing():
            compact(store)

        assert kept.read_bytes() == b"mine"
        assert list((store.path / "_staging").iterdir()) == []
        assert not examine(store).damages
