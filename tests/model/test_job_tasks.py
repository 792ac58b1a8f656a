"""One row per task of the job records: which of several exports counts, and what a record names."""

from __future__ import annotations

import pytest

from analytics.formats import by_name
from analytics.places import rules_folder
from analytics.tables.rules import read_rules
from tests.model.views import S, rows_of

GOOD, RUNS = "Succeeded", "InProgress"
# of each column a lesser and a greater cell; those of the record that counts stand alone
OWN = {"category": ("a", "b"), "started_at": (1, 2), "ended_at": (1, 2)}
TEXTS = ("data_source", "data_source_type", "production_server", "dpm_server", "protection_group", "hresult")
CELLS = dict.fromkeys((*TEXTS, "error_text"), ("a", "b"))
CELLS |= dict.fromkeys(("bytes_transferred", "error_code", "created_at"), (1, 2)) | OWN


def record(source="jobs-csv", number=1, **cells):
    """One row of job_records; the source bears the name of its format."""
    base = {"source_id": source, "record_no": number, "record_kind": "job", "task_id": "T", "status": GOOD}
    return base | {"category": "Replication", "started_at": 0, "ended_at": 100 * S} | cells


@pytest.fixture
def tasks():
    """The rows of job_tasks."""

    def view(*records):
        sources = [{"source_id": name, "format": name} for name in {each["source_id"] for each in records}]
        return rows_of("job_tasks", job_records=list(records), sources=sources)

    return view


class TestWhichCounts:
    RANKED = ("jobs-csv", "task-trail-csv", "get-dpmjob-csv", "log-analytics", "cbengine-job-history")

    def test_formats_by_what_they_say(self):
        """Exports with the finer times come first; each rank is that of a format of job records."""
        rules = read_rules(rules_folder(), "format_ranks")

        assert (
            tuple(rule.cells["format"] for rule in sorted(rules, key=lambda rule: int(rule.cells["rank"])))
            == self.RANKED
        )
        assert {name for name in self.RANKED if by_name(name).tables == ("job_records",)} == set(self.RANKED)

    @pytest.mark.parametrize(
        ("better", "worse"), [*zip(RANKED, (*RANKED[1:], "dpm-job-history"), strict=True)]
    )
    def test_the_better_format_counts(self, tasks, better, worse):
        """Whatever the order, the newer end or the name of the source."""
        (found,) = tasks(record(worse, ended_at=200 * S), record(better))

        assert found["ended_at"].timestamp() == 100

    def test_an_end_beats_a_better_format(self, tasks):
        """A record that says how it ended counts before one that says that it runs."""
        (found,) = tasks(record("jobs-csv", status=RUNS, ended_at=None), record("dpm-job-history"))

        assert (found["outcome"], found["is_good"]) == ("succeeded", True)

    def test_of_one_format_the_later_end(self, tasks):
        """Then the source and the record decide, so that the same input gives the same answer."""
        (found,) = tasks(record(number=1, error_code=1), record(number=2, ended_at=101 * S, error_code=2))
        (same,) = tasks(record(number=2, error_code=2), record(number=1, error_code=1))
        (open_end,) = tasks(record(status="?", ended_at=None, error_code=1), record(status="?", error_code=2))

        assert [each["error_code"] for each in (found, same, open_end)] == [2, 1, 2]

    def test_what_one_lacks_another_has(self, tasks):
        """Facts that the record that counts leaves out come from the others; its times are its own."""
        (found,) = tasks(
            record("jobs-csv", data_source="A", created_at=None, started_at=None),
            record(
                "log-analytics", data_source="B", protection_group="PG", created_at=5 * S, bytes_transferred=7
            ),
        )

        assert (found["data_source"], found["protection_group"], found["bytes_transferred"]) == ("A", "PG", 7)
        assert (found["created_at"].timestamp(), found["started_at"]) == (5, None)

    def of(self, found):
        """Cells of a task, instants in microseconds."""
        cells = [found[column] for column in CELLS]
        return [round(cell.timestamp() * S) if hasattr(cell, "timestamp") else cell for cell in cells]

    def test_the_record_that_counts_says_it(self, tasks):
        """Whether the other's cell is greater, less or missing."""
        less, more = ({name: cells[n] for name, cells in CELLS.items()} for n in (0, 1))
        for own, other in ((less, more), (more, less), (more, dict.fromkeys(CELLS))):
            (found,) = tasks(record("jobs-csv", **own), record("log-analytics", **other))
            assert self.of(found) == [*own.values()]

    def test_another_says_what_it_lacks(self, tasks):
        """Of several others the greater, of times of creation the first; its own times and category are missing."""
        others = [
            record("log-analytics", n, **{name: cells[n] for name, cells in CELLS.items()}) for n in (1, 0)
        ]
        (found,) = tasks(record("jobs-csv", **dict.fromkeys(CELLS)), *others)
        expected = {name: cells[name != "created_at"] for name, cells in CELLS.items()}

        assert self.of(found) == [*(expected | dict.fromkeys(OWN)).values()]

    def test_what_becomes_of_it_is_its_own_word(self, tasks):
        """Kind, outcome and whether it is good, whatever the other record says."""
        good, bad = (
            {"status": GOOD, "category": "Replication"},
            {"status": "Failed", "category": "Validation"},
        )
        for own, other in ((good, bad), (bad, good)):
            (found,) = tasks(record("jobs-csv", **own), record("log-analytics", **other))
            (alone,) = tasks(record("jobs-csv", **own))
            names = ("kind", "outcome", "is_good", "category")
            assert [found[name] for name in names] == [alone[name] for name in names]

    @pytest.mark.parametrize(
        ("status", "ended_at", "is_final"),
        [(RUNS, 100 * S, False), (GOOD, None, True), ("?", None, False), ("?", 1, True)],
    )
    def test_a_status_says_whether_it_ended(self, tasks, status, ended_at, is_final):
        """A status that no rule knows has ended where an end is told."""
        (found,) = tasks(
            record("jobs-csv", status=status, ended_at=ended_at, error_code=1),
            record("log-analytics", error_code=2),
        )

        assert found["error_code"] == (1 if is_final else 2)

    def test_records_without_a_guid(self, tasks):
        """Two that differ in one cell are two tasks, also where one lacks it; two that say the same are one."""
        cells = {"dpm_job_id": "x", "data_source": "x", "category": "x", "error_text": "x", "started_at": 1}
        whole = record(task_id=None, **cells)
        others = [
            whole | {column: cell}
            for column in cells
            for cell in (None, 2 if column == "started_at" else "y")
        ]
        names = {
            row["job_id"]
            for row in tasks(*(row | {"record_no": n} for n, row in enumerate([whole, whole, *others])))
        }

        assert len(names) == 1 + len(others)

    def test_a_source_that_is_not_listed(self):
        """Its records are tasks all the same; a source that is listed counts first."""
        rows = [record("unknown", error_code=1), record("log-analytics", error_code=2)]
        sources = [{"source_id": "log-analytics", "format": "log-analytics"}]

        assert [row["error_code"] for row in rows_of("job_tasks", job_records=rows, sources=sources)] == [2]
        assert [row["error_code"] for row in rows_of("job_tasks", job_records=rows[:1])] == [1]

    def test_tasks_are_told_apart(self, tasks):
        """By their GUID; without one by what the record says; alerts are no tasks."""
        rows = tasks(
            record(task_id="A"),
            record(task_id="B"),
            record(task_id=None),
            record(task_id=None, number=2),
            record(task_id=None, data_source="other", number=3),
            record(task_id="C", record_kind="alert"),
        )

        names = sorted(row["job_id"] for row in rows)
        assert names[:2] == ["A", "B"]
        assert [len(name) for name in names[2:]] == [20, 20]
        assert all(name.startswith("REC-") for name in names[2:])


