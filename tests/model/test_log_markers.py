"""Errlog lines that mark something, and the job of each: by its GUID, else by thread and time."""

from __future__ import annotations

import pytest

from tests.model.views import MS, S, rows_of

TEXTS = {
    "initialize_snapshot": ("vsssnapshotrequestor.cpp", "CVssSnapshotRequestor::InitializeSnapshotCreation"),
    "add_volume": (
        "vsssnapshotrequestor.cpp",
        "CVssSnapshotRequestor: AddVolumeForSnapshot - Marked volume C:\\V1\\ to be snapshot",
    ),
    "claim_refused": (
        "csvapi.cpp",
        "Failed: Hr: = [0x8007173d] : ClusterPrepareSharedVolumeForBackup for C:\\V1\\ failed",
    ),
    "provider_id": (
        "VssSnapshotRequestor.cpp",
        "CVssSnapshotRequestor:: ProviderId:[{B594}], h/w provider:[0], volume:[\\\\?\\Volume{GUID}\\]",
    ),
    "vhd_chain": (
        "hypervwriterhelperplugin.cpp",
        "VhdChain with ssBaseVhdOfVhdChain : C:\\V1\\VM\\a b.vhd",
    ),
    "begin_data_move": ("datasetfixupsubtaskbase.cpp", "CDatasetFixupSubTaskBase::BeginDataMove"),
    "start_backup_complete": ("vsssnapshotrequestor.cpp", "CVssSnapshotRequestor::StartBackupComplete"),
    "release_snapshot": ("freesnapshotsubtask.cpp", "CFreeSnapshotSubTask: ReleaseSnapshot"),
    "create_pit_begin": ("any.cpp", "==>CreatePIT(replica)"),
    "mount_storage_end": ("any.cpp", "MountStorage: task b58fb72e-8a2f-4970-843b-d7968b34e3c3 done"),
    "online_failed": ("backupasync.cpp", "Backup Progress: Failed Hr: = [0x800423f4]"),
}
GUID = "B58FB72E-8A2F-4970-843B-D7968B34E3C3"
DAY = 86_400 * S


class Book:
    """An errlog, line by line; no line has a GUID unless it is given one."""

    def __init__(self):
        self.lines = []

    def add(self, marker, us, *, tid="01", pid="AA", host="HV01", **cells):
        """One more line."""
        file, message = TEXTS[marker]
        line = {
            "source_id": "S",
            "line_no": len(self.lines) + 1,
            "host": host,
            "host_from": "option",
            "at": us,
        }
        line |= {"pid": pid, "tid": tid, "file": file, "message": message, "level": "NORMAL"}
        self.lines.append(line | cells)
        return self


@pytest.fixture
def markers():
    """The rows of log_markers of a book, in order of line."""

    def view(book):
        rows = rows_of("log_markers", trace=book.lines)
        return sorted(rows, key=lambda row: (row["line_no"], row["marker"]))

    return view


def jobs(rows):
    """The job of each line, numbered in order of appearance."""
    numbers = {}
    return [numbers.setdefault(row["job_id"], len(numbers)) for row in rows]


class TestLines:
    @pytest.mark.parametrize(
        ("marker", "scope", "volume", "detail"),
        [
            ("add_volume", "host", "C:\\V1\\", None),
            ("claim_refused", "host", "C:\\V1\\", "0x8007173d"),
            ("provider_id", "host", "\\\\?\\Volume{GUID}\\", "0"),
            ("vhd_chain", "host", None, "C:\\V1\\VM\\a b.vhd"),
            ("release_snapshot", "host", None, None),
            ("create_pit_begin", "recovery_point", None, None),
            ("online_failed", "online", None, "0x800423f4"),
        ],
    )
    def test_what_a_rule_captures(self, markers, marker, scope, volume, detail):
        """Volume and detail stand between the texts that the rule names; files are compared in any case."""
        (row,) = markers(Book().add(marker, S, task_id=GUID))

        assert (row["marker"], row["scope"], row["volume"], row["detail"]) == (marker, scope, volume, detail)
        assert (row["job_id"], row["us"], row["host"]) == (GUID, S, "HV01")

    def test_a_volume_or_detail_that_is_not_there(self, markers):
        """A line cut short is a marker without them."""
        cut = "Failed: Hr: = [0x8007173d] :"
        (row,) = markers(Book().add("claim_refused", S, task_id=GUID, message=cut))

        assert (row["volume"], row["detail"]) == (None, "0x8007173d")

    def test_a_task_that_stands_in_the_message(self, markers):
        """Storage lines name the task in their text; other lines do not give their GUIDs away as tasks."""
        book = Book().add("mount_storage_end", S)
        other = f"{TEXTS['create_pit_begin'][1]} {GUID}"
        rows = markers(book.add("create_pit_begin", 2 * S, message=other))

        assert [(row["marker"], row["job_id"]) for row in rows] == [("mount_storage_end", GUID)]

    def test_the_same_line_twice_is_one_marker(self, markers):
        """Two copies of a log give one row each, and it points to a line that there is."""
        book = Book().add("add_volume", S, task_id=GUID, source_id="B", line_no=3)
        book.add("add_volume", S, task_id=GUID, source_id="A", line_no=9)
        (row,) = markers(book.add("add_volume", S, task_id=GUID, source_id="A", line_no=11))

        assert (row["source_id"], row["line_no"]) == ("A", 9)


