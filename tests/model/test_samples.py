# ruff: noqa: E501, ISC004 - log lines as they were published
"""The worked example of the contract, and the online phases, from the published logs themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.ingest import IngestOptions, ingest
from analytics.planning import open_session
from analytics.store import Store

PATH = r"C:\ClusterStorage\Volume1" + "\\"
GOOD = rf"""
N1-DPMRACurr.errlog:0CF4  9-May 4:00:19 PM vsssnapshotrequestor.cpp(170)     NORMAL CVssSnapshotRequestor::InitializeSnapshotCreation
N1-DPMRACurr.errlog:0CF4  9-May 4:00:26 PM vsssnapshotrequestor.cpp(390)     NORMAL CVssSnapshotRequestor: AddVolumeForSnapshot - Marked volume {PATH} to be snapshot
N1-DPMRACurr.errlog:0CF4  9-May 4:01:06 PM vsssnapshotrequestor.cpp(585)     NORMAL "CVssSnapshotRequestor:: ProviderId:[{{B5946137-7B9F-4925-AF80-51ABD60B20D5}}], h/w provider:[0], volume:[\\?\Volume{{GUD}}\]"
N1-DPMRACurr.errlog:0CF4  9-May 4:01:07 PM hypervwriterhelperplugin.cpp(960) NORMAL VhdChain with ssBaseVhdOfVhdChain : {PATH}Guest_name\Gues.vhd
N1-DPMRACurr.errlog:0CF4  9-May 4:01:07 PM datasetfixupsubtaskbase.cpp(227)  NORMAL CDatasetFixupSubTaskBase::BeginDataMove
N1-DPMRACurr.errlog:0CF4  9-May 4:10:11 PM vsssnapshotrequestor.cpp(1111)    NORMAL CVssSnapshotRequestor::StartBackupComplete
N1-DPMRACurr.errlog:0CF4  9-May 4:10:19 PM freesnapshotsubtask.cpp(671)      NORMAL CFreeSnapshotSubTask: ReleaseSnapshot
"""
REFUSED = rf"csvapi.cpp(400)            WARNING  Failed: Hr: = [0x8007173d] : ClusterPrepareSharedVolumeForBackup for {PATH} failed"
FAILED = "\n".join(
    f"N2-DPMRACurr.errlog:0900  9-May {line}"
    for line in [
        "4:00:40 PM vsssnapshotrequestor.cpp(170) NORMAL      CVssSnapshotRequestor::InitializeSnapshotCreation",
        "4:00:45 PM vsssnapshotrequestor.cpp(390) NORMAL    CVssSnapshotRequestor: AddVolumeForSnapshot - Marked volume "
        rf"{PATH} to be snapshot",
        *(f"{time} PM {REFUSED}" for time in ("4:00:45", "4:03:46", "4:06:46", "4:09:47", "4:12:47")),
        "4:12:49 PM freesnapshotsubtask.cpp(671)  NORMAL    CFreeSnapshotSubTask: ReleaseSnapshot\n",
    ]
)
ONLINE_GUID = "F3E32129-DC79-4A28-9ACC-3F30CB5810B6"
ONLINE = "".join(
    f"06/07\t{time}\t71\tbackupasync.cpp(1)\t[000000001A12E3F0]\t{ONLINE_GUID}\tNORMAL\tBackup Progress: {text}\n"
    for time, text in [
        ("01:23:25.640", "Prebackup started."),
        ("01:23:42.623", "Prebackup finished."),
        ("01:23:42.623", "Initialize Storage started."),
        ("01:25:28.345", "Initialize Storage finished."),
        ("01:25:28.345", "Data transfer started."),
        ("10:28:42.779", "Data transfer finished"),
        ("10:28:42.779", "Integrity Check Storage Initialize started."),
        ("10:28:42.779", "Integrity Check started."),
        ("14:56:52.053", "Integrity Check finsihed."),
        ("14:56:52.053", "Succeeded"),
        ("14:56:52.053", "UnInitialize Storage started."),
        ("14:59:26.969", "UnInitialize Storage finsihed."),
    ]
)
PHASES = """
    SELECT phase, duration_s, duration_min_s, duration_max_s, grade FROM phases
    WHERE grade <> 'D' ORDER BY started_at, ended_at
"""


@pytest.fixture
def session(tmp_path: Path):
    """A maker of sessions over logs given as text."""
    opened = []

    def make(*texts: str):
        (tmp_path / "logs").mkdir()
        for number, text in enumerate(texts):
            (tmp_path / "logs" / f"log{number}.txt").write_text(text, encoding="utf-8", newline="\r\n")
        store = Store.create_or_open(tmp_path / "store")
        summary = ingest(store, [tmp_path / "logs"], IngestOptions(year=2011))
        assert summary.records_rejected == 0, summary.problems
        opened.append(open_session(store, keep=False))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


def rows(session, query: str) -> list[tuple[object, ...]]:
    """The rows of a query."""
    return [tuple(row.values()) for row in session.sql(query).to_pylist()]


def test_the_good_run(session):
    """KB 2549533, sample 03: the figures of the contract, with their grades and bounds."""
    made = session(GOOD.lstrip())

    assert rows(made, PHASES) == [
        ("prepare", 7.0, 7.0, 7.0, "A"),
        ("snapshot", 40.0, 0.0, 40.0, "C"),
        ("post_snapshot", 1.0, 1.0, 41.0, "C"),
        ("transfer", 544.0, 544.0, 544.0, "A"),
        ("release", 8.0, 8.0, 8.0, "A"),
    ]
    assert rows(
        made, "SELECT vm, host, volume, outcome, duration_s, claim_refusals, provider_kind FROM jobs"
    ) == [("Guest_name", "N1", PATH, "succeeded", 600.0, 0, "software")]


def test_the_failed_run(session):
    """KB 2549533, sample 04: five refusals, 724 s of waiting within 722 to 724, nothing else."""
    made = session(FAILED)

    assert rows(made, PHASES) == [("prepare", 5.0, 5.0, 5.0, "A"), ("claim_wait", 724.0, 722.0, 724.0, "B")]
    assert rows(made, "SELECT host, outcome, duration_s, claim_refusals FROM jobs") == [
        ("N2", "failed", 729.0, 5)
    ]


def test_both_runs_and_a_job_that_spans_two_files(session):
    """Cut into two files, the good run is still one job; the other host's run stays its own."""
    lines = GOOD.lstrip().splitlines(keepends=True)
    made = session("".join(lines[:4]), "".join(lines[4:]), FAILED)

    assert rows(made, "SELECT host, outcome, duration_s FROM jobs ORDER BY host") == [
        ("N1", "succeeded", 600.0),
        ("N2", "failed", 729.0),
    ]


def test_one_refusal_only(session):
    """Without a second refusal the configured wait of 180 s is the guess, the next marker its limit."""
    once = FAILED.splitlines(keepends=True)
    made = session("".join([*once[:3], once[-1]]))

    assert rows(made, PHASES)[1] == ("claim_wait", 180.0, 0.0, 724.0, "B")


def test_online(session):
    """Sample 05: Prebackup, Initialize Storage, Data transfer, and all behind it."""
    made = session(ONLINE)

    assert [row[:2] for row in rows(made, PHASES)] == [
        ("snapshot", 16.983),
        ("prepare", 105.722),
        ("transfer", 32594.434),
        ("finalize", 16244.190),
    ]
    assert rows(made, "SELECT job_id, kind, outcome, duration_s FROM jobs") == [
        (ONLINE_GUID, "online", "succeeded", 48961.329)
    ]
