"""The rules that say which errlog record is which marker; the data is queries/model/rules/errlog.csv.

Here is what both readers of errlogs ask; queries/model/2_matches/log_markers.sql asks the same in SQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from analytics.places import rules_folder
from analytics.tables.rules import read_rules


@dataclass(frozen=True, slots=True)
class _MarkerRule:
    """Source file of the product (lower case, empty for any) and the text that its message contains or begins with."""

    marker: str
    file: str
    text: str
    is_prefix: bool

    def matches(self, line: str) -> bool:
        """Whether a record of the rule's source file with that first line of its message is the marker."""
        return line.startswith(self.text) if self.is_prefix else self.text in line


@dataclass(frozen=True)
class MarkerRules:
    """The rules by their source file, so that a record is compared with few of them; iterating gives all."""

    by_file: dict[str, tuple[_MarkerRule, ...]]

    def __iter__(self) -> Iterator[_MarkerRule]:
        return (rule for rules in self.by_file.values() for rule in rules)

    def of(self, file: str) -> tuple[_MarkerRule, ...]:
        """The rules for a source file in any case, those for any file with them."""
        return self.by_file.get(file.lower(), ()) + self.by_file.get("", ())

    def find(self, file: str, message: str) -> bool:
        """Whether a record is a marker: its source file in any case, its message with or without further lines."""
        # what follows the first line is a stack trace, which may quote any text
        line, _, _ = message.partition("\n")
        return any(rule.matches(line) for rule in self.of(file))


@cache
def marker_rules() -> MarkerRules:
    """The enabled rules."""
    by_file: dict[str, list[_MarkerRule]] = {}
    for rule in (rule.cells for rule in read_rules(rules_folder(), "marker_rules")):
        if rule["enabled"]:
            file, text = rule["file"] or "", rule["text"]
            by_file.setdefault(file, []).append(
                _MarkerRule(rule["marker"], file, text, rule["match"] == "prefix")
            )
    return MarkerRules({file: tuple(rules) for file, rules in by_file.items()})
