"""Rule files are refused where they do not fit, with file, line and what would be right."""

from __future__ import annotations

import shutil

import pytest

from analytics.errors import ConfigurationError
from analytics.places import rules_folder
from analytics.tables.rules import RULE_FILES, read_rules

# errlog.csv
MARKER = "{marker},{scope},ABC,{file},{text},{match},false,,,,,true,V,a sample\n"
MARKER_CELLS = {
    "marker": "new_marker",
    "scope": "host",
    "file": "newfile.cpp",
    "text": "Something new",
    "match": "contains",
}
# events.csv
EVENT = (
    "new_event,{role},{channel},{provider},{id},{gives},{how},{by_what},"
    "{vhd},,,,,,,,{only_if},{contains},true,a sample\n"
)
EVENT_CELLS = {
    "role": "host",
    "channel": "Application",
    "provider": "New",
    "id": "1",
    "gives": "failure",
    "how": "context",
    "by_what": "time",
    "vhd": "",
    "only_if": "",
    "contains": "",
}


@pytest.fixture
def folder(tmp_path):
    """A copy of the rule files."""
    return shutil.copytree(rules_folder(), tmp_path / "rules")


def append(folder, file: str, line: str) -> int:
    """Add a line to a rule file; returns its number."""
    text = (folder / file).read_text(encoding="utf-8")
    (folder / file).write_text(text + line, encoding="utf-8", newline="\n")
    return text.count("\n") + 1


def refused(folder, name: str) -> str:
    """The complaint about the rules of a relation."""
    with pytest.raises(ConfigurationError) as caught:
        read_rules(folder, name)
    return str(caught.value)


def marker(**cells: str) -> str:
    """A line of errlog.csv."""
    return MARKER.format(**MARKER_CELLS | cells)


def event(**cells: str) -> str:
    """A line of events.csv."""
    return EVENT.format(**EVENT_CELLS | cells)


@pytest.mark.parametrize("name", RULE_FILES)
def test_the_shipped_rules_fit(name):
    """Every file fits its declaration, and has a row per line below its header."""
    lines = (rules_folder() / RULE_FILES[name].file).read_text(encoding="utf-8").splitlines()

    assert [rule.line for rule in read_rules(rules_folder(), name)] == list(range(2, len(lines) + 1))


@pytest.mark.parametrize(
    ("cells", "what", "right"),
    [
        ({"file": ""}, "contains without a file", "a file, or prefix"),
        ({"file": "", "match": "prefix", "text": "Abc"}, "'Abc' is short", "at least 8 letters"),
        ({"file": "NewFile.cpp"}, "'NewFile.cpp' is never found", "small letters"),
        ({"file": "new.c"}, "'new.c' is never found", "at least 8"),
        ({"match": "regex"}, "match is 'regex'", "one of contains, prefix"),
        ({"scope": "vm"}, "scope is 'vm'", "one of host, online, recovery_point, storage"),
        ({"marker": "create_pit_end"}, "create_pit_end has the scope recovery_point in line 11", "one scope"),
        ({"text": ""}, "text is empty", "What its message holds"),
        (
            {"file": "csvapi.cpp", "text": "xx Failed: Hr: = [0x8007173d] yy"},
            "match the same records",
            "another source",
        ),
        ({"file": "csvapi.cpp", "text": "Failed: Hr"}, "match the same records", "another source"),
        ({"file": "backupasync.cpp", "text": "Succeeded"}, "match the same records", "none holds the other"),
        ({"file": "", "match": "prefix", "text": "==>CreatePIT(Now"}, "match the same records", "none holds"),
        (
            {"file": "csvapi.cpp", "text": "Failed: Hr: = [0x8007173d]"},
            "the same file, text, match as line 4",
            "one line",
        ),
    ],
)
def test_an_errlog_rule_that_cannot_work(folder, cells, what, right):
    """Rules that no record reaches, or that take the records of another one, are refused with their line."""
    line = append(folder, "errlog.csv", marker(**cells))

    complaint = refused(folder, "marker_rules")

    assert complaint.startswith(f"{folder / 'errlog.csv'}:{line}: ")
    assert what in complaint
    assert right in complaint


