"""The rules of the house for queries/model: floors, depth, size; heads and documents are current."""

from __future__ import annotations

import re
from functools import cache

import pytest

from analytics.cli import docs
from analytics.cli.model_docs import GENERATED, renewed_head
from analytics.places import queries_folder, rules_folder
from analytics.sql import model_queries
from analytics.sql.order import STORED_NAMES, in_order, reads
from analytics.tables import TABLES
from analytics.tables.floors import FLOORS
from analytics.tables.rules import read_rules
from analytics.tables.vocabulary import VOCABULARIES

FILES = {name: query.path for name, query in sorted(model_queries().items())}
MOST_LINES, WIDEST_LINE, MOST_CTES, MOST_LEVELS = 100, 120, 8, 9

VALUE = re.compile(r"'([a-z][a-z_]{2,})'")
# Words in SQL that are no value of a column: a process, the site file's schedules, a file without a format.
NO_VALUES = {
    "daily",
    "dpmra",
    "unreadable",
    "weekdays",
}
COMMENT = re.compile(r"--[^\n]*")
CTE = re.compile(r"(?:\bWITH\s+|\)\s*,\s*)(\w+)\s*(?:\([^()]*\)\s*)?AS\s*\(", re.IGNORECASE)


def text_of(name: str) -> str:
    """A file of the model."""
    return FILES[name].read_text(encoding="utf-8")


@cache
def level(name: str) -> int:
    """How many views lie on the longest way from the raw tables to a view, with itself."""
    return 1 + max((level(other) for other in reads(name)), default=0)


class TestFloors:
    def test_folders_are_the_floors(self):
        """Every file lies on a declared floor, and no floor is empty."""
        assert {path.parent.name for path in FILES.values()} == set(FLOORS.names)

    @pytest.mark.parametrize("name", FILES)
    def test_a_file_reads_no_floor_above_its_own(self, name):
        """What a view reads lies on its own floor or below."""
        own = FILES[name].parent.name

        assert {other for other in reads(name) if FILES[other].parent.name > own} == set()

    def test_the_longest_way_is_short(self):
        """At most nine views follow one another."""
        assert max(level(name) for name in FILES) <= MOST_LEVELS


class TestSize:
    @pytest.mark.parametrize("name", FILES)
    def test_what_is_written_by_hand_begins_as_a_sentence(self, name):
        """A first line that begins in mid-sentence has lost the line before it."""
        by_hand = [line for line in text_of(name).splitlines() if not GENERATED.match(line)]

        assert not re.match(r"-- (?!disk_key|job_base)[a-z]", by_hand[0]), by_hand[0]

    @pytest.mark.parametrize("name", FILES)
    def test_a_file_can_be_read_in_one_go(self, name):
        """At most 100 lines below the generated head, 120 letters wide, and eight CTEs."""
        lines = text_of(name).splitlines()

        assert len([line for line in lines if not GENERATED.match(line)]) <= MOST_LINES
        assert max(map(len, lines)) <= WIDEST_LINE
        assert len(CTE.findall(COMMENT.sub(" ", text_of(name)))) <= MOST_CTES

    @pytest.mark.parametrize("name", FILES)
    def test_no_cte_bears_the_name_of_a_relation(self, name):
        """What follows FROM means one thing: that is how the order of the views is found."""
        ctes = {cte.lower() for cte in CTE.findall(COMMENT.sub(" ", text_of(name)))}

        assert ctes & {*TABLES, *STORED_NAMES.values()} == set()


class TestHeads:
    @pytest.mark.parametrize("name", FILES)
    def test_a_head_is_current(self, name):
        """What a head says is what the spine and the SQL say; python -m analytics.cli.docs renews it."""
        assert renewed_head(text_of(name), TABLES[name]) == text_of(name)

    def test_lines_by_hand_stay(self):
        """A head that is stale is renewed; what stands below it is kept."""
        text = "-- question: Old?\n-- column: old TEXT | Old,\n--   and long.\n-- Why it is so.\nSELECT 1\n"

        made = renewed_head(text, TABLES["vm_paths"]).splitlines()

        assert made[-2:] == ["-- Why it is so.", "SELECT 1"]
        assert all(GENERATED.match(line) for line in made[:-2])
        assert "-- key: vm, disk_key" in made
        assert "-- reads: inventory_machines, machine_names, vms" in made


class TestWords:
    @pytest.mark.parametrize("name", FILES)
    def test_values_in_sql_are_declared(self, name):
        """A word that SQL compares with or gives stands in the vocabulary, or is the name of a marker."""
        known = {value.name for vocabulary in VOCABULARIES for value in vocabulary}
        markers = {
            rule.cells["marker"]
            for rules in ("marker_rules", "event_rules")
            for rule in read_rules(rules_folder(), rules)
        }
        written = set(VALUE.findall(COMMENT.sub(" ", text_of(name))))

        assert written - known - markers - NO_VALUES == set()


def test_the_walk_of_the_snapshot_phase_names_the_views_behind_it():
    """What queries/README.md tells of a job's snapshot follows the views from the records up to phases."""
    told = docs.QUERIES_README.read_text(encoding="utf-8").split("phase comes about\n")[1].split("\n## ")[0]
    named = re.findall(r"\*\*`(\w+)`\*\*", told)

    assert set(named) <= {*in_order(["phases"]), "trace"}
    assert [FILES[name].parent.name for name in named] == sorted(FILES[name].parent.name for name in named)
    assert named[0] == "trace"
    assert named[-1] == "phases"
    assert len(named) == len(set(named)) > 8


@pytest.mark.parametrize("file", sorted(queries_folder().rglob("*.sql")), ids=lambda file: file.stem)
def test_seconds_are_added_as_whole_microseconds(file):
    """Threads add doubles in any order: the last digit, hence the order of rows, would differ by run."""
    body = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("--")]

    assert [line.strip() for line in body if re.search(r"\b(?:sum|avg)\([\w.]*_s\)", line)] == []
