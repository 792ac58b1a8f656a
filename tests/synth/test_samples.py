"""The simulated samples in sample_logs/ are what the commands in its README make."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from analytics.synth import Knobs, knob_fields, write_estate

REPOSITORY = Path(__file__).parents[2]
SAMPLES = REPOSITORY / "sample_logs"
TRUTHS = REPOSITORY / "tests" / "golden" / "truth"
COMMANDS = {
    line.split()[2].removeprefix("sample_logs/"): shlex.split(line)[3:]
    for line in (SAMPLES / "README.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("dpm-analytics synth ")
}


def knobs_of(options: list[str]) -> Knobs:
    """The knobs that these options mean; an option without a value is a flag."""
    fields = {knob.name: knob for knob in knob_fields()}
    values: dict[str, object] = {}
    for option, following in zip(options, [*options[1:], "--"], strict=True):
        if option.startswith("--"):
            name = option.removeprefix("--").replace("-", "_")
            values[name] = True if following.startswith("--") else fields[name].parse(following)
    return Knobs(**values)  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, bytes]:
    """Relative path -> bytes of all files."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("name", COMMANDS)
def test_sample_is_what_its_command_makes(tmp_path: Path, name: str) -> None:
    """The command in the README makes the sample and its truth, byte for byte."""
    truth = write_estate(tmp_path / name, knobs_of(COMMANDS[name]))

    assert contents(tmp_path / name) == contents(SAMPLES / name)
    assert contents(truth.folder) == contents(TRUTHS / name)


def test_every_truth_has_its_sample() -> None:
    """Samples, truths and commands are the same set; together the samples stay under 2 MB."""
    size_bytes = sum(len(data) for name in COMMANDS for data in contents(SAMPLES / name).values())

    assert {path.name for path in TRUTHS.iterdir()} == set(COMMANDS)
    assert size_bytes < 2_000_000
