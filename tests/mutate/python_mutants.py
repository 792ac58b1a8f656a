"""What can be changed in a module: comparisons, arithmetic, numbers, codes that are compared, and, or, not, True."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.mutate.mutant import Mutant

COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
}
ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "//"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
}


# how much is held, read or written at a time: any other number gives the same rows; and sizes on the screen
_AMOUNTS = frozenset({
    "BATCH_ROWS", "_BATCH_ROWS", "_BATCH_BYTES", "BLOCK_BYTES", "_BLOCK_BYTES", "_PIECE_BYTES", "_CHUNK_BYTES",
    "_BUFFER_BYTES", "_BUFFERED_BYTES", "_GROUP_CHUNKS", "STEP", "_KNOWN_AT_MOST", "_RUN_PIECES",
})  # fmt: skip
_ON_SCREEN = "_PX"


class _Finder:
    """Collects the mutants of one module."""

    def __init__(self, path: str, content: bytes) -> None:
        self.path, self.content = path, content
        self.starts = [0]
        for line in content.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.found: list[Mutant] = []

    def at(self, line: int, column: int) -> int:
        """The byte at a line and a column of the syntax tree."""
        return self.starts[line - 1] + column

    def add(self, start: int, before: str, after: str, kind: str) -> None:
        """Note a mutant whose text is known to stand there."""
        line = self.content[:start].count(b"\n") + 1
        self.found.append(Mutant(self.path, start, before, after, kind, line))

    def between(self, left: ast.expr, right: ast.expr, change: tuple[str, str], kind: str) -> None:
        """Change the operator that stands between two expressions."""
        before, after = change
        start = self.at(left.end_lineno or 0, left.end_col_offset or 0)
        end = self.at(right.lineno, right.col_offset)
        place = self.content.find(before.encode(), start, end)
        if place >= 0:
            self.add(place, before, after, kind)

    def visit(self, node: ast.AST, parent: ast.AST | None) -> None:
        """All changes of a node itself."""
        if isinstance(node, ast.Compare):
            values = [node.left, *node.comparators]
            for place, operator in enumerate(node.ops):
                self.between(values[place], values[place + 1], COMPARISONS[type(operator)], "comparison")
        elif isinstance(node, ast.BoolOp):
            change = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            for left, right in zip(node.values, node.values[1:], strict=False):
                self.between(left, right, change, "logic")
        elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC and not is_text(node):
            self.between(node.left, node.right, ARITHMETIC[type(node.op)], "arithmetic")
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self.add(self.at(node.lineno, node.col_offset), "not", "", "logic")
        elif isinstance(node, ast.Constant):
            self.constant(node, parent)

    def constant(self, node: ast.Constant, parent: ast.AST | None) -> None:
        """Another number, the other truth value, another code where codes are compared."""
        start = self.at(node.lineno, node.col_offset)
        end = self.at(node.end_lineno or 0, node.end_col_offset or 0)
        before = self.content[start:end].decode()
        if isinstance(node.value, bool):
            self.add(start, before, str(not node.value), "constant")
        elif isinstance(node.value, int | float) and before[:1].isdigit():
            self.add(start, before, f"({before} + 1)", "number")
        elif (
            isinstance(node.value, str)
            and isinstance(parent, ast.Compare)
            and not is_alphabet(node, parent)
            and before[:1] in "'\""
            and node.value
        ):
            self.add(start, before, f"{before} '~'", "code")


def is_alphabet(node: ast.Constant, parent: ast.Compare) -> bool:
    """Whether a text is what something else is looked for in: one character more is found by nobody."""
    places = zip(parent.ops, parent.comparators, strict=True)
    return any(each is node and isinstance(operator, ast.In | ast.NotIn) for operator, each in places)


def is_text(node: ast.BinOp) -> bool:
    """Whether an operator joins or fills texts: changing it is an error at once."""
    sides = (node.left, node.right)
    return any(isinstance(side, ast.JoinedStr | ast.List | ast.Tuple | ast.Dict) for side in sides) or any(
        isinstance(side, ast.Constant) and isinstance(side.value, str | bytes) for side in sides
    )


def spared(node: ast.AST) -> list[ast.AST]:
    """The parts that no test need notice: annotations, decorators, docstrings, what errors and f-strings say.

    Nor amounts of which any does, nor zip(strict=...), which only stops us where we are wrong ourselves.
    """
    if isinstance(node, ast.Raise | ast.JoinedStr):
        return [node]
    if isinstance(node, ast.keyword) and node.arg == "strict":
        return [node]
    if isinstance(node, ast.Assign) and any(is_amount(target) for target in node.targets):
        return [node]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return [node]
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return [node]
    parts: list[ast.AST] = [*getattr(node, "decorator_list", [])]
    return [*parts, *(part for name in ("annotation", "returns") if (part := getattr(node, name, None)))]


def is_amount(target: ast.expr) -> bool:
    """Whether any number would do for this name."""
    return isinstance(target, ast.Name) and (target.id in _AMOUNTS or target.id.endswith(_ON_SCREEN))


def python_mutants(path: str, content: bytes) -> Iterator[Mutant]:
    """Every mutant of a module."""
    finder, tree = _Finder(path, content), ast.parse(content)
    stack: list[tuple[ast.AST, ast.AST | None]] = [(tree, None)]
    while stack:
        node, parent = stack.pop()
        passed = {id(part) for part in spared(node)}
        if id(node) in passed:
            continue
        finder.visit(node, parent)
        stack += [(child, node) for child in ast.iter_child_nodes(node) if id(child) not in passed]
    yield from sorted(finder.found)
