"""The words of the contract: what each says beside its name, by what other parts of the product rest on it."""

from __future__ import annotations

from collections import Counter

import pytest

from analytics.tables.job_words import KINDS
from analytics.tables.sla_words import SLA_REASONS
from analytics.tables.trust_words import TRUST_CHECKS, TRUST_FINDINGS, TRUST_REMEDIES, TRUST_STATUSES
from analytics.tables.value import Value, Vocabulary
from analytics.tables.vocabulary import BOUNDARIES, CAUSES, OUTCOMES, PHASES, SERVICES


class TestBoundaries:
    def test_places(self):
        """Those of a host-level backup are counted from 0 as its phases are; the online agent's from 10 on."""
        places = [boundary.place for boundary in BOUNDARIES]

        assert places == [*range(8), *range(10, 20)]

    def test_a_phase_begins_at_its_place(self):
        """Phase n lies between the boundaries n and n + 1."""
        host = [boundary.phase for boundary in BOUNDARIES if boundary.place < 7]

        assert host == [phase.name for phase in PHASES if phase.place < 7]
        assert [
            boundary.name for boundary in BOUNDARIES if boundary.phase is None and boundary.place < 10
        ] == ["end"]

    def test_steps_of_the_online_agent(self):
        """Each step has its beginning and its end, and the time between steps is no phase."""
        steps = [boundary.phase for boundary in BOUNDARIES if 10 < boundary.place < 19]

        assert steps == ["snapshot", None, "prepare", None, "transfer", None, "finalize", None]


class TestFlags:
    def test_what_brings_a_recovery_point(self):
        """A complaint does not take it away; what has not ended may still bring one."""
        assert {outcome.name for outcome in OUTCOMES if outcome.is_good} == {"succeeded", "warning"}
        assert {outcome.name for outcome in OUTCOMES if not outcome.is_final} == {"running", "unknown"}

    def test_what_owes_a_recovery_point(self):
        """Checks and backups to the cloud do not make the one that the window asks for."""
        assert {kind.name for kind in KINDS if kind.owes_sla} == {
            "express_full",
            "recovery_point",
            "initial_replica",
        }

    def test_what_a_reason_means(self):
        """One is kept, six are missed, of the others nobody can say."""
        met = {reason.name: reason.met for reason in SLA_REASONS}

        assert [name for name, is_met in met.items() if is_met] == ["met"]
        assert {name for name, is_met in met.items() if is_met is False} == {
            "late",
            "running_late",
            "failed",
            "missed",
            "never_run",
        }

    def test_causes_without_lack_of_time(self):
        """Failed, not started, never run: no time was lacking, and each has an answer of its own."""
        assert {cause.name for cause in CAUSES if not cause.is_late} == {"failed", "not_started", "never_run"}
        assert all(cause.recommendation for cause in CAUSES if not cause.is_late)

    def test_who_is_a_dpm_server(self):
        """Only agents run on other computers than the DPM server."""
        assert "MSDPM" in {service.name for service in SERVICES if service.is_server}
        assert "DPMRA" in {service.name for service in SERVICES if not service.is_server}


class TestFindings:
    @pytest.mark.parametrize("check", TRUST_CHECKS.names)
    def test_of_each_check(self, check):
        """Something is all right, something is not; only what is not asks for something; ranks tell them apart."""
        own = [finding for finding in TRUST_FINDINGS if finding.check == check]
        ranked = Counter((finding.status, finding.rank) for finding in own if not finding.is_empty)

        assert {"ok"} < {finding.status for finding in own} <= set(TRUST_STATUSES.names)
        assert all((finding.remedy is None) == (finding.status == "ok") for finding in own)
        assert {finding.remedy for finding in own if finding.remedy} <= set(TRUST_REMEDIES.names)
        assert all(finding.status == "ok" for finding in own if finding.is_empty)
        assert len([finding for finding in own if finding.status == "ok" and not finding.is_empty]) == 1
        assert check in {"ingest_complete", "rejects"} or set(ranked.values()) == {1}

    def test_what_comes_first(self):
        """Hosts alone before missing nights, differences behind jumps; old evidence behind missing nights."""
        ranks = {finding.name: finding.rank for finding in TRUST_FINDINGS}

        assert ranks["only_host_logs"] < ranks["jobs_without_record"] < ranks["nights_without_records"]
        assert ranks["clocks_jumped"] < ranks["clocks_differ"]
        assert ranks["guests_jumped"] < ranks["guests_differ"]
        assert ranks["nights_without_evidence"] < ranks["evidence_old"]

    def test_how_much_is_needed(self):
        """A twentieth of the time may be untold; of all else one is enough."""
        assert {finding.name: finding.least_share for finding in TRUST_FINDINGS if finding.least_share} == {
            "time_untold": 0.05
        }


class TestVocabulary:
    words = Vocabulary("w", (Value("one", "One."), Value("event_*", "Two.")))

    @pytest.mark.parametrize(
        ("name", "covering"),
        [("one", "one"), ("event_", "event_*"), ("event_x", "event_*"), ("ones", None), ("event", None)],
    )
    def test_covering(self, name, covering):
        """A star stands for all that begin so."""
        found = self.words.covering(name)

        assert (found and found.name) == covering
        assert (name in self.words) == (covering is not None)

    def test_what_is_no_text(self):
        """It is in no vocabulary."""
        assert None not in self.words
        assert 1 not in self.words
