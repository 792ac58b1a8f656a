"""The view perhaps_run: nights on which a backup may have run that nothing shows, and of whom nothing is said."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.model.views import Row, rows_of

NIGHT, EARLIER = dt.date(2025, 2, 5), dt.date(2025, 2, 3)
KNOWN: Row = {
    "job_id": "K",
    "vm": "A",
    "night": EARLIER,
    "level": "host",
    "kind": "express_full",
    "owes_sla": True,
}
KNOWN |= {"host": "HV01", "dpm_server": "DPM01", "evidence": "record", "record_started_at": 0}
LOST: Row = KNOWN | {"job_id": "L", "night": NIGHT, "evidence": "log", "record_started_at": None}


def perhaps(*jobs: Row, **given: list[Row]) -> set[tuple[str, dt.date]]:
    """VM and night of each row."""
    rows = rows_of("perhaps_run", job_base=list(jobs), **given)
    assert all(row["vm"] for row in rows)
    return {(row["vm"], row["night"]) for row in rows}


class TestUnnamed:
    def test_on_its_host(self):
        """Each VM of a host whose job of that night no log names; once, whatever the host is called."""
        unnamed = LOST | {"vm": None, "host": "hv01.contoso.local"}
        others = [KNOWN | {"vm": "B", "host": "HV02"}, KNOWN | {"vm": "C", "host": None}]

        assert perhaps(KNOWN, *others, unnamed, unnamed | {"job_id": "L2"}) == {("A", NIGHT)}

    def test_on_a_host_of_which_no_vm_is_known(self):
        """Nothing is said of nobody."""
        assert perhaps(LOST | {"vm": None, "host": "HV09"}, KNOWN) == set()
        assert perhaps(LOST | {"vm": None, "host": None}, KNOWN | {"host": None}) == set()

    @pytest.mark.parametrize(
        ("change", "is_one"),
        [
            ({"kind": "other", "owes_sla": False}, True),
            ({"kind": "online", "owes_sla": False}, False),
            ({"kind": "other", "owes_sla": True}, True),
            ({"level": None}, False),
            ({"vm": "B", "host": "HV02"}, False),
        ],
    )
    def test_which_jobs(self, change, is_one):
        """Those at host level that owe a recovery point, or of which nobody knows what they are."""
        assert perhaps(LOST | {"vm": None} | change, KNOWN) == ({("A", NIGHT)} if is_one else set())


class TestOther:
    @pytest.mark.parametrize(
        ("change", "is_one"),
        [
            ({}, True),
            ({"kind": "express_full"}, False),
            ({"level": "guest"}, False),
            ({"vm": None, "host": None}, False),
        ],
    )
    def test_a_job_of_which_nobody_knows_what_it_was(self, change, is_one):
        """Its own, at host level, on a night without records."""
        job = LOST | {"kind": "other", "owes_sla": False} | change

        assert perhaps(job) == ({("A", NIGHT)} if is_one else set())

    @pytest.mark.parametrize(
        ("record", "is_one"),
        [
            ({"dpm_server": "dpm01.contoso.local", "night": NIGHT}, False),
            ({"dpm_server": "DPM02", "night": NIGHT}, True),
            ({"dpm_server": "DPM01", "night": EARLIER}, True),
            ({"dpm_server": "DPM01", "night": NIGHT, "record_started_at": None}, True),
        ],
    )
    def test_unless_there_are_records(self, record, is_one):
        """Those of its DPM server, of that night."""
        job = LOST | {"kind": "other", "owes_sla": False}
        other = KNOWN | {"vm": "B", "host": "HV02"} | record

        assert perhaps(job, other) == ({("A", NIGHT)} if is_one else set())

    def test_any_records_where_its_server_is_not_known(self):
        """A job whose DPM server nothing names may be that of any."""
        job = LOST | {"kind": "other", "owes_sla": False, "dpm_server": None}

        assert perhaps(job, KNOWN | {"night": NIGHT, "host": "HV02", "dpm_server": "DPM02"}) == set()


class TestGuests:
    INSIDE = KNOWN | {"level": "guest", "host": "A"}

    def test_where_the_records_are_lost(self):
        """One that is backed up from inside, of which only records tell: others of its DPM server ran."""
        other = LOST | {"vm": "B", "host": "HV02", "dpm_server": "dpm01.contoso.local"}

        assert perhaps(self.INSIDE, other) == {("A", NIGHT)}

    @pytest.mark.parametrize(
        "change", [{"kind": "other"}, {"evidence": "record"}, {"dpm_server": "DPM02"}, {"dpm_server": None}]
    )
    def test_what_others_must_have_run(self, change):
        """Backups that logs show, of the same DPM server."""
        other = LOST | {"vm": "B", "host": "HV02"} | change

        assert ("A", NIGHT) not in perhaps(self.INSIDE, other)


class TestNames:
    ALIASES = [{"vm": vm, "name_key": "web"} for vm in ("A", "B")]  # noqa: RUF012

    def test_a_computer_whose_name_several_bear(self):
        """Each of them, and nobody where no machine bears it."""
        inside = LOST | {"vm": None, "level": None, "host": "WEB.contoso.local"}

        assert perhaps(inside, machine_aliases=self.ALIASES) == {("A", NIGHT), ("B", NIGHT)}
        assert perhaps(inside | {"host": "DB"}, machine_aliases=self.ALIASES) == set()
        assert perhaps(inside | {"host": None}, machine_aliases=self.ALIASES) == set()

    @pytest.mark.parametrize("change", [{"vm": "A"}, {"level": "host", "host": "DB"}, {"owes_sla": False}])
    def test_which_jobs(self, change):
        """Those that name no VM and no level, and owe a recovery point."""
        inside = LOST | {"vm": None, "level": None, "host": "WEB"} | change

        assert perhaps(inside, machine_aliases=self.ALIASES) == set()
