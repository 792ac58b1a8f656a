"""What happens in real estates and what gets lost, planted by `synth` with its truth: no verdict contradicts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from analytics.ingest import ingest
from analytics.planning import open_session
from analytics.report import build_report
from analytics.site import Site, load_site
from analytics.sql import Session
from analytics.store import Store
from analytics.synth import Knobs, write_estate
from tests.model.truth import compare_phases
from tests.synth.quiet import QUIET

PLAIN = {**QUIET, "seed": 5, "heavy_share": 0.0, "noise": 1}
BERLIN = {"site_time_zone": "Europe/Berlin", "vms": 4, "nights": 12}
ESTATES = {
    "changes": {
        "vms": 20,
        "hosts": 4,
        "volumes": 4,
        "nights": 29,
        "stopped_vms": 1,
        "unprotected_vms": 1,
        "renamed_vms": 1,
        "migrated_vms": 1,
        "namesakes": 2,
        "weekday_vms": 2,
        "weekly_vms": 2,
        "twice_vms": 1,
        "skipped_vms": 2,
    },
    "outage": {"vms": 6, "nights": 22, "outage_nights": 9},
    "lost": {
        "vms": 6,
        "nights": 22,
        "dark_nights": 1,
        "lost_record_nights": 1,
        "unrecorded_checks": True,
        "consistency_check_share": 0.3,
    },
    "23 hours": {**BERLIN, "first_night": date(2025, 3, 24), "running_fulls": 1, "collected": "04:00"},
    "25 hours": {**BERLIN, "first_night": date(2025, 10, 20), "running_fulls": 1, "collected": "12:00"},
    "silent": {
        "vms": 16,
        "hosts": 4,
        "volumes": 4,
        "nights": 10,
        "dpm_servers": 2,
        "silent_hosts": 1,
        "silent_servers": 1,
        "clock_jump_s": 90.0,
    },
}
MISSED = {"stopped", "outage", "skipped"}


@dataclass(frozen=True)
class Planted:
    """An estate, what the model says of its nights, and what was planted."""

    session: Session
    truth: Path
    nights: pd.DataFrame

    def table(self, name: str) -> pd.DataFrame:
        """A table of the truth."""
        return pd.read_csv(self.truth / f"{name}.csv")


@pytest.fixture(scope="module", params=ESTATES)
def planted(request, tmp_path_factory):
    """One estate after the other; its nights: slot by slot, what was due and what came of it beside the verdict."""
    folder = tmp_path_factory.mktemp("planted")
    write_estate(folder / "logs", Knobs(**{**PLAIN, **ESTATES[request.param]}))
    store = Store.create_or_open(folder / "store")
    assert ingest(store, [folder / "logs"]).exit_code == 0
    truth = folder / "logs.truth"
    site = truth / "site.toml"
    with open_session(store, load_site(site) if site.exists() else Site(), keep=False) as session:
        judged = session.sql(
            "SELECT vm, CAST(night AS VARCHAR) AS night, expected, met, reason FROM sla WHERE rule = 'backup_window'"
        )
        slots = pd.read_csv(truth / "slots.csv").drop_duplicates(["vm", "night"])
        names = slots.groupby("night").vm.nunique().max()
        nights = slots.merge(judged.to_pandas(), on=["vm", "night"], how="left", suffixes=("_true", ""))
        assert len(nights) >= names
        yield Planted(session, truth, nights)


def test_every_job_is_of_its_machine(planted):
    """Renamed, moved or one of two with one name: all jobs of a machine bear one label, and no other's."""
    jobs = planted.session.sql("SELECT job_id, vm FROM jobs WHERE vm IS NOT NULL").to_pandas()
    both = planted.table("job_machines").merge(jobs, on="job_id")

    assert len(both) > 0
    assert (both.groupby("vm_id").vm.nunique() == 1).all()
    assert (both.groupby("vm").vm_id.nunique() == 1).all()


