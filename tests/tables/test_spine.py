"""Every relation is declared once, and every file of the model has its declaration."""

from __future__ import annotations

from collections import Counter

import pytest

from analytics.errors import ConfigurationError
from analytics.sql import model_queries
from analytics.tables import DERIVED, GIVENS, INTERNAL, PLANNED, RAW, RULES, TABLES
from analytics.tables.trust_words import TRUST_CHECKS
from analytics.tables.vocabulary import OUTCOMES, PHASES, VOCABULARIES

# `trace` is stored, and becomes a view that names more hosts.
COMPUTED = (*DERIVED, *INTERNAL, TABLES["trace"])


class TestTables:
    def test_each_name_once(self):
        """No two relations share a name, no two columns of one."""
        names = Counter(table.name for table in (*RAW, *DERIVED, *PLANNED, *INTERNAL, *GIVENS, *RULES))
        columns = Counter((table.name, name) for table in TABLES.values() for name in table.column_names)

        assert [name for name, times in (names + columns).items() if times > 1] == []

    def test_a_file_and_a_declaration_each(self):
        """Each .sql file of the model is declared on its floor, and each declaration has its file."""
        files = {name: query.path.parent.name for name, query in model_queries().items()}

        assert {table.name: table.floor for table in COMPUTED} == files

    @pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
    def test_a_table_says_what_it_is(self, table):
        """Grain, question, key and meanings are there; sentences are sentences."""
        assert table.grain
        assert not table.grain.endswith(".")
        assert table.question.endswith("?")
        assert set(table.key) <= set(table.column_names)
        assert table.key or table.name in {"rejects", "site", "store_state"}
        for column in table.columns:
            assert column.meaning
            assert column.sentence.endswith("."), column.name


class TestVocabulary:
    def test_each_value_once(self):
        """No list has a value twice, and each value has a sentence."""
        for vocabulary in VOCABULARIES:
            assert len(set(vocabulary.names)) == len(vocabulary.names), vocabulary.name
            assert all(value.meaning.endswith(".") for value in vocabulary), vocabulary.name

    def test_each_list_is_listed(self):
        """The documents and the walk know every list that a column has."""
        used = [column.values for table in TABLES.values() for column in table.columns if column.values]

        assert all(any(values is listed for listed in VOCABULARIES) for values in used)

    def test_phases_are_in_order(self):
        """The place of a phase is its position."""
        assert [phase.place for phase in PHASES] == list(range(len(PHASES.values)))

    def test_things_by_value_are_complete(self):
        """A colour for each outcome, in the order of the outcomes; one that lacks or is too many is told."""
        colours = dict.fromkeys(reversed(OUTCOMES.names), "grey")

        assert tuple(OUTCOMES.keyed(colours)) == OUTCOMES.names
        with pytest.raises(ConfigurationError, match="lacks or invents lost"):
            OUTCOMES.keyed({**colours, "lost": "red"})
        with pytest.raises(ConfigurationError, match="lacks or invents failed"):
            OUTCOMES.keyed({name: "" for name in OUTCOMES.names if name != "failed"})


def test_places_of_checks():
    """People read them in this order, from 1 without a gap."""
    assert [check.place for check in TRUST_CHECKS] == list(range(1, len(TRUST_CHECKS.values) + 1))
