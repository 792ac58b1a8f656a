"""Explain says what a pasted error means, and what a refused file lacks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SENTENCES = {
    "English": "DPM failed. (ID 30111 Details: VssError: The writer experienced a transient error. (0x800423F3))",
    "Japanese": "失敗しました。 (ID 30111 詳細: VssError: 一時的なエラーが発生しました。 (0x800423F3))",
    "German": "Fehler bei DPM. (ID 30111 Details: VssError: Vorübergehender Fehler. (0x800423F3))",
    "Russian": "Сбой. (ID 30111 Сведения: VssError: временная ошибка (0x800423f3))",
    "full-width": "失败（ID 30111 详细信息：VssError：暂时性错误（0x800423F3））",
    "broken over lines": "DPM failed.\n(ID 30111 Details:\nVssError: transient\n(0x800423F3))\n",
    "quoted": "> DPM failed. (ID: 30111)\n> Internal error code: 0x800423F3\n",
    "decimal": "ErrorCode 30111? No: ID 30111, hr = -2147212301",
}


def meanings(said: str) -> dict[str, str]:
    """Explanation by code."""
    return {each["code"]: each["explanation"] for each in json.loads(said)["meanings"]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("language", SENTENCES)
def test_a_pasted_sentence_is_explained(dpm, tmp_path: Path, language: str, encoding: str) -> None:
    """A file with one sentence, in any language: what the DPM error and the HRESULT in it mean."""
    file = tmp_path / "error.txt"
    file.write_text(SENTENCES[language], encoding=encoding)
    said = dpm("explain", "--json", file)
    found = meanings(said.out)
    assert said.code == 0
    assert set(found) == {"ID 30111", "0x800423f3"}
    assert found["ID 30111"].startswith("A VSS writer or provider is in a bad state")
    assert found["0x800423f3"].startswith("A VSS writer asked to try again")


@pytest.mark.parametrize(
    "said",
    [
        "0x800423F3",
        "-2147212301",
        "30111",
        "Error 30111",
        "DPM error code: 30111",
        "(ID 30111 Details: x\\y 0x800423F3)",
    ],
)
def test_a_code_is_explained_without_a_file(dpm, said: str) -> None:
    """An HRESULT, an error id or a sentence as the argument itself."""
    done = dpm("explain", said)
    assert done.code == 0
    assert "A VSS writer" in done.out
    assert "File" not in done.out
    assert set(meanings(dpm("explain", "--json", said).out)) <= {"ID 30111", "0x800423f3"}


@pytest.mark.parametrize("said", ["12", "no-such-file.errlog", "C:\\0x800423F3\\x.errlog"])
def test_what_names_no_error_is_a_file(dpm, said: str) -> None:
    """A file that is not there is still told as such, also with a code in its path."""
    done = dpm("explain", said)
    assert done.code == 5
    assert "no such file" in done.err or "name" in done.err


@pytest.mark.parametrize("said", ["backup of 4711 failed", "terror 30111", "error 301110000"])
def test_a_sentence_without_a_code(dpm, said: str) -> None:
    """It is no file either: what would be a code is said."""
    done = dpm("explain", said)
    assert done.code == 5
    assert done.err.endswith("no such file, and no code in it (a code is like ID 32612 or 0x8007173D)\n")


def test_a_table_without_its_header(dpm, tmp_path: Path) -> None:
    """What a CSV is told by is said."""
    file = tmp_path / "jobs.csv"
    file.write_text("9F,SQL01,Succeeded\n", encoding="utf-8")
    assert "no known log format: its first line is no header that is known" in " ".join(
        dpm("explain", file).out.split()
    )


def test_the_evidence_of_a_format_is_in_words(dpm) -> None:
    """No mark is left that only the notes explain."""
    sample = Path(__file__).resolve().parents[2] / "sample_logs" / "jobs-csv" / "jobs.csv"
    said = " ".join(dpm("explain", sample).out.split())
    assert "(seen in a public source)" in said
    assert "[V]" not in said


def test_an_error_of_windows(dpm) -> None:
    """Of an HRESULT that only wraps an error of Windows, Windows itself can tell."""
    assert "net helpmsg 53 says" in " ".join(dpm("explain", "0x80070035").out.split())
    assert "helpmsg" not in dpm("explain", "0x80041002").out


def test_a_long_text_is_no_name(dpm) -> None:
    """Longer than any file is called: its codes are explained; without any it is one line."""
    assert "A VSS writer" in dpm("explain", "x" * 5000 + " 0x800423F3").out
    done = dpm("explain", "x" * 5000)
    assert done.code == 2
    assert "too long" in done.err


def test_standard_input(process) -> None:
    """A sentence that is piped, as Get-Clipboard does; the source of the explanation stands behind it."""
    done = process(
        "explain", "-", stdin="Fehler (ID 32612 Details: belegt (0x8007173D))\r\n".encode("cp1252")
    )
    said = " ".join(done.stdout.decode().split())
    assert done.returncode == 0
    assert "Meaning ID 32612: Another backup held the Cluster Shared Volume" in said
    assert "0x8007173d: A backup was in progress" in said
    assert "(KB 2549533)" in said


@pytest.mark.parametrize("said", [b"32612", b"error 32612\r\n", b"0x8007173D"])
def test_a_code_alone_is_piped(process, said: bytes) -> None:
    """As it is an argument."""
    done = process("explain", "-", stdin=said)
    assert done.returncode == 0
    assert b"Meaning" in done.stdout


def test_what_is_piped_holds_no_code(process) -> None:
    """One line that says what a code is, and no table of what is unknown."""
    done = process("explain", "-", stdin=b"The backup did not work again.\r\n")
    said = b"no known format, and no code in it (a code is like ID 32612 or 0x8007173D)"
    assert (done.returncode, done.stdout) == (5, b"")
    assert said in done.stderr


def test_what_is_not_known_is_said(dpm, tmp_path: Path) -> None:
    """An id or HRESULT without explanation is named as such; other numbers are none."""
    file = tmp_path / "error.txt"
    file.write_text(
        "Backup 4711 of 2025-02-03 failed (ID 99999 Details: x (0x8ABCDEF0)), Event ID: 5", encoding="utf-8"
    )
    found = meanings(dpm("explain", "--json", file).out)
    assert set(found) == {"ID 99999", "0x8abcdef0"}
    assert all(text.startswith("not among the explanations") for text in found.values())


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("53", "The protection agent could not be talked to"),
        (
            "DPM failed to communicate with HV01 (ID 53 Details: x (0x800706BA))",
            "The protection agent could not be",
        ),
        ("ID 3130", "The recovery point is valid, but single files cannot be recovered"),
        ("error 100034", "The Azure backup agent could not create the snapshot"),
        ("(ID: 30136)", "Disks were added, removed or changed"),
    ],
)
def test_the_usual_errors_are_explained(dpm, said: str, meaning: str) -> None:
    """By number, or in the sentence that DPM shows; Microsoft's list of error codes stands behind it."""
    out = " ".join(dpm("explain", said).out.split())

    assert f"{meaning}" in out
    assert "(vnext-dpm-error-codes)" in out


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("DPM encountered a retryable VSS error.", ["ID 30112"]),
        ("RETRYABLE vss", ["ID 30112"]),
        ("再試行可能な VSS エラー", ["ID 30112"]),
        ("DPM failed to communicate with HV01 because the agent is not responding", ["ID 43"]),
        ("DPM failed to communicate with HV01 because access is denied.", ["ID 42"]),
        ("The replica of SQL on HV01 is inconsistent with the protected data source.", ["ID 3106"]),
        ("VSS_E_WRITERERROR_TIMEOUT", ["0x800423f2"]),
        ("vss_e_unexpected", ["0x80042302"]),  # not the longer name that begins so
        ("hold_writes", ["0x80042314"]),
        ("Writer: SqlServerWriter  Last error:   Timed out", ["0x800423f2"]),
        ("VSS_WS_FAILED_AT_FREEZE", ["VSS_WS_FAILED_AT_FREEZE"]),
        ("failed_at_", [f"VSS_WS_FAILED_AT_{at}" for at in (
            "IDENTIFY", "PREPARE_BACKUP", "PREPARE_SNAPSHOT", "FREEZE", "THAW", "POST_SNAPSHOT", "BACKUP_COMPLETE"
        )]),
        ("DPM encountered a retryable VSS error. (ID 104)", ["ID 104"]),  # the number says more
        ("0x80780054", ["0x80780054"]),
    ],
)  # fmt: skip
def test_words_instead_of_a_number(dpm, said: str, codes: list[str]) -> None:
    """Sentences of DPM, last errors of vssadmin and names of VSS, a part of them, in any case."""
    found = meanings(dpm("explain", "--json", said).out)

    assert list(found) == codes
    assert not any(text.startswith("not among") for text in found.values())


