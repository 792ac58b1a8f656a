"""What can be changed in a query: comparisons, arithmetic, numbers, codes, AND and OR, aggregates, joins, NULL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.mutate.mutant import Mutant

TOKEN = re.compile(
    r"(?P<comment>--[^\n]*)|(?P<text>'(?:[^']|'')*')|(?P<quoted>\"[^\"]*\")|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<word>\$?[A-Za-z_]\w*)|(?P<operator>->>|->|\|\||::|<>|!=|<=|>=|[-+*/%<>=(),.\[\];:{}])"
)
COMPARISONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "<>", "<>": "="}
ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*"}
FUNCTIONS = {
    "min": "max",
    "max": "min",
    "greatest": "least",
    "least": "greatest",
    "lead": "lag",
    "lag": "lead",
}
FUNCTIONS |= {
    "sum": "max",
    "bool_or": "bool_and",
    "bool_and": "bool_or",
    "min_by": "max_by",
    "max_by": "min_by",
}
CONSTANTS = {"true": "false", "false": "true"}
# of one row (numbered, or the key of what is read) every aggregate is the same
ONE_ROW = re.compile(r"\( CASE WHEN (?:\w+ \. )?(?:place|recent) = \d+ THEN ")
CODE = re.compile(r"'[a-z][a-z_0-9]*'")


@dataclass(frozen=True)
class Token:
    """A piece of a query that is neither comment nor space."""

    kind: str
    text: str
    start: int
    line: int

    @property
    def word(self) -> str:
        """A keyword in capitals; nothing for what is no word."""
        return self.text.upper() if self.kind == "word" else ""


def tokens_of(sql: str) -> list[Token]:
    """The tokens of a query with their places in bytes."""
    found = []
    for match in TOKEN.finditer(sql):
        if match.lastgroup != "comment":
            before = sql[: match.start()]
            place, line = len(before.encode()), before.count("\n") + 1
            found.append(Token(str(match.lastgroup), match[0], place, line))
    return found


def sql_mutants(path: str, sql: str) -> Iterator[Mutant]:
    """Every mutant of a query."""
    tokens = tokens_of(sql)
    for place, token in enumerate(tokens):
        before = tokens[place - 1] if place else None
        after = tokens[place + 1] if place + 1 < len(tokens) else None
        follows = " ".join(each.text for each in tokens[place + 1 : place + 11])
        for kind, text, changed in changes(token, before, after, tokens[:place]):
            if kind == "function" and ONE_ROW.match(follows):
                continue
            yield Mutant(path, token.start, text, changed, kind, token.line)
        if token.word == "COALESCE":
            yield from without_fallback(path, sql, tokens, place)


def changes(
    token: Token, before: Token | None, after: Token | None, earlier: list[Token]
) -> Iterator[tuple[str, str, str]]:
    """Kind, text and changed text for one token, seen between its neighbours."""
    last, following = before.word if before else "", after.word if after else ""
    if token.text in COMPARISONS:
        yield "comparison", token.text, COMPARISONS[token.text]
    elif token.text in ARITHMETIC and is_between_values(before, after):
        yield "arithmetic", token.text, ARITHMETIC[token.text]
    elif token.kind == "number":
        yield "number", token.text, next_number(token.text)
    elif CODE.fullmatch(token.text) and last != "INTERVAL":
        yield "code", token.text, token.text[:-1] + "~'"
    elif token.text in FUNCTIONS and after and after.text == "(":
        yield "function", token.text, FUNCTIONS[token.text]
    elif token.word in {"TRUE", "FALSE"}:
        yield "constant", token.text, CONSTANTS[token.text.lower()]
    elif token.word in {"AND", "OR"} and not is_between(earlier):
        yield "logic", token.text, "OR" if token.word == "AND" else "AND"
    elif token.word == "JOIN" and last not in {
        "LEFT",
        "CROSS",
        "FULL",
        "RIGHT",
        "SEMI",
        "ANTI",
        "OUTER",
        "ASOF",
    }:
        yield "join", token.text, "LEFT JOIN"
    elif token.word == "LEFT" and following == "JOIN":
        yield "join", token.text, ""
    elif token.word == "DESC":
        yield "order", token.text, "ASC"
    elif token.word == "NOT" and last != "IS":
        yield "logic", token.text, ""
    elif token.word == "IS" and following == "NULL":
        yield "null", token.text, "IS NOT"
    elif token.word == "NOT" and following == "NULL":
        yield "null", token.text, ""
    elif token.word == "DISTINCT" and last not in {"IS", "NOT"}:
        yield "distinct", token.text, ""


def is_between_values(before: Token | None, after: Token | None) -> bool:
    """Whether an operator stands between two values, not before one (-1) or for all columns (*)."""
    if not before or not after:
        return False
    ends = before.kind in {"number", "text", "quoted"} or before.text in {")", "]"}
    ends = ends or (
        before.kind == "word" and before.word not in {"SELECT", "DISTINCT", "BY", "THEN", "ELSE", "WHEN"}
    )
    return (
        ends
        and (after.kind in {"number", "word", "text", "quoted"} or after.text == "(")
        and after.word != "FROM"
    )


def is_between(earlier: list[Token]) -> bool:
    """Whether the next AND belongs to a BETWEEN."""
    for token in reversed(earlier):
        if token.word == "BETWEEN":
            return True
        if token.word in {"AND", "OR", "WHERE", "ON", "WHEN", "SELECT", "FILTER", "CASE"}:
            return False
    return False


def next_number(text: str) -> str:
    """Another number: one more for a whole one, a tenth more for a fraction."""
    return str(int(text) + 1) if text.isdigit() else f"{float(text) * 1.1 + (float(text) == 0):.6g}"


def without_fallback(path: str, sql: str, tokens: list[Token], place: int) -> Iterator[Mutant]:
    """coalesce(a, b) becomes (a): what was given for a missing value is missing again."""
    depth, comma = 0, None
    for token in tokens[place + 1 :]:
        depth += (token.text in "([{") - (token.text in ")]}")
        if token.text == "," and depth == 1 and comma is None:
            comma = token.start
        if depth == 0:
            content = sql.encode()
            start = tokens[place].start
            text = content[start : token.start + 1].decode()
            if comma is not None:
                first = content[tokens[place + 1].start : comma].decode()
                yield Mutant(path, start, text, first + ")", "fallback", tokens[place].line)
            return