class TestThreads:
    @pytest.mark.parametrize(("gap_us", "expected"), [(DAY - MS, [0, 0]), (DAY, [0, 0]), (DAY + MS, [0, 1])])
    def test_a_day_of_silence_ends_a_job(self, markers, gap_us, expected):
        """One thread's lines are one job unless more than 24 hours lie between them."""
        book = Book().add("initialize_snapshot", 0).add("add_volume", gap_us)

        assert jobs(markers(book)) == expected

    def test_what_begins_and_ends_a_job(self, markers):
        """InitializeSnapshotCreation begins one, and so does whatever follows ReleaseSnapshot."""
        book = Book()
        for second, marker in enumerate(
            (
                "add_volume",
                "initialize_snapshot",
                "add_volume",
                "release_snapshot",
                "begin_data_move",
                "vhd_chain",
            )
        ):
            book.add(marker, second * S)

        assert jobs(markers(book)) == [0, 1, 1, 1, 2, 2]

    @pytest.mark.parametrize("change", [{"tid": "02"}, {"pid": "BB"}, {"host": "HV02"}])
    def test_threads_are_told_apart(self, markers, change):
        """Lines of another thread, process or computer are another job."""
        book = Book().add("initialize_snapshot", 0).add("add_volume", S, **change).add("add_volume", 2 * S)

        assert jobs(markers(book)) == [0, 1, 0]

    def test_without_thread_and_process_the_object_tells(self, markers):
        """Where PID and TID were cut off, lines of one object are one job."""
        book = Book().add("initialize_snapshot", 0, pid=None, tid=None, object="X")
        book.add("initialize_snapshot", S, pid=None, tid=None, object="Y")
        book.add("add_volume", 2 * S, pid=None, tid=None, object="X")

        assert jobs(markers(book)) == [0, 1, 0]

    def test_lines_of_the_dpm_server_are_no_thread(self, markers):
        """A recovery point or a mount without a task belongs to no job."""
        assert markers(Book().add("create_pit_begin", S)) == []
        assert markers(Book().add("mount_storage_end", S, message="MountStorage: done")) == []

    def test_a_name_that_stays(self, markers):
        """The made-up id depends on thread and time alone, not on what else was read."""
        alone = markers(Book().add("initialize_snapshot", S))
        beside = markers(Book().add("initialize_snapshot", 0, tid="02").add("initialize_snapshot", S))

        assert alone[0]["job_id"] == beside[1]["job_id"]
        assert alone[0]["job_id"].startswith("LOG-")
        assert len(alone[0]["job_id"]) == 20


class TestMovedParts:
    """A job that goes on in another thread is found again by the object of its snapshot requestor."""

    def moved(self, us=3 * S, first=0, **change):
        """A whole job of the object X, and a part without its beginning."""
        book = (
            Book().add("initialize_snapshot", first, object="X").add("begin_data_move", first + S, object="Z")
        )
        return book.add("start_backup_complete", us, tid="02", **({"object": "X"} | change))

    def test_in_another_thread(self, markers):
        """It is the same job."""
        assert jobs(markers(self.moved())) == [0, 0, 0]

    @pytest.mark.parametrize("change", [{"object": "Y"}, {"object": None}, {"pid": "BB"}, {"host": "HV02"}])
    def test_only_the_same_object_of_the_same_process(self, markers, change):
        """Objects of other processes and computers may lie at the same address."""
        assert jobs(markers(self.moved(**change))) == [0, 0, 1]

    @pytest.mark.parametrize(("us", "expected"), [(DAY - MS, [0, 0, 0]), (DAY, [0, 0, 1])])
    def test_within_a_day_of_its_beginning(self, markers, us, expected):
        """After 24 hours the address may have been given to another."""
        assert jobs(markers(self.moved(us))) == expected

    @pytest.mark.parametrize(("first", "expected"), [(3 * S - MS, [0, 0, 0]), (3 * S, [0, 0, 1])])
    def test_not_before_its_beginning(self, markers, first, expected):
        """A part that is seen before, or at the same moment, is another's."""
        assert jobs(markers(self.moved(first=first))) == expected

    def test_the_latest_beginning_counts(self, markers):
        """Of two jobs with the same address it belongs to the second."""
        book = self.moved().add("initialize_snapshot", 10 * S, tid="03", object="X")
        rows = markers(book.add("start_backup_complete", 20 * S, tid="04", object="X"))

        assert jobs(rows) == [0, 0, 0, 1, 1]

    def test_a_beginning_of_its_own_is_kept(self, markers):
        """A part that begins with InitializeSnapshotCreation is a job, whatever its object."""
        book = self.moved().add("initialize_snapshot", 2 * S, tid="02", object="X")

        assert len({row["job_id"] for row in markers(book)}) == 2