@pytest.mark.parametrize("said", ["timed out", "because access is denied", "The job was late"])
def test_words_that_say_nothing_of_their_own(dpm, said: str) -> None:
    """What may stand in any text, or in none, is not explained by a guess."""
    done = dpm("explain", f"{said}, they told me")
    assert (done.code, done.out) == (5, "")


def test_the_site_explains_first(dpm, tmp_path: Path) -> None:
    """The site file's own sentence replaces ours."""
    site = tmp_path / "site.toml"
    site.write_text('[rules]\nexplanations = { "error/30111" = "Ask the storage team." }\n', encoding="utf-8")
    file = tmp_path / "error.txt"
    file.write_text(SENTENCES["English"], encoding="utf-8")
    assert meanings(dpm("explain", "--json", "--site", site, file).out)["ID 30111"] == "Ask the storage team."


def test_a_line_of_a_log_and_a_pasted_event(dpm, tmp_path: Path) -> None:
    """The codes of one line of a log, and the event itself of a pasted one, are explained; a whole log is not."""
    row = "0AB0\t0974\t08/04\t13:16:29.206\t31\tcsvapi.cpp(400)\t\t\tWARNING\tFailed: Hr: = [0x8007173d] : busy\n"
    log = tmp_path / "DPMRACurr.errlog"
    log.write_text(row, encoding="utf-8")
    assert set(meanings(dpm("explain", "--json", f"{log}:1").out)) == {"0x8007173d"}
    assert meanings(dpm("explain", "--json", log).out) == {}
    event = tmp_path / "event.txt"
    event.write_text(
        "Log Name: Microsoft-Windows-Hyper-V-VMMS-Admin\nSource: Microsoft-Windows-Hyper-V-VMMS\n"
        "Date: 2/3/2024 10:10:04 PM\nEvent ID: 10111\nLevel: Error\nComputer: HV01\nDescription:\nfailed\n",
        encoding="utf-8",
    )
    found = meanings(dpm("explain", "--json", event).out)
    assert found["Microsoft-Windows-Hyper-V-VMMS/10111"].startswith("The host could not mount the VHD")


def test_a_refused_file_names_the_nearest_formats(dpm, tmp_path: Path) -> None:
    """What a file lacks of the format it comes near to is said."""
    file = tmp_path / "jobs.csv"
    file.write_text("Status,Datasource,StartTime,EndTime\n1,2,3,4\n", encoding="utf-8")
    said = dpm("explain", file)
    assert said.code == 0
    words = " ".join(said.out.split())
    assert "Nearest jobs-csv (4 of 16 columns; missing TaskId, JobCategory" in words
