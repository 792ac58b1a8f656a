"""Entries of the site file that fit nothing: told one by one, in the report, and without effect."""

from __future__ import annotations

import pytest

from analytics.cli import main
from analytics.errors import ConfigurationError
from analytics.report.build import build_report
from analytics.site import load_site
from tests.model.plain_estate import Estate, day, moment, nightly

FINDINGS = "SELECT entry_key, entry, finding FROM site_findings ORDER BY ALL"


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    """One VM, nightly from the fourth night on."""
    runs = nightly("SQL01", range(3, 8), group="Tier 1")
    return Estate(tmp_path_factory.mktemp("estate")).add(runs, collected=moment(8, 12))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"[vms]\nprotected_until = {{ GHOST = {day(5)} }}\n",
            ("[vms] protected_until", "GHOST", "names_no_vm"),
        ),
        (f"[vms]\nprotected_until = {{ sql01 = {day(5)} }}\n", None),
        (f"[vms]\nprotected_until = {{ SQL01 = {day(3)} }}\n", None),
        (
            f"[vms]\nprotected_until = {{ SQL01 = {day(2)} }}\n",
            ("[vms] protected_until", "SQL01", "ends_before_first"),
        ),
        ('[vms]\nschedule = { "ERP*" = "daily" }\n', ("[vms] schedule", "ERP*", "names_no_vm")),
        ('[vms]\nschedule = { "sql*" = "daily" }\n', None),
        ('[vms]\nexclude = ["*-template"]\n', ("[vms] exclude", "*-template", "names_no_vm")),
        ('[vms]\nguest_level_never = ["LINUX*"]\n', ("[vms] guest_level_never", "LINUX*", "names_no_vm")),
        ('[vms]\nguest_level_always = ["FILE01"]\n', ("[vms] guest_level_always", "FILE01", "names_no_vm")),
        ('[vms]\ncost = { "sql*" = 3, GHOST = 2 }\n', ("[vms] cost", "GHOST", "names_no_vm")),
        (
            '[[sla]]\nrule = "rpo_disk"\nvms = ["SQL0?", "ORA*"]\n',
            ("[[sla]] vms", "ORA*", "names_no_vm"),
        ),
        ('[[sla]]\nrule = "rpo_disk"\ngroup = "Tier 9"\n', ("[[sla]] group", "Tier 9", "names_no_group")),
        ('[[sla]]\nrule = "rpo_disk"\ngroup = "Tier 1"\n', None),
        ("", None),
    ],
)
def test_what_fits_nothing(estate, text, expected):
    """A name that nobody bears, a group without jobs, an end before the beginning."""
    assert [tuple(row.values()) for row in estate.rows(FINDINGS, text)] == ([expected] if expected else [])


def test_an_empty_store_has_no_names(tmp_path):
    """Where nothing was read no name is wrong."""
    empty = Estate(tmp_path)

    assert empty.rows(FINDINGS, '[vms]\nexclude = ["A"]\n[[sla]]\nrule = "rpo_disk"\ngroup = "B"\n') == []


def test_one_line_each_and_a_check_in_the_report(estate, tmp_path, capsys):
    """On stderr with file, key, value and what would be right; in the report among its checks; the report is made."""
    site = tmp_path / "site.toml"
    site.write_text(f"[vms]\nprotected_until = {{ GHOST = {day(5)}, SQL01 = {day(1)} }}\n", encoding="utf-8")
    store, out = str(estate.folder / "store"), str(tmp_path / "report.json")

    assert main(["report", "--store", store, "--site", str(site), "--out", out, "--quiet"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "[vms] protected_until: GHOST is the name of no VM" in lines[0]
    assert f"[vms] protected_until: SQL01 ends before the first job of the VM ({day(3)})" in lines[1]
    with estate.session(site.read_text(encoding="utf-8")) as session:
        checks = {check.check: check for check in build_report(session).checks}
    assert (checks["site_file"].status, "GHOST, SQL01" in checks["site_file"].said) == ("warn", True)


def test_rules_that_overlap_are_wrong(tmp_path):
    """Of two rules for one machine on one night neither can be meant: exit code 2, with the first night of both."""
    path = tmp_path / "site.toml"
    path.write_text(
        '[[sla]]\nrule = "rpo_disk"\nvms = ["A"]\nuntil = 2025-03-10\n'
        '[[sla]]\nrule = "rpo_disk"\nvms = ["a"]\nfrom = 2025-03-10\n',
        encoding="utf-8",
    )

    with pytest.raises(ConfigurationError, match=r"2025-03-10") as caught:
        load_site(path)

    assert caught.value.exit_code == 2
    path.write_text(
        path.read_text(encoding="utf-8").replace("from = 2025-03-10", "from = 2025-03-11"), encoding="utf-8"
    )
    assert len(load_site(path).sla) == 2
