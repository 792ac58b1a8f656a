"""Completion: bash is really asked; the scripts of all shells know every command, option and named query."""

from __future__ import annotations

import os
import subprocess

import pytest

from analytics.cli.arguments import COMMANDS, command_parser
from analytics.cli.completion import script
from analytics.errors import UsageError
from analytics.sql import catalogue

ASK = """
ask() {
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    "$(complete -p dpm-analytics | sed 's/.*-F \\([^ ]*\\).*/\\1/')" "$1" "${@: -1}" "${@: -2:1}"
    echo "${COMPREPLY[@]}"
}
"""
ASKED = {
    "re": {"report"},
    "report --st": {"--store"},
    "report --store est": {"estate"},
    "report --store site": {""},
    "report --site si": {"site.toml"},
    "analyze est": {"estate"},
    "analyze estate --trace ": {"all", "markers"},
    "analyze --trace markers site": {"site.toml"},
    "sql offen": {"offenders"},
    "sql --store estate phase": {"phases", "phase_shares"},
    "sql --format p": {"parquet"},
    "completion ": {"bash", "powershell", "zsh"},
    "explain --nothing": {""},
}


@pytest.mark.skipif(os.name == "nt", reason="the bash of Windows is that of another system")
def test_bash_completes(tmp_path):
    """Bash runs the script and is asked as the Tab key asks: commands, options, values, files, folders, names."""
    (tmp_path / "estate").mkdir()
    (tmp_path / "site.toml").touch()
    words = "\n".join(
        "ask dpm-analytics " + " ".join(f"'{word}'" for word in line.split(" ")) for line in ASKED
    )
    done = subprocess.run(
        ["bash", "-euo", "pipefail"],
        input=script("bash") + ASK + words,
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert done.stderr == ""
    assert [set(line.split(" ")) for line in done.stdout.splitlines()] == list(ASKED.values())


@pytest.mark.parametrize("shell", ["bash", "powershell", "zsh"])
def test_every_script_knows_all(shell):
    """Each command, each of its options and each named query stands in the script."""
    text = script(shell)
    options = {flag for name in COMMANDS for flag in command_parser(name)._option_string_actions}

    assert [word for word in {*COMMANDS, *options, *catalogue()} if word not in text] == []


def test_an_unknown_shell_is_told():
    """One line names the shells there are."""
    with pytest.raises(UsageError, match="choose from"):
        command_parser("completion").parse_args(["tcsh"])
