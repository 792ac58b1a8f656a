"""Windows events as evidence: synthetic estates of each era against their truth."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.model.truth import compare_jobs, compare_phases, compare_sums, true_times

KNOBS = {
    "vms": 10,
    "nights": 3,
    "events": "xml",
    "guest_events": 0.6,
    "failure_share": 0.1,
    "collision_share": 0.3,
}
CLAIMS = """
    SELECT e.job_id AS claimed, h.host, h.channel, h.event_id, h.record_id, h.marker
    FROM job_events AS e
    JOIN event_hits AS h ON h.marker = e.marker AND h.source_id = e.source_id AND h.record_no = e.record_no
"""


def contradictions(made) -> list[str]:
    """All that jobs and phases say against the truth."""
    jobs = made.session.sql("SELECT * FROM jobs").to_pandas()
    phases = made.session.sql("SELECT * FROM phases").to_pandas()
    return [
        *compare_jobs(jobs, made.jobs),
        *compare_phases(phases, made.boundaries),
        *compare_sums(jobs, phases),
    ]


def wrong_gaps(made) -> list[str]:
    """Jobs whose gap between the snapshots lies outside its bounds."""
    jobs = made.session.sql("SELECT * FROM jobs WHERE delta_t_s IS NOT NULL").to_pandas()
    times = true_times(made.boundaries)
    gap = (times["t2"] - times["t1"]).dt.total_seconds()
    return [
        f"{row.job_id}: {gap[row.job_id]} s outside {row.delta_t_min_s}..{row.delta_t_max_s}"
        for row in jobs.itertuples()
        if not row.delta_t_min_s - 0.001 <= gap[row.job_id] <= row.delta_t_max_s + 0.001
    ]


@pytest.mark.parametrize("era", ["A", "B", "C"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_events_tell_no_lie(estate, era, seed):
    """With clocks two minutes off: no boundary or bound contradicts the truth, no event goes to a wrong job."""
    made = estate(
        **KNOBS, seed=seed, era=era, guest_clock_skew_s=120, audit_8222=seed == 1, volsnap_analytic=seed == 2
    )
    truth = pd.read_csv(
        made.folder.with_name(made.folder.name + ".truth") / "event_truth.csv", encoding="utf-8-sig"
    )
    claims = made.session.sql(CLAIMS).to_pandas()
    placed = claims.merge(truth, on=["host", "channel", "event_id", "record_id"], how="left")

    assert contradictions(made) == []
    assert wrong_gaps(made) == []
    assert placed[placed.claimed != placed.job_id].to_dict("records") == []
    assert len(placed) > 50


def test_auditing_makes_the_snapshot_observed(estate):
    """With VSSAudit 8222 on the hosts, nearly every snapshot of a finished job is grade A instead of C."""
    silent = estate(**(KNOBS | {"events": "none"}), seed=4, era="A")
    audited = estate(**KNOBS, seed=4, era="A", audit_8222=True)
    grades = "SELECT grade, count(*) AS n FROM phases WHERE phase = 'post_snapshot' GROUP BY grade"

    without = dict(silent.session.sql(grades).to_pandas().itertuples(index=False))
    with_events = dict(audited.session.sql(grades).to_pandas().itertuples(index=False))

    assert "A" not in without
    assert with_events["A"] > 0.9 * sum(with_events.values())


def test_binary_and_xml_say_the_same(estate):
    """The phases are the same whether the event logs came as .evtx or as XML."""
    phases = [
        estate(**(KNOBS | {"events": form}), seed=5, era="A", audit_8222=True)
        .session.sql("SELECT job_id, phase, duration_s, grade FROM phases ORDER BY ALL")
        .to_pylist()
        for form in ("evtx", "xml")
    ]

    assert phases[0] == phases[1]


def test_era_follows_the_evidence(estate):
    """Mounts on a snapshot show era A, VM versions and RCT the later ones; block compare is claimed in era A only."""
    for era in ("A", "B", "C"):
        made = estate(**KNOBS, seed=6, era=era)
        found = made.session.sql(
            "SELECT era, tracking FROM jobs WHERE level = 'host' AND kind = 'express_full'"
        ).to_pandas()

        assert set(found.era) <= ({"A"} if era == "A" else {"B", "C"})
        assert ("block_compare" in set(found.tracking)) == (era == "A")


def test_failures_are_explained(estate):
    """Every failed job with a known error id or event gets a sentence with its source."""
    made = estate(**(KNOBS | {"failure_share": 0.5}), seed=7, era="A")
    failures = made.session.sql("SELECT * FROM failures").to_pandas()
    known = failures[failures.error_code.isin([32612, 30112, 104])]

    assert len(known) > 5
    assert known.explanation.notna().all()
    assert known.explanation_source.notna().all()
    assert set(known.phase.dropna()) <= {"prepare", "claim_wait", "snapshot", "post_snapshot", "transfer"}
