"""Every view, value and rule over every sample store: what is declared is there, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from analytics.places import rules_folder
from analytics.tables import RULES, TABLES
from analytics.tables.advice_words import ADVICE, CAUSE_ADVICE, RECOMMENDATIONS, TRIED_CHANGES
from analytics.tables.links import LINKS
from analytics.tables.planning_words import (
    BOTTLENECKS,
    CHANGES,
    ESTIMATE_REASONS,
    FORECAST_REASONS,
    FORECAST_VERDICTS,
    PROOF_REASONS,
)
from analytics.tables.rules import read_rules
from analytics.tables.sla_words import (
    DUE_EVIDENCE,
    DUE_REASONS,
    SHARED,
    SITE_FINDINGS,
    SLA_REASONS,
    SLA_RULES,
)
from analytics.tables.trust_words import INGEST_STATES, TRUST_FINDINGS, TRUST_REMEDIES, ZONE_EVIDENCE
from analytics.tables.value import Value, Vocabulary
from analytics.tables.vocabulary import VOCABULARIES
from tests.model.walk import Walk

# Values that no sample yields: samples have few nights and no site file, and their stores are whole;
# tests/model/test_due.py, test_sla_rules.py, test_trust.py and tests/planning write what yields them. The zone, the
# last ingest and what a cause calls for are given to the model, and no view repeats them.
NOT_YIELDED: tuple[tuple[Vocabulary[Value], set[str]], ...] = (
    (SLA_RULES, {"max_duration", "rpo_disk", "rpo_cloud", "dpm_sla"}),
    (SLA_REASONS, {"not_due", "running"}),
    (DUE_EVIDENCE, {"same_weekday", "site"}),
    (DUE_REASONS, {"not_due"}),
    (SHARED, {"dpm_server"}),
    (
        ADVICE,
        {
            *("few_transfers", "check_beside", "spread_meets", "limit_meets"),
            *("limit_raised_meets", "both_meet", "not_tried", "sizes_do_not_fit", "split_unknown"),
            *("predictions_missed", "late_next"),
        },
    ),
    (RECOMMENDATIONS, {"change_limit", "several"}),
    (TRIED_CHANGES, {"host_caps", "volume_caps"}),
    (CAUSE_ADVICE, {*CAUSE_ADVICE.names}),
    (FORECAST_VERDICTS, {"trend"}),
    (
        FORECAST_REASONS,
        {"few_sizes", "disks_grow", "disks_do_not_grow", "beyond_a_year", "broken_already", "split_unknown"},
    ),
    (BOTTLENECKS, {"host_cap", "server"}),
    (
        ESTIMATE_REASONS,
        {
            *(
                "always_overlap",
                "environment_changed",
                "equal_sizes",
                "few_guest_jobs",
                "few_vms",
                "guest_jobs",
            ),
            *(
                "guest_jobs_and_phi",
                "hit_rate",
                "imputed",
                "never_overlap",
                "no_changed_data",
                "no_guest_jobs",
            ),
            *("not_calibrated", "one_vm", "own_changed_bytes", "own_fit", "own_nights", "similar_sizes"),
            "sizes_do_not_fit",
        },
    ),
    (CHANGES, {*CHANGES.names}),
    (PROOF_REASONS, {*PROOF_REASONS.names}),
    (SITE_FINDINGS, {"names_no_vm", "names_no_group", "ends_before_first"}),
    (ZONE_EVIDENCE, {*ZONE_EVIDENCE.names}),
    (INGEST_STATES, {*INGEST_STATES.names}),
    (
        TRUST_FINDINGS,
        {
            *(
                "clocks_far_apart",
                "clocks_jumped",
                "guests_agree",
                "guests_jumped",
                "zones_differ",
                "site_doubtful",
            ),
            *(
                "few_rejected",
                "many_rejected",
                "files_damaged",
                "files_unknown",
                "records_doubtful",
                "records_lost",
            ),
            *(
                "ingest_ended_early",
                "ingest_not_noted",
                "ingest_running",
                "evidence_old",
                "jobs_without_record",
            ),
        },
    ),
    (
        TRUST_REMEDIES,
        {
            *("read_again", "look_at_rejects", "look_at_site_file", "collect_newest"),
            *("wait_for_ingest", "ingest_again"),
        },
    ),
)
COLUMNS = [
    pytest.param(table.name, column.name, column.values, id=f"{table.name}.{column.name}")
    for table in TABLES.values()
    if table not in RULES
    for column in table.columns
    if column.values is not None
]


def found_in(walk: Walk, view: str, column: str) -> set[str]:
    """All values of a column in all stores."""
    values = (facts["views"].get(view, {}).get("values", {}).get(column, ()) for facts in walk.values())
    return {value for some in values for value in some}


class TestViews:
    @pytest.mark.parametrize("name", [table.name for table in TABLES.values() if table.floor or table.time])
    def test_columns_and_types(self, walk, name):
        """Each view has the declared columns, in that order and of these types, in every store."""
        declared = [[column.name, column.sql_type] for column in TABLES[name].columns]

        assert {store: facts["views"][name]["columns"] for store, facts in walk.items()} == dict.fromkeys(
            walk, declared
        )

    def test_keys(self, walk):
        """No two rows of a view share its key."""
        doubled = {
            (store, name): view["doubled"]
            for store, facts in walk.items()
            for name, view in facts["views"].items()
            if view["doubled"]
        }

        assert doubled == {}

    def test_links(self, walk):
        """What a table names of another is there, in every store, and once: it names the other's key."""
        assert {store: facts["lost"] for store, facts in walk.items() if facts["lost"]} == {}
        assert [link for link in LINKS if link.of_columns != TABLES[link.of].key] == []