@pytest.mark.parametrize(
    ("cells", "what", "right"),
    [
        ({"id": "x"}, "event_id is 'x'", "a number, or *"),
        ({"id": "*", "provider": "New*"}, "all events of many providers", "not in both"),
        ({"gives": "t2"}, "gives t2 but how is context", "context for all but t1, t2"),
        ({"how": "observes"}, "gives failure but how is observes", "context for all but"),
        ({"gives": "t1", "how": "observes"}, "t1 is taken in the guest", "role guest"),
        ({"gives": "truth"}, "gives is 'truth'", "one of t1, t2"),
        ({"how": "maybe"}, "how is 'maybe'", "one of observes"),
        ({"role": "printer"}, "role is 'printer'", "one of host"),
        ({"by_what": "path"}, "by_what is path but field_vhd is empty", "the field that holds it"),
        ({"by_what": "pointer", "vhd": "File"}, "but field_pointer is empty", "the field that holds it"),
        ({"only_if": "Device"}, "half a condition", "only_if_field and only_if_contains"),
        ({"contains": "shadow"}, "half a condition", "or none of them"),
        ({"vhd": "File Name"}, "field_vhd is 'File Name'", "the name of a field"),
        ({"vhd": "A|B|C"}, "field_vhd is 'A|B|C'", "two with | between"),
        ({"provider": "vss", "id": "8193", "role": "any"}, "the same role, channel", "one line each"),
        (
            {"provider": "vss", "id": "8193", "channel": ""},
            "vss/8193 is named in line",
            "one rule per provider",
        ),
        ({"provider": "SQLAgent$X", "id": "208", "role": "any"}, "SQLAgent$X/208 is named", "one rule"),
        (
            {"provider": "DPM-EM", "channel": "DPM Alerts", "role": "dpm-server"},
            "DPM-EM/1 is named",
            "one rule",
        ),
    ],
)
def test_an_event_rule_that_cannot_work(folder, cells, what, right):
    """Rules that no event reaches, or whose events another rule names, are refused with their line."""
    line = append(folder, "events.csv", event(**cells))

    complaint = refused(folder, "event_rules")

    assert complaint.startswith(f"{folder / 'events.csv'}:{line}: ")
    assert what in complaint
    assert right in complaint


@pytest.mark.parametrize(
    ("name", "line", "what"),
    [
        ("explanations", "error,abc,Something.,x\n", "error 'abc' (an error id of DPM, a number)"),
        ("explanations", "hresult,8007,Something.,x\n", "hresult '8007' (0x and eight small"),
        (
            "explanations",
            "event,VSS/8224,Something.,x\n",
            "no rule of events.csv gives failure for 'VSS/8224'",
        ),
        ("explanations", "error,104,Again.,x\n", "the same kind, key as line"),
        ("explanations", "warning,1,Something.,x\n", "kind is 'warning' (one of error, hresult, event)"),
        (
            "job_categories",
            "Shadow Copy,express_full,x\n",
            "category 'Shadow Copy' is never found ('shadow copy')",
        ),
        ("job_categories", "new,fullish,x\n", "kind is 'fullish' (one of express_full"),
        ("job_statuses", " odd ,failed,true,x\n", "status ' odd ' is never found ('odd')"),
        ("job_statuses", "odd,failed,yes,x\n", "is_final is 'yes' (true or false)"),
        (
            "event_channels",
            "System,printer,vhd_mounts,default,,x\n",
            "role is 'printer' (one of hyper-v-host",
        ),
    ],
)
def test_other_rules_that_cannot_work(folder, name, line, what):
    """Keys of the wrong form, unknown values and doubled keys are refused with their line."""
    number = append(folder, RULE_FILES[name].file, line)

    assert f"{RULE_FILES[name].file}:{number}: {what}" in refused(folder, name)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda text: text.replace("marker,", "marker,colour,", 1), "errlog.csv:1: unknown colour"),
        (lambda text: text.replace(",eras", "", 1), "errlog.csv:1: missing eras"),
        (
            lambda text: text.replace("marker,scope", "scope,marker", 1),
            "errlog.csv:1: the columns stand in another order",
        ),
        (lambda text: text + "one,two\n", " has 2 cells"),
        (lambda text: text[:0], "errlog.csv:1: missing marker"),
    ],
)
def test_a_file_that_is_no_table_of_these_rules(folder, change, what):
    """Columns that are unknown or lack, and short lines, are told."""
    path = folder / "errlog.csv"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")

    complaint = refused(folder, "marker_rules")

    assert what in complaint
    assert "columns marker,scope" in complaint or "cells" in complaint


def test_a_file_that_is_not_there(folder):
    """A missing file is told with its path."""
    (folder / "channels.csv").unlink()

    assert "channels.csv: cannot be read" in refused(folder, "event_channels")
