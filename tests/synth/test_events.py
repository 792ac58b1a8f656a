"""Windows events of a simulated estate: what stands in the files, the truth about it, and each era's mechanism."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from events_reading import KNOBS, Written, at_of, moment, table, true_boundaries, written

from analytics.errors import UsageError
from analytics.synth import Knobs, write_estate
from analytics.synth.events.kinds import KINDS


@pytest.fixture(
    scope="module", params=[("A", "evtx"), ("B", "xml"), ("C", "evtx"), ("mixed", "xml")], ids=str
)
def estate(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """One estate of each era."""
    era, form = request.param
    rct = {"rct_share": 0.5} if era == "C" else {}
    return written(tmp_path_factory.mktemp("events") / "out", era=era, events=form, **rct)


def test_files_and_truth_hold_the_same_records(estate: Written) -> None:
    """Every record of every log has its row of truth and the other way round, with the time its clock showed."""
    logged = Counter(
        (row.host, row.channel, row.event_provider, row.event_id, row.record_id, row.at)
        for row in estate.logged
    )
    stated = Counter(
        (
            row["host"],
            row["channel"],
            row["event_provider"],
            int(row["event_id"]),
            int(row["record_id"]),
            moment(row["at"]),
        )
        for row in estate.rows
    )

    assert logged == stated
    assert len(stated) > 1000


def test_record_ids_have_no_gap_and_times_ascend(estate: Written) -> None:
    """In each channel record ids are consecutive; times never fall by more than the cut-off second."""
    channels = defaultdict(list)
    for row in estate.logged:
        channels[row.host, row.channel].append(row)
    for rows in channels.values():
        assert [row.record_id for row in rows] == list(
            range(rows[0].record_id, rows[0].record_id + len(rows))
        )
        falls = [(earlier.at - later.at).total_seconds() for earlier, later in itertools.pairwise(rows)]
        assert max(falls, default=0) <= 1.0


def test_observed_boundaries_are_exact(estate: Written) -> None:
    """An event that observes a boundary shows it to the millisecond, on its own machine's clock."""
    truth = true_boundaries(estate)
    observing = [row for row in estate.rows if row["relation"] == "observes"]

    assert {row["boundary"] for row in observing} >= {"t1", "t2"}
    for row in observing:
        true_s = truth[row["job_id"], row["boundary"]]
        shown_s = moment(row["at"]).timestamp() - estate.clocks[row["host"]]
        assert abs(shown_s - true_s) < 0.0011, row


def test_bounds_hold_in_true_time(estate: Written) -> None:
    """A boundary lies before its upper and after its lower bounds; what the log shows is at most 1 s earlier."""
    truth = true_boundaries(estate)
    for row in estate.rows:
        true_s = moment(row["true_at"]).timestamp()
        shown_s = moment(row["at"]).timestamp() - estate.clocks[row["host"]]
        assert -0.001 <= true_s - shown_s < 1.001, row
        if row["relation"] == "upper_bound":
            assert true_s >= truth[row["job_id"], row["boundary"]] - 0.0011, row
        if row["relation"] == "lower_bound":
            assert true_s <= truth[row["job_id"], row["boundary"]] + 0.0011, row


def test_every_snapshot_is_audited_on_both_machines(estate: Written) -> None:
    """A job that got to t2 has an 8222 of DPM's agent per volume on its host, and at t1 in an exported guest."""
    guests = {row["vm"]: row["host"] for row in table(estate.truth.folder / "clocks.csv") if row["vm"]}
    moments = {(row.job_id, row.boundary) for row in estate.truth.boundaries}
    audits = Counter(
        (row["job_id"], row["host"], row["boundary"])
        for row in estate.rows
        if row["event_id"] == "8222" and row["job_id"]
    )
    for job in estate.truth.jobs:
        if (job.job_id, "t2") in moments:
            assert audits[job.job_id, job.host, "t2"] == len(job.volumes.split("|"))
        if (job.job_id, "t1") in moments and job.vm in guests:
            assert audits[job.job_id, guests[job.vm], "t1"] >= 1


