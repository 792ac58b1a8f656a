"""The rules that say which errlog record is which marker; the data is queries/model/rules/errlog.csv."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from analytics.places import rules_folder
from analytics.tables.rules import read_rules


@dataclass(frozen=True, slots=True)
class MarkerRule:
    """Source file of the product (lower case, empty for any) and the text that its message contains or begins with."""

    marker: str
    file: str
    text: str
    is_prefix: bool

    def matches(self, file: str, message: str) -> bool:
        """Whether a record of a source file (lower case) with that message is the marker."""
        found = message.startswith(self.text) if self.is_prefix else self.text in message
        return found and self.file in {"", file}


@cache
def marker_rules() -> tuple[MarkerRule, ...]:
    """The enabled rules, in the order of the file."""
    rules = [rule.cells for rule in read_rules(rules_folder(), "marker_rules")]
    return tuple(
        MarkerRule(rule["marker"], rule["file"] or "", rule["text"], rule["match"] == "prefix")
        for rule in rules
        if rule["enabled"]
    )