class TestWords:
    @pytest.mark.parametrize(
        ("status", "ended_at", "outcome", "is_good"),
        [
            (" succeeded ", 1, "succeeded", True),
            ("Completed with warnings", 1, "warning", True),
            ("FAILED", 1, "failed", False),
            ("InProgress", None, "running", False),
            ("no such word", 1, "unknown", False),
            (None, None, "unknown", False),
        ],
    )
    def test_statuses(self, tasks, status, ended_at, outcome, is_good):
        """In any case, with blanks around them; a word that no rule knows says nothing."""
        (found,) = tasks(record(status=status, ended_at=ended_at))

        assert (found["outcome"], found["is_good"]) == (outcome, is_good)

    @pytest.mark.parametrize(
        ("category", "is_online", "kind"),
        [
            (" validation ", None, "consistency_check"),
            ("CloudBackup", False, "online"),
            ("no such word", True, "online"),
            ("no such word", False, "other"),
            (None, None, "other"),
        ],
    )
    def test_categories(self, tasks, category, is_online, kind):
        """What no rule knows is online where the record says so, else no backup that we know."""
        (found,) = tasks(record(category=category, is_online=is_online))

        assert found["kind"] == kind


class TestNames:
    @pytest.mark.parametrize(
        ("data_source", "type_", "is_vm", "vm"),
        [
            ("\\Backup Using Child Partition Snapshot\\SQL-01", "Microsoft Hyper-V", True, "SQL-01"),
            ("\\Backup Using Saved State\\SQL-01", None, True, "SQL-01"),
            ("\\Backup Using Saved State\\a\\b", None, True, "a\\b"),
            ("SQL-01", "Microsoft Hyper-V RCT", True, "SQL-01"),
            ("HV01\\SQL-01", "Microsoft Hyper-V", True, "SQL-01"),
            ("C:\\Data", "Volume", False, None),
            (None, None, False, None),
            (None, "Microsoft Hyper-V", True, None),
        ],
    )
    def test_the_vm_of_a_record(self, data_source, type_, is_vm, vm):
        """Behind `Backup Using`, else the last part of the name where the type is Hyper-V."""
        task = {"job_id": "J", "kind": "express_full", "data_source": data_source, "data_source_type": type_}
        (found,) = rows_of("record_vms", job_tasks=[task])

        assert (found["is_vm"], found["record_vm"]) == (is_vm, vm)

    @pytest.mark.parametrize(
        ("server", "type_", "guest"),
        [
            ("sql-01.contoso.local", "Volume", "SQL-01"),
            ("SQL-01", "Microsoft Hyper-V", None),
            ("FS01", "Volume", None),
        ],
    )
    def test_a_computer_that_is_a_vm(self, server, type_, guest):
        """A computer with the name of a VM is that VM, unless the record is that of a VM."""
        task = {"job_id": "J", "kind": "express_full", "production_server": server, "data_source_type": type_}
        (found,) = rows_of(
            "record_vms", through=("inventory_machines",), job_tasks=[task], vms=[{"vm": "SQL-01"}]
        )

        assert (found["guest_vm"], found["server"]) == (guest, server.split(".")[0])

    @pytest.mark.parametrize(("kind", "key"), [("express_full", "hv01"), ("online", "dpm01")])
    def test_whose_log_it_is(self, kind, key):
        """The protected computer; for jobs to the cloud the DPM server."""
        servers = {"production_server": "HV01.contoso.local", "dpm_server": "DPM01.contoso.local"}
        (found,) = rows_of("record_vms", job_tasks=[{"job_id": "J", "kind": kind} | servers])

        assert (found["host_key"], found["is_online"]) == (key, kind == "online")