def test_mechanism_of_the_era(estate: Written) -> None:
    """Era A mounts and reverts on the host within DoSnapshotSet; B adds the disk to the guest; C only checkpoints."""
    era, truth = estate.era, true_boundaries(estate)
    modern = {job.job_id for job in estate.truth.jobs if job.tracking == "rct"}
    done = {job for job, boundary in truth if boundary == "provider_id"}
    hosted = [job for job in estate.truth.jobs if job.job_id in done]
    assert hosted
    for job in hosted:
        t1_s, t2_s, provider_s = (truth[job.job_id, name] for name in ("t1", "t2", "provider_id"))
        mounted = at_of(estate, job.job_id, "Microsoft-Windows-VHDMP", 25, 1, 26, 2)
        hot_added = at_of(estate, job.job_id, "Microsoft-Windows-VHDMP", 17, 18)
        checkpoints = at_of(estate, job.job_id, "Microsoft-Windows-VHDMP", 50, 51)
        assert t1_s < t2_s < provider_s
        if era == "A":
            assert mounted
            assert not hot_added
            assert not checkpoints
            assert t2_s < min(mounted)
            assert max(mounted) < provider_s
        elif era == "B":
            assert hot_added
            assert not mounted
            assert t2_s < min(hot_added)
            assert max(hot_added) < provider_s
        elif era == "C" and job.job_id in modern:
            assert not mounted
            assert not hot_added
            assert t1_s < min(checkpoints)
            assert max(checkpoints) < t2_s


def test_mounts_pair_by_their_pointer(estate: Written) -> None:
    """26 has only a pointer: the last 25 of that machine with the same pointer names the disk that 2 names."""
    for host in {row.host for row in estate.logged}:
        online: dict[str, str] = {}
        for row in estate.logged:
            if row.host != host or row.event_provider != "Microsoft-Windows-VHDMP":
                continue
            if row.event_id == 25:
                online[row.value("VirtualDisk")] = row.value("VhdFileName")
            elif row.event_id == 26:
                assert row.value("VirtualDisk") in online
            elif row.event_id in (1, 2):
                assert online[row.value("VirtualDisk")] == row.value("VhdFileName")


def test_shadow_copies_are_numbered_in_the_order_of_time(estate: Written) -> None:
    """The device names in 8222 rise with time on each machine, and no shadow copy id comes twice."""
    audits = [row for row in estate.logged if row.event_id == 8222]
    for host in {row.host for row in audits}:
        numbers = [int(re.findall(r"\d+$", row.values[9][1])[0]) for row in audits if row.host == host]
        assert numbers == sorted(numbers)
        assert len(set(numbers)) == len(numbers)
    assert len({row.values[5][1] for row in audits}) == len(audits)


def test_decoys_are_there_and_have_no_job(estate: Written) -> None:
    """Other users of VSS, VM starts, mounts by hand and noise belong to no job and state no boundary."""
    decoys = {"guest_backup", "windows_backup", "dpm_system_volume", "mount_vhd", "vm_start", "noise"}
    of_decoys = [row for row in estate.rows if row["origin"] in decoys | {"foreign_backup", "missed_slot"}]

    assert decoys <= {row["origin"] for row in of_decoys}
    assert {(row["job_id"], row["boundary"], row["relation"]) for row in of_decoys} == {("", "", "")}


def test_no_decoy_snapshot_while_a_job_creates_its_own(estate: Written) -> None:
    """VSS creates one snapshot set at a time: no foreign commit between a job's claim and its ProviderId."""
    truth = true_boundaries(estate)
    jobs = [job for job in estate.truth.jobs if (job.job_id, "provider_id") in truth]
    foreign = [row for row in estate.rows if row["event_id"] == "4904" and not row["job_id"]]
    assert foreign
    for row in foreign:
        at_s = moment(row["true_at"]).timestamp()
        for job in jobs:
            if job.host == row["host"]:
                span = truth[job.job_id, "claim_granted"], truth[job.job_id, "provider_id"]
                assert not span[0] < at_s < span[1]


