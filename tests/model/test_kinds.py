"""What jobs without a record did, as the DPM server's lines tell it, against the truth of simulated estates."""

from __future__ import annotations

import pytest

CHECKS = {"vms": 8, "nights": 4, "seed": 3, "consistency_check_share": 0.3, "initial_replica_share": 0.3}
SLA = "SELECT vm, night, expected, met, reason FROM sla WHERE rule = 'backup_window' ORDER BY ALL"


def kinds(made):
    """Kind and outcome as they were, and kind as found, of the jobs on a host."""
    truth = made.jobs[(made.jobs.level == "host") & (made.jobs.kind != "online")]
    found = made.session.sql("SELECT job_id, kind AS found, kind_from, owes_sla FROM jobs").to_pandas()
    return truth.merge(found, on="job_id")


def test_errlogs_alone_tell_checks_from_backups(estate):
    """Without any record: CreatePIT is a backup, a good end without one a check, all else nothing."""
    made = kinds(estate(job_records="none", failure_share=0.2, rct_share=0.3, running_jobs=1, **CHECKS))
    is_good = made.outcome.isin(["succeeded", "warning"])
    is_check = made.kind == "consistency_check"

    assert set(made[is_good & is_check].found) == {"consistency_check"}
    assert set(made[is_good & is_check].kind_from) == {"server_lines"}
    assert set(made[is_good & ~is_check].found) == {"express_full"}
    assert set(made[is_good & ~is_check].kind) == {"express_full", "initial_replica"}
    assert set(made[~is_good].found) == {"other"}
    assert not made[~is_good | is_check].owes_sla.any()
    assert (~is_good).sum() > 3


def test_without_the_log_of_the_dpm_server_nothing_is_told(estate):
    """The agent's lines are the same for a check and a backup: neither owes a recovery point."""
    made = kinds(estate(job_records="none", silent_servers=1, **CHECKS))

    assert set(made.found) == {"other"}
    assert not made.owes_sla.any()


@pytest.mark.parametrize("form", ["raw", "blanks"])
def test_checks_that_no_record_names_are_no_backups(estate, form):
    """Verdicts are those of an estate whose records name them."""
    silent = estate(unrecorded_checks=True, form=form, **CHECKS)
    named = estate(form=form, **CHECKS)
    found = kinds(silent)
    checks = found[(found.kind == "consistency_check") & (found.outcome == "succeeded")]

    assert silent.session.sql(SLA).to_pylist() == named.session.sql(SLA).to_pylist()
    assert (len(checks) > 3, set(checks.found)) == (
        form == "raw",
        {"consistency_check"} if form == "raw" else set(),
    )


def test_a_night_whose_records_are_lost(estate):
    """CreatePIT shows the backups of that night; of a VM that only records tell of nothing is known."""
    made = estate(lost_record_nights=1, **CHECKS)
    night = sorted(made.jobs.night.unique())[2]
    found = kinds(made)
    backups = found[(found.night == night) & found.outcome.isin(["succeeded", "warning"])]
    lost = [row for row in made.session.sql(SLA).to_pylist() if str(row["night"]) == night]

    assert set(backups[backups.kind != "consistency_check"].kind_from) == {"create_pit"}
    assert {row["reason"] for row in lost if row["vm"] in set(backups.vm)} == {"met", "not_established"}
    guests = set(made.jobs[made.jobs.level == "guest"].vm)
    assert {row["reason"] for row in lost if row["vm"] in guests} == {"unknown"}