class TestVocabulary:
    @pytest.mark.parametrize(("view", "column", "vocabulary"), COLUMNS)
    def test_each_value_is_declared(self, walk, view, column, vocabulary):
        """What a column holds in any store is in its vocabulary."""
        assert {value for value in found_in(walk, view, column) if value not in vocabulary} == set()

    @pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda vocabulary: vocabulary.name)
    def test_each_declared_value_is_yielded(self, walk, vocabulary):
        """Some store, or some rule, yields each value; those that none yields yet say why."""
        found = {
            value
            for table in TABLES.values()
            for column in table.columns
            if column.values is vocabulary
            for value in (
                {rule.cells[column.name] for rule in read_rules(rules_folder(), table.name)}
                if table in RULES
                else found_in(walk, table.name, column.name)
            )
        }
        missing = {value.name for value in vocabulary} - {
            covering.name for value in found if value and (covering := vocabulary.covering(value))
        }

        assert missing == next((names for of, names in NOT_YIELDED if of is vocabulary), set())


class TestRules:
    def test_each_errlog_rule_is_hit(self, walk):
        """A record of some sample matches each rule that is on."""
        hit = {tuple(row) for facts in walk.values() for row in facts["hits"]["marker_rules"]}

        assert unhit("marker_rules", lambda cells: (cells["file"], cells["text"]) in hit) == []

    def test_each_event_rule_is_hit(self, walk):
        """An event of some sample matches each rule that is on."""
        hit = {tuple(row) for facts in walk.values() for row in facts["hits"]["event_rules"]}

        def is_hit(cells):
            provider = cells["event_provider"].lower()
            return any(
                marker == cells["marker"]
                and (name == provider or (provider.endswith("*") and name.startswith(provider[:-1])))
                and cells["event_id"] in {"*", str(number)}
                for marker, name, number in hit
            )

        assert unhit("event_rules", is_hit) == []

    @pytest.mark.parametrize(("name", "column"), [("job_categories", "category"), ("job_statuses", "status")])
    def test_categories_and_statuses(self, walk, name, column):
        """Each rule is hit by the record of some sample, and each record of a sample has its rule."""
        hit = {word for facts in walk.values() for of, word in facts["hits"]["words"] if of == name and word}
        ruled = {rule.cells[column] for rule in read_rules(rules_folder(), name)}

        assert hit == ruled


def unhit(name: str, is_hit: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """The rules that are on and that nothing hits."""
    rules = [rule.cells for rule in read_rules(rules_folder(), name)]
    return [cells for cells in rules if cells["enabled"] and not is_hit(cells)]