def test_vss_stops_three_minutes_after_the_last_session(estate: Written) -> None:
    """8224 of a host comes 180.1 to 180.5 s after the release of the last snapshot, with none released in between."""
    truth = true_boundaries(estate)
    released = {job: at_s for (job, boundary), at_s in truth.items() if boundary == "release_snapshot"}
    stops = [
        row for row in estate.rows if row["event_id"] == "8224" and row["boundary"] == "release_snapshot"
    ]
    assert stops
    for row in stops:
        waited_s = moment(row["true_at"]).timestamp() - released[row["job_id"]]
        assert 180.09 <= waited_s <= 180.51


def test_failures_are_explained(estate: Written) -> None:
    """Every job that failed in snapshot or transfer has events on its host that say why, and a phase."""
    failures = {row["job_id"]: row for row in table(estate.truth.folder / "failures.csv")}
    explained = {row["job_id"] for row in estate.rows if row["relation"] == "explains"}
    moments = {(row.job_id, row.boundary) for row in estate.truth.boundaries}
    failed = [
        job for job in estate.truth.jobs if job.failed_in in ("snapshot", "transfer") and job.host[:2] == "HV"
    ]
    for job in failed:
        if job.kind == "online":
            continue
        assert job.job_id in explained
        phase = failures[job.job_id]["phase"]
        assert phase == job.failed_in or (job.failed_in, phase) == ("snapshot", "post_snapshot")
        assert ((job.job_id, "t2") in moments) == (phase in ("post_snapshot", "transfer"))
    assert failed


def test_guests_have_their_own_folder_and_clock(estate: Written) -> None:
    """A guest's folder says role guest, which VM it is, and its clock is wrong by at most the knob."""
    rows = [row for row in table(estate.truth.folder / "clocks.csv") if row["role"] == "guest"]
    assert rows
    for row in rows:
        facts = json.loads((estate.folder / row["host"] / "collection.json").read_text(encoding="utf-8-sig"))
        assert (facts["host"], facts["role"], facts["vm"]) == (row["host"], "guest", row["vm"])
        assert abs(float(row["offset_s"])) <= 120
        assert row["host"].isascii()
    assert len({row["offset_s"] for row in rows}) == len(rows)


def test_names_reach_the_logs_as_they_are(estate: Written) -> None:
    """Hyper-V's events name VMs as vms.csv does, and VHDMP their disks' paths, whole or from the volume on."""
    disks = [row for path in estate.folder.glob("*/vms.csv") for row in table(path)]
    names = {row.value("VmName") for row in estate.logged if "Hyper-V-Worker" in row.event_provider}
    vhdmp = [row for row in estate.logged if row.event_provider == "Microsoft-Windows-VHDMP"]
    opened = {row.value("VhdFile") for row in vhdmp if row.event_id == 12}
    inside = {row["VhdPath"].split("\\", 3)[-1] for row in disks if row["PassThrough"] == "False"}
    stems = {path.rpartition(".")[0] for path in inside}

    assert names
    assert names <= {row["VMName"] for row in disks}
    known = [path for path in opened if any(stem in path for stem in stems) or "\\Library\\" in path]
    assert sorted(known) == sorted(opened)


def test_default_logging_has_no_8222(tmp_path: Path) -> None:
    """Without the audit 4904 and 4905 are adjacent; without the analytic channel there is no such file."""
    estate = written(tmp_path / "out", events="xml", era="B", audit_8222=False, volsnap_analytic=False)
    security = [row for row in estate.logged if row.event_id in (4904, 4905)]

    assert not [row for row in estate.logged if row.event_id == 8222 or row.channel.endswith("Analytic")]
    assert len(security) % 2 == 0
    for opened, closed in zip(security[::2], security[1::2], strict=True):
        assert (opened.event_id, closed.event_id) == (4904, 4905)
        assert closed.record_id == opened.record_id + 1


