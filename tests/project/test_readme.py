"""README: its commands are there, and its generated parts are current."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from analytics.cli import docs
from analytics.errors import ConfigurationError

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def command(name: str) -> str:
    """The fenced command after a marker, as .ci/run takes it."""
    found = re.search(rf"<!-- command: {name} -->\n```sh\n(.*?)\n```\n", README, re.DOTALL)
    assert found
    return found[1]


def test_the_two_commands_come_first():
    """One line each: the main job on the samples, then the tests; before any other heading."""
    assert "analyze sample_logs/estate" in command("run")
    assert "-m pytest" in command("test")
    assert "\n" not in command("run") + command("test")
    assert README.index("command: run") < README.index("command: test") < README.index("\n## ")


def test_powershell_does_the_same():
    """The Windows form installs and runs the same."""
    block = README.split("```powershell\n")[1].split("```")[0]

    assert "dpm-analytics analyze sample_logs\\estate" in block
    assert command("test").partition("-m pytest")[2] in block


@pytest.mark.parametrize("name", docs.PARTS)
def test_a_generated_part_is_current(name):
    """What README says is what the declarations say; python -m analytics.cli.docs renews it."""
    parts = {match["name"]: match["body"] for match in docs.PART.finditer(README)}

    assert parts[name] == docs.PARTS[name]()


def test_check_tells_a_stale_part(tmp_path, monkeypatch, capsys):
    """--check ends with 1 and changes nothing; without it the part is renewed."""
    copy = tmp_path / "README.md"
    copy.write_text(README.replace("| code | meaning |", "| old |"), encoding="utf-8", newline="\n")
    monkeypatch.setattr(docs, "DOCUMENTS", {copy: docs.PARTS})
    monkeypatch.setattr(docs, "stale_heads", dict)

    assert docs.main(["--check"]) == 1
    assert "is not current" in capsys.readouterr().err
    assert "| old |" in copy.read_text(encoding="utf-8")
    assert docs.main([]) == 0
    assert docs.main(["--check"]) == 0
    assert "| old |" not in copy.read_text(encoding="utf-8")


def test_the_python_example_runs(tmp_path, monkeypatch, capsys):
    """The example does what it shows, on the samples."""
    from analytics.places import sample_logs_folder

    code = README.split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(code.replace('"sample_logs/estate"', repr(str(sample_logs_folder() / "estate"))), names)

    assert "window" in capsys.readouterr().out
    assert len(names["jobs"]) > 0
    assert len(names["offenders"]) > 0
    assert (tmp_path / "report.html").stat().st_size > 100_000


def test_a_lost_part_is_told():
    """A part that lost its marker does not go unnoticed."""
    with pytest.raises(ConfigurationError, match="each once"):
        docs.renewed(README.replace("<!-- generated: tables -->", ""), docs.PARTS, "README.md")


def test_readme_names_what_the_contract_names():
    """The licence, the samples and the changes have their place."""
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").lstrip().startswith("Apache License")
    assert "## Changes" in README
    assert shutil.which("git") is None or "bash .ci/run" in README
