"""One cause per breach: verdict, offenders, PDF, JSON, CSV and recommendation name the same one, on ten estates."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import time

import pypdf
import pytest

from analytics.ingest import ingest
from analytics.planning import open_session
from analytics.report import build_report
from analytics.report.words import Words
from analytics.report.write import FORMATS
from analytics.site import Site
from analytics.store import Store
from analytics.synth import Knobs, write_estate

SCHEDULING = {"queue", "late_start", "claim_wait"}
NAMES = Words.of("en").table("main_cause")


@pytest.fixture(scope="module", params=range(10))
def told(request, tmp_path_factory):
    """A random estate under pressure: its breaches with their causes, and the report in every form."""
    seed = request.param
    folder = tmp_path_factory.mktemp("causes")
    knobs = Knobs(
        vms=6,
        nights=4,
        seed=seed,
        hosts=2,
        volumes=2,
        noise=0,
        encoding="utf-8",
        slots_per_host=1 + seed % 3,
        collision_share=seed / 10,
        failure_share=0.1 * (seed % 4),
        missed_share=0.05 * (seed % 5),
        heavy_share=0.4 if seed % 2 else 0.1,
        running_jobs=seed % 2,
        window=("22:00", "02:00" if seed % 3 else "06:00"),
        site_time_zone="Europe/Berlin",
    )
    write_estate(folder / "logs", knobs)
    store = Store.create_or_open(folder / "store")
    ingest(store, [folder / "logs"])
    site = Site(
        window_start=_clock(knobs.window[0]), window_end=_clock(knobs.window[1]), schedules={"*": "daily"}
    )
    with open_session(store, site, keep=False) as session:
        breaches = session.sql(
            "SELECT vm, cause, cause_s FROM sla WHERE rule = 'backup_window' AND NOT met"
        ).to_pylist()
        yield breaches, build_report(session)


def _clock(text):
    return time.fromisoformat(text)


def main_causes(breaches):
    """The cause of most breaches of each VM; where several are equal, all of them."""
    by_vm = defaultdict(Counter)
    for breach in breaches:
        by_vm[breach["vm"]][breach["cause"]] += 1
    return {vm: {c for c, n in found.items() if n == max(found.values())} for vm, found in by_vm.items()}


def printed_first_page(report):
    """The text of the first page of the PDF: no section follows, which would take longer than all the rest."""
    pages = pypdf.PdfReader(io.BytesIO(FORMATS[".pdf"](replace(report, sections=())))).pages
    return " ".join(pages[0].extract_text().split())


def test_the_verdict_counts_the_causes(told):
    """Each number stands with its cause, and all of them make up what was missed."""
    breaches, report = told
    counts = Counter(breach["cause"] for breach in breaches)
    said = {
        name: re.search(rf"(\d+) {re.escape(phrase)}\b", report.verdict) for name, phrase in NAMES.items()
    }
    named = {name: int(found[1]) for name, found in said.items() if found and name in counts}
    others = re.search(r"(\d+) otherwise", report.verdict)

    assert all(counts[name] == number for name, number in named.items())
    assert sum(named.values()) + (int(others[1]) if others else 0) == len(breaches) == report.key["missed"]
    if breaches:
        assert max(counts.values()) in named.values()


def test_every_form_names_the_main_cause(told):
    """Offenders, JSON, CSV and PDF."""
    breaches, report = told
    expected = main_causes(breaches)
    offenders = {row["vm"]: row["main_cause"] for row in report.results["offenders"].rows}
    document = json.loads(FORMATS[".json"](report))
    in_json = {row["vm"]: row["main_cause"] for row in document["results"]["offenders"]["rows"]}
    in_csv = {
        row["vm"]: row["vm_cause"]
        for row in csv.DictReader(io.StringIO(FORMATS[".csv"](report).decode("utf-8-sig")))
        if row["vm_cause"]
    }

    assert offenders.keys() == expected.keys()
    assert all(cause in expected[vm] for vm, cause in offenders.items())
    assert in_json == offenders
    assert {in_csv[vm] for vm in offenders if vm in in_csv} <= {NAMES[c] for c in offenders.values()} | set(
        NAMES
    )
    first_page = printed_first_page(report)
    for vm, cause in offenders.items():
        if vm.isascii() and re.fullmatch(r"[\w-]+", vm):
            assert re.search(rf"{vm}: missed [^:]*; {re.escape(NAMES[cause])} \(", first_page), (vm, cause)


def test_the_recommendation_follows_from_it(told):
    """No guest-level backup for a problem of scheduling or a failure."""
    _, report = told
    for row in report.results["offenders"].rows:
        if row["main_cause"] in SCHEDULING:
            assert row["recommendation"] not in {"guest_level", "upgrade", "repair_rct", "none"}
        elif row["main_cause"] == "failed":
            assert row["recommendation"] in {"see_failures", "see_both"}
        elif row["main_cause"] in {"not_started", "never_run"}:
            assert row["recommendation"] in {"check_schedule", "see_both"}