def test_without_noise_there_is_no_decoy(tmp_path: Path) -> None:
    """With event_noise 0 every record belongs to a job, or to the DPM server's own troubles."""
    estate = written(tmp_path / "out", events="xml", era="A", event_noise=0)

    assert {row["origin"] for row in estate.rows if not row["job_id"]} <= {"missed_slot", "crash"}


def test_channels_that_were_not_exported(tmp_path: Path) -> None:
    """`few` gives Security and VHDMP only, and the truth knows no record of the others."""
    estate = written(tmp_path / "out", events="evtx", era="A", event_channels="few")

    assert {row["channel"] for row in estate.rows} == {"Security", "Microsoft-Windows-VHDMP-Operational"}
    assert {path.name for path in estate.folder.glob("*/*.evtx")} == {
        "Security.evtx",
        "Microsoft-Windows-VHDMP-Operational.evtx",
    }


def test_logs_that_wrapped_keep_their_youngest_records(tmp_path: Path) -> None:
    """A full log holds its last records with their ids, and the truth knows only these."""
    whole = written(tmp_path / "whole", events="xml", era="A")
    cut = written(tmp_path / "cut", events="xml", era="A", event_log_records=20)

    for host, channel in {(row.host, row.channel) for row in whole.logged}:
        records = [row for row in whole.logged if (row.host, row.channel) == (host, channel)]
        assert [row for row in cut.logged if (row.host, row.channel) == (host, channel)] == records[-20:]
    assert len(cut.rows) == len(cut.logged)


def test_events_leave_the_other_logs_alone(tmp_path: Path) -> None:
    """Errlogs and job records are the same bytes with and without events, and the same knobs give the same events."""
    for name, form in (("none", "none"), ("one", "xml"), ("two", "xml")):
        write_estate(tmp_path / name, Knobs(**{**KNOBS, "events": form}))
    files = {
        name: {
            path.relative_to(tmp_path / name).as_posix(): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        for name in ("none", "one", "two")
    }

    assert files["one"] == files["two"]
    assert files["none"].items() <= files["one"].items()
    assert not [name for name in files["none"] if name.endswith((".xml", ".evtx"))]
    assert not (tmp_path / "none.truth" / "event_truth.csv").exists()


@pytest.mark.parametrize(
    "turned",
    [
        {"guest_clock_skew_s": 121.0},
        {"guest_events": 1.5},
        {"era": "D"},
        {"events": "csv"},
        {"event_noise": -1},
    ],
)
def test_values_out_of_range_are_refused(turned: dict[str, Any]) -> None:
    """A wrong knob is named."""
    with pytest.raises(UsageError, match=next(iter(turned))):
        Knobs(**turned)


def test_fields_are_those_of_the_reference(shared: Path) -> None:
    """Kinds of manifest providers have exactly the typed fields of windows-events.jsonl."""
    known: dict[tuple[str, str, int], list[list[str]]] = defaultdict(list)
    for line in (shared / "reference" / "windows-events.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        known[row["provider"], row["channel"], row["event_id"]].append(row["fields"])
    checked = 0
    for kind in KINDS.values():
        fields = known.get((kind.provider.name, kind.channel, kind.event_id))
        if kind.provider.name in ("Microsoft-Windows-VHDMP", "Microsoft-Windows-VolumeSnapshot-Driver") or (
            kind.provider.name == "Microsoft-Windows-Backup"
        ):
            assert [f"{spec.type} {spec.name}" for spec in kind.fields] in (fields or []), kind.key
            checked += 1
    assert checked > 40
