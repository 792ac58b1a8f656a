"""A sentence is a claim: each stands in a report that has its cause, and not in one like it that has not."""

from __future__ import annotations

from functools import cache

import pytest

from analytics.report import leads
from analytics.report.build import run_all
from analytics.report.changes import changes
from analytics.report.facts import facts
from analytics.report.leads import lead
from analytics.report.notes import notes
from analytics.report.sections import SECTIONS, results_of
from analytics.report.verdict import headline, remarks
from analytics.report.words import Claim, Words
from tests.report.claim_estates import ESTATES, PERIODS
from tests.report.estate import ZONE, session_of
from tests.report.planned_claims import PLANNED_CLAIMS

# claim: (an estate that has its cause, one that has not)
CLAIMS: dict[str, tuple[str, str]] = {
    "verdict.unproven": ("met, zone assumed", "met"),
    "verdict.causes": ("late", "met"),
    "verdict.where_jobs": ("read", "nothing"),
    "verdict.missed": ("late", "met"),
    "verdict.vms": ("late", "met"),
    "verdict.each": ("missed on two nights", "late"),
    "verdict.cause": ("late", "met"),
    "verdict.others": ("four causes", "three causes"),
    "verdict.silent_one": ("silent on three nights", "silent on two nights"),
    "verdict.successor": ("silent, another began", "silent on three nights"),
    "verdict.first_only": ("late after a failure", "failed backup"),
    "verdict.first_of": ("late after a failure, and failed", "late after a failure"),
    "verdict.silent": ("two silent", "silent on three nights"),
    "verdict.unjudged": ("met, unjudged late", "met, unjudged in time"),
    "verdict.unjudged_all": ("met, unjudged in time", "met, unjudged late"),
    "verdict.unjudged_none": ("met, unjudged", "met, unjudged in time"),
    "verdict.dark": ("met, dark", "met"),
    "verdict.nothing_established": ("unjudged", "met, unjudged"),
    "verdict.open": ("late, unknown", "late"),
    "verdict.unknown": ("late, unknown", "met, running"),
    "verdict.running": ("met, running", "late, unknown"),
    "verdict.unnamed": ("met, unnamed failed", "met"),
    "verdict.all_unknown": ("unknown", "met, unknown"),
    "verdict.none_known": ("met, unknown", "met"),
    "verdict.all_met": ("met", "met, unknown"),
    "verdict.nothing_read": ("nothing", "read"),
    "verdict.no_vm": ("unnamed", "unnamed, of hosts alone"),
    "verdict.only_hosts": ("unnamed, of hosts alone", "unnamed"),
    "verdict.no_job": ("read", "read, a job of no night"),
    "verdict.no_job_then": ("read, a job of no night", "read"),
    "verdict.seen": ("snapshots of DPM", "read"),
    "lone.snapshots": ("snapshots of DPM", "runs"),
    "lone.by": ("snapshots of DPM", "snapshots of nobody"),
    "lone.asker": ("snapshots of DPM", "snapshots of nobody"),
    "lone.nameless": ("snapshots of DPM and nobody", "snapshots of DPM"),
    "lone.runs": ("runs", "snapshots of DPM"),
    "fact.in_time_unknown": ("unknown", "met, unknown"),
    "fact.past_unknown": ("unknown", "met"),
    "fact.moved_unknown": ("met", "sent"),
    "fact.none_past": ("met", "unknown"),
    "fact.none_understood": ("rejects only", "met"),
    "fact.share": ("met", "nothing"),
    "fact.length": ("late", "met"),
    "fact.amount": ("sent", "met"),
    "fact.none_due": ("nothing", "met"),
    "fact.missed_unknown": ("met", "nothing"),
    "fact.running": ("met, running", "met, unknown"),
    "fact.not_run": ("two silent", "late"),
    "fact.last_end": ("met", "without an end"),
    "fact.no_end": ("without an end", "met"),
    "fact.worst_backup": ("late", "met"),
    "fact.no_bytes": ("met", "sent"),
    "fact.rate": ("sent", "sent by a job without an end"),
    "fact.all_rejected": ("rejects only", "met"),
    "fact.rejected": ("met", "nothing"),
    "fact.no_job_log": ("log without jobs", "log missing"),
    "fact.logs_missing": ("log missing", "met"),
    "fact.no_log_missing": ("met", "dark night"),
    "fact.nights_dark": ("dark night", "log missing"),
    "lead.sla.all_unknown": ("unknown", "met, unknown"),
    "lead.sla.vms": ("met, unknown", "unknown"),
    "lead.offenders.most": ("missed on two nights", "two silent on three nights"),
    "lead.offenders.equal": ("two silent on three nights", "missed on two nights"),
    "lead.failures.lone": ("failure events", "explained"),
    "lead.failures.causes": ("explained", "failure events"),
    "lead.failures.error": ("unexplained", "explained"),
    "lead.failures.error_code": ("unexplained", "unexplained by its HRESULT"),
    "lead.failures.no_error": ("failed without an error", "unexplained"),
    "lead.phases.longest": ("phases", "phases, queue"),
    "lead.phases.queued": ("phases, queue", "phases"),
    "lead.queue.waited": ("queue", "phases"),
    "lead.queue.all_late": ("two queued", "queued, late"),
    "lead.queue.some_late": ("queued, late", "two queued"),
    "lead.timeline.jobs": ("met", "nothing"),
    "lead.timeline.unnamed": ("unnamed", "met"),
    "lead.timeline.others": ("jobs of another night", "met"),
    "lead.snapshot.lone": ("snapshots of DPM", "post-snapshot of 3 s"),
    "lead.snapshot.mounted": ("snapshots of DPM with VHDs", "snapshots of DPM"),
    "lead.snapshot.nothing_after": ("snapshots, another phase", "post-snapshot of 3 s"),
    "lead.snapshot.claim": ("post-snapshot of 3 s", "snapshots, another phase"),
    "lead.snapshot.longest_observed": ("post-snapshot of 30 s", "post-snapshot of 3 s"),
    "lead.snapshot.longest_proven": ("post-snapshot of about 30 s", "post-snapshot of 30 s"),
    "lead.snapshot.longest_possible": ("post-snapshot of 5 to 15 s", "post-snapshot not seen"),
    "lead.snapshot.grade": ("post-snapshot not seen", "snapshots, another phase"),
    "lead.gap.no_clock": ("clock set", "gap"),
    "lead.gap.middle": ("gap", "clock set"),
    "lead.effects.whole": ("moves alone", "met"),
    "lead.effects.beside": ("moves alone and side by side", "moves alone"),
    "lead.effects.most_beside": ("moves alone and six at once", "moves alone and side by side"),
    "lead.effects.not_compared": ("moves alone", "moves alone and side by side"),
    "lead.effects.compared": ("compared", "compared, reverted"),
    "lead.effects.reverted": ("compared, reverted", "tracked"),
    "lead.guest.advised": ("advised", "met"),
    "lead.guest.gain": ("advised", "advised without a gain"),
    "lead.guest.several": ("several advised", "advised"),
    "lead.waiting.unknown": ("waited unseen", "waited"),
    "lead.waiting.waited": ("waited", "waited unseen"),
    "lead.waiting.unnamed_volume": ("waited for no name", "waited"),
    "lead.coverage.books": ("read", "nothing"),
    "lead.coverage.all_nights": ("read, of some nights", "read"),
    "news.against_nights": ("four nights", "three nights"),
    "news.against_weekday": ("twenty-two nights", "twenty-one nights"),
    "news.jobs": ("four nights", "three nights"),
    "news.sent": ("twenty-two nights", "four nights"),
    "news.ended": ("four nights", "three nights"),
    "news.missed": ("four nights", "three nights"),
    "news.of_nights": ("twenty-two nights", "twenty-one nights"),
    "news.sent_of_nights": ("twenty-two nights", "twenty-one nights"),
    "news.ended_of_nights": ("twenty-two nights", "twenty-one nights"),
    "news.new": ("new, still", "resolved"),
    "news.still": ("new, still", "resolved"),
    "news.resolved": ("resolved", "new, still"),
    "news.names": ("resolved", "met"),
    "news.others": ("ten new", "new, still"),
    "lead.offenders.one_night": ("late", "missed on two nights"),
    "lead.offenders.worst": ("late", "failed"),
    "lead.usual.longer": ("late, longer than usual", "late, as usual"),
    "lead.usual.as_ever": ("late, as usual", "late, after a failure"),
    "note.usual.retried": ("late, after a failure", "late, as usual"),
    "note.usual.most": ("late, after a failure", "late, as usual"),
    "note.usual.error": ("late, after a failure", "late, after a failure without a number"),
    "lead.usual.nothing_known": ("late", "late, as usual"),
    "lead.compliance.window": ("met", "nothing"),
    "lead.compliance.at_risk": ("met, missed, met", "met"),
    "lead.compliance.breaks": ("failed", "met"),
    "lead.compliance.open": ("one missed, one open", "failed"),
    "note.compliance.streak": ("three of four missed", "failed"),
    "note.guest.all_nights": ("advised, of some nights", "advised"),
    "note.snapshot.no_events": ("post-snapshot of 5 to 15 s", "post-snapshot of 5 to 15 s, with events"),
    "note.snapshot.unclear": ("post-snapshot of 5 to 15 s, with events", "post-snapshot of 3 s"),
    "note.sla.rules": ("rules that disagree", "met by both rules"),
    "note.timeline.left_out": ("more jobs than are drawn", "met"),
    "note.gap.others": ("gap of one of two", "gap"),
    "note.gap.set_clocks": ("clock set", "clock constant"),
    "note.failures.no_events": ("explained", "failed, with events at hand"),
    "note.failures.bare": ("failed, with events at hand", "failed, with an event beside"),
    "note.failures.unexplained": ("unexplained", "explained"),
    "note.coverage.gaps": ("gaps", "wrapped"),
    "note.coverage.wrapped": ("wrapped", "gaps"),
    "note.coverage.idle_group": ("idle group", "idle server"),
    "note.coverage.idle_server": ("idle server", "idle group"),
    "note.coverage.idle_others": ("two idle groups", "idle group"),
} | {
    f"section.{name}.empty": ("nothing", other)
    for name, other in {
        "sla": "met",
        "offenders": "late",
        "compliance": "met",
        "usual": "late",
        "failures": "explained",
        "phases": "phases",
        "timeline": "met",
        "snapshot": "post-snapshot of 3 s",
        "gap": "gap",
        "effects": "moves alone",
        "guest": "advised",
        "waiting": "waited",
        "coverage": "read",
    }.items()
}
CLAIMS |= PLANNED_CLAIMS
# said in every report, whatever it holds
ALWAYS = {"fact.of", "fact.jobs_detail"}


