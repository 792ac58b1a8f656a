"""What the report states, before any language: a code and the values in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TypeAlias

Shown: TypeAlias = "str | float | date | datetime | Claim | Sequence[Shown] | None"


class Claim:
    """One statement: `code` names its template in the file of a language, `values` stand in for its fields.

    A value is a number, a name, a date, another claim, several of them, or None (a missing part is left out, a missing
    number is unknown). Claims are equal where code and values are.
    """

    __slots__ = ("code", "values")

    def __init__(self, code: str, /, **values: Shown) -> None:
        self.code = code
        self.values: Mapping[str, Shown] = values

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Claim) and (self.code, self.values) == (other.code, other.values)

    __hash__ = None  # type: ignore[assignment]  # values may be lists

    def __repr__(self) -> str:
        return (
            f"Claim({self.code!r}, {', '.join(f'{name}={value!r}' for name, value in self.values.items())})"
        )

    def codes(self) -> set[str]:
        """Its own code and those of all claims inside it."""
        found = {self.code}
        for value in self.values.values():
            for part in value if isinstance(value, list | tuple) else [value]:
                found |= part.codes() if isinstance(part, Claim) else set()
        return found
