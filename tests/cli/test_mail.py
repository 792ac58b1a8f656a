"""`report` with a mail: to a file, described, or sent; what is missing is told before anything is read."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

import pytest

from tests.morning.postbox import free_port, postbox


@pytest.fixture(scope="module")
def store(sample_store):
    """A store with the sample estate."""
    return sample_store


def site(tmp_path, port: int, more: str = ""):
    """A site file with a mail server on this machine."""
    path = tmp_path / "site.toml"
    mail = f'[mail]\nserver = "127.0.0.1"\nport = {port}\ntls = "none"\nfrom = "dpm@example.com"\n{more}'
    path.write_text(mail, encoding="utf-8")
    return path


def test_sent(dpm, store, tmp_path):
    """The verdict is its subject, and it is what --eml has."""
    with postbox() as (box, port):
        words = ("--site", site(tmp_path, port), "--mail-to", "a@example.com, b@example.com")
        done = dpm(
            "report", "--store", store, "--out", tmp_path / "r.html", "--eml", tmp_path / "m.eml", *words
        )

    assert done.code == 0, done.err
    assert box.mails[0]["Subject"].startswith("5 of 23 backups missed the window")
    kept = message_from_bytes((tmp_path / "m.eml").read_bytes(), policy=default)
    assert kept["Message-ID"] == box.mails[0]["Message-ID"]
    assert kept["To"] == "a@example.com, b@example.com"


def test_to_a_file_alone(dpm, store, tmp_path):
    """Without a server the mail is written and nothing is sent; a line says so."""
    file = tmp_path / "m.eml"
    done = dpm(
        "report", "--store", store, "--out", tmp_path / "r.md", "--mail-to", "a@example.com", "--eml", file
    )

    assert done.code == 0, done.err
    assert "m.eml (no server is named: not sent)" in " ".join(done.out.split())
    assert message_from_bytes(file.read_bytes(), policy=default)["To"] == "a@example.com"


def test_dry_run_sends_nothing(dpm, store, tmp_path):
    """It says what it would do, with a server that is not there."""
    words = ("--site", site(tmp_path, free_port()), "--mail-to", "a@example.com", "--dry-run")
    done = dpm("report", "--store", store, "--out", tmp_path / "r.md", *words)

    assert done.code == 0, done.err
    assert "Subject   5 of 23 backups missed" in done.out
    assert "Attached  report.html" in done.out


def test_a_dead_server(dpm, store, tmp_path):
    """The report is there, one line says what happened, and the exit code is 7."""
    words = ("--site", site(tmp_path, free_port()), "--mail-to", "a@example.com")
    done = dpm("report", "--store", store, "--out", tmp_path / "r.md", "--quiet", *words)

    assert done.code == 7
    assert "refuses the connection" in done.err
    assert len(done.err.splitlines()) == 1
    assert (tmp_path / "r.md").exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--mail-to", "ops"], "'ops' is no mail address"),
        (["--mail-to", "a@example.com"], "no mail server"),
        (["--dry-run"], "a mail to nobody"),
        (["--mail-to", "a@example.com", "--eml", "gone/m.eml"], "no such folder"),
    ],
)
def test_what_is_missing(dpm, store, tmp_path, words, expected):
    """Told at once, with exit code 2; nothing is written."""
    done = dpm("report", "--store", store, "--out", tmp_path / "r.md", *words)

    assert done.code == 2
    assert expected in done.err
    assert not (tmp_path / "r.md").exists()