def test_machines_are_those_that_were_planted(planted):
    """One row per VMId, under all names that it bore, where it was last."""
    truth = planted.table("machines")
    found = planted.session.sql("SELECT * FROM machines WHERE told_by = 'vm_id'").to_pandas()
    both = truth.merge(found, on="vm_id", suffixes=("_true", ""))

    assert len(found) == len(both) == found.vm.nunique() > 0
    for row in both.itertuples():
        former = {row.former_name} if isinstance(row.former_name, str) else set()
        assert set(row.names.split(", ")) == {row.name} | former
        assert (row.host, row.cluster) == (row.host_true, row.cluster_true)
    if not len(planted.table("lost")):
        assert len(both) == len(truth)


def test_phases_contradict_no_boundary(planted):
    """Where clocks agree, an observed phase begins and ends when it did, and a bounded one lies within its bounds."""
    # a job without a record begins with its first line (contract, section 6), later than it did
    phases = planted.session.sql(
        "SELECT p.* FROM phases AS p JOIN jobs AS j USING (job_id) WHERE j.evidence = 'record+log'"
    ).to_pandas()
    boundaries = planted.table("boundaries")
    boundaries["at"] = pd.to_datetime(boundaries["at"], format="ISO8601", utc=True)
    jumps = planted.session.sql("SELECT 1 FROM clock_offsets WHERE segment > 0").num_rows

    assert len(phases) > 0
    if not jumps:
        assert compare_phases(phases[phases.job_id.isin(boundaries.job_id)], boundaries) == []


def test_compliance_counts_what_sla_says(planted):
    """Kept, missed and unknown nights add up, and nobody meets a rule who is known to have missed a due night."""
    judged = planted.session.sql("SELECT vm, met FROM sla WHERE rule = 'backup_window'").to_pandas()
    rows = planted.session.sql("SELECT * FROM compliance WHERE rule = 'backup_window'").to_pandas()
    nights = planted.nights
    missed = set(nights[nights.reason_true.isin(MISSED) & (nights.expected == True)].vm)  # noqa: E712

    assert (rows.slots == rows.met + rows.missed + rows.unknown).all()
    for row in rows.itertuples():
        own = list(judged[judged.vm == row.vm].met)
        assert (row.met, row.missed) == (own.count(True), own.count(False))
        assert not (row.verdict == "meets" and row.vm in missed)


def test_what_did_not_run_is_no_success(planted):
    """Stopped, skipped, an outage: missed where it is established that a backup was due, and never met."""
    rows = planted.nights[planted.nights.reason_true.isin(MISSED)]

    assert not (rows.met == True).any()  # noqa: E712  (NULL is neither)
    assert set(rows[rows.expected == True].reason) <= {"missed"}  # noqa: E712
    assert len(rows) == 0 or (rows.reason == "missed").mean() > 0.8


def test_what_ran_is_not_missed(planted):
    """Whatever was lost of it: nothing that ran is called missed, and nothing that was not due is a breach."""
    ran = planted.nights[planted.nights.reason_true.isna()]
    not_due = planted.nights[~planted.nights.expected_true]

    assert not {"missed", "never_run"} & set(ran.reason.dropna())
    assert not (not_due.met == False).any()  # noqa: E712


def test_a_good_verdict_rests_on_evidence(planted):
    """Where logs, records or machines are missing, a check says so; where all is there, none does."""
    trust = planted.session.sql('SELECT "check", status FROM trust').to_pandas()
    bad = set(trust[trust.status != "ok"].check)
    lost = planted.table("lost")

    if len(lost) and not lost.has_record.all():
        assert "job_records" in bad
    if len(lost) and not lost.has_log.all():
        assert {"host_logs", "job_records"} & bad
    if not len(lost) and not (planted.nights.reason_true == "outage").any():
        assert bad <= {"unaccounted"}


def test_the_headline_counts_what_the_table_holds(planted):
    """Its number of missed backups is that of the rows that were not met."""
    report = build_report(planted.session)
    missed = planted.session.sql(
        "SELECT count(*) AS n FROM sla WHERE rule = 'backup_window' AND NOT met"
    ).to_pylist()[0]["n"]

    assert report.key["missed"] == missed
    assert len(report.to_dict()["verdict"]) <= 120