@cache
def claims_of(name: str) -> tuple[Claim, ...]:
    """All that the report of an estate states."""
    session = session_of(ESTATES[name])
    results = run_all(session, ZONE, PERIODS.get(name), None, results_of(SECTIONS))
    told = [claim for fact in facts(results) for claim in (fact.value, fact.detail) if claim]
    leads = [lead(section, results) for section in SECTIONS]
    noted = [claim for section in SECTIONS for claim in notes(section, results)]
    said = headline(results, "22:00–06:00", Words.of("en"))
    told += changes(results)
    return (said, *remarks(results, "22:00–06:00"), *told, *leads, *noted)


def codes_of(name: str) -> set[str]:
    """The codes of all that the report of an estate states."""
    return {code for claim in claims_of(name) for code in claim.codes()}


@pytest.mark.parametrize("code", CLAIMS)
def test_a_claim_stands_with_its_cause_and_falls_with_it(code):
    """The second estate differs from the first by what the claim rests on."""
    with_cause, without = CLAIMS[code]

    assert code in codes_of(with_cause)
    assert code not in codes_of(without)


def test_every_claim_is_tested():
    """Whatever verdict, facts, leads and notes can say has a case above."""
    words, rooms = Words.of("en"), ("verdict", "lone", "news", "fact", "lead", "note")
    known = {code for code in words.codes() if code.split(".")[0] in rooms}
    vocabularies = "lead.snapshot.grades."

    assert {code for code in known if not code.startswith(vocabularies)} == {
        code for code in CLAIMS if not code.startswith("section.")
    } | ALWAYS


@pytest.mark.parametrize("name", ESTATES)
def test_every_claim_has_its_words(name):
    """Each is said, to its end, with nothing left to fill in."""
    for claim in claims_of(name):
        text = Words.of("en").say(claim)

        assert text
        assert not set(text) & set("{}")
        assert "None" not in text


def test_the_longest_post_snapshot_that_is_possible():
    """Of jobs that the logs leave open and that have a longest length."""
    rows = [
        {"vm": "told", "unclear": 0, "most_s": 99.0},
        {"vm": "endless", "unclear": 1, "most_s": None},
        {"vm": "open", "unclear": 1, "most_s": 5.0},
        {"vm": "longer", "unclear": 2, "most_s": 7.0},
    ]

    assert leads.longest_possible(rows) == Claim("lead.snapshot.longest_possible", most_s=7.0, vm="longer")
    assert leads.longest_possible(rows[:2]) is None
