"""Who may use a name: with an underscore its module, without one its room, in __all__ everybody.

A room is a folder of analytics/, or a module that lies directly in it.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# what the command line and the drawings are found by
FOUND_BY_NAME = {"EXAMPLES", "add_arguments", "run"}
MOST_PUBLIC_NAMES = 480


def module_of(path: Path) -> str:
    """Dotted name of a file of analytics/ or tests/."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def room_of(module: str) -> str:
    """The folder of analytics/ in which a module lies."""
    return ".".join(module.split(".")[:2])


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, those under its conditions too."""
    for node in body:
        yield node
        if isinstance(node, ast.If):
            yield from statements([*node.body, *node.orelse])


def defined(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Functions, classes and constants of a module, with the statement that makes them."""
    for node in statements(tree.body):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                yield from ((part.id, node) for part in ast.walk(target) if isinstance(part, ast.Name))


def exported(tree: ast.Module) -> set[str]:
    """The names in __all__."""
    lists = [node for name, node in defined(tree) if name == "__all__"]
    return {name for node in lists for name in ast.literal_eval(node.value)}  # type: ignore[attr-defined]


def is_drawing(node: ast.stmt) -> bool:
    """Whether a function is found by what its decorator notes."""
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(each, ast.Name) and each.id == "drawing" for each in node.decorator_list
    )


FILES = {
    module_of(path): path
    for folder in ("analytics", "tests")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
OURS = [name for name in FILES if name.split(".")[0] == "analytics"]


# read by the test that asks, not by each process that collects tests
@cache
def tree_of(module: str) -> ast.Module:
    """The parsed text of a module."""
    return ast.parse(FILES[module].read_bytes())


@cache
def nodes_of(module: str) -> list[ast.AST]:
    """All that stands in a module."""
    return list(ast.walk(tree_of(module)))


@cache
def listed(module: str) -> set[str]:
    """The names in a module's __all__."""
    return exported(tree_of(module))


@cache
def defined_in(module: str) -> dict[str, ast.stmt]:
    """What a module defines, by name."""
    return dict(defined(tree_of(module)))


def public(module: str) -> set[str]:
    """What other rooms may use: __all__; of a room that is one module, all without an underscore."""
    _, *places = module.split(".")
    if len(places) == 1 and (ROOT / "analytics" / f"{places[0]}.py").is_file():
        return listed(module) or {name for name in defined_in(module) if not name.startswith("_")}
    return listed(module)


@cache
def uses(user: str) -> set[tuple[str, str]]:
    """Module and name of all that a module takes from others."""
    return set(_uses(user))


def _uses(user: str) -> Iterator[tuple[str, str]]:
    """Module and name of all that a module takes from others, imported or as an attribute of a module."""
    modules: dict[str, str] = {}
    for node in nodes_of(user):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if whole in OURS:
                    modules[alias.asname or alias.name] = whole
                elif node.module in OURS:
                    yield node.module, alias.name
        elif isinstance(node, ast.Import):
            modules |= {alias.asname: alias.name for alias in node.names if alias.asname}
    for node in nodes_of(user):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            yield modules[node.value.id], node.attr


def replaced(user: str) -> Iterator[str]:
    """The names in whose place tests put something else."""
    for node in nodes_of(user):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "setattr"
        ):
            words = [word.value for word in node.args if isinstance(word, ast.Constant)]
            yield from (word.rpartition(".")[2] for word in words if isinstance(word, str))


def used_elsewhere() -> dict[str, set[str]]:
    """Names of each module that another one uses; those of a face count for the module that they come from."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for user in FILES:
        for module, name in uses(user):
            if module != user:
                found[module].add(name)
    for module in OURS:
        for node in nodes_of(module):
            if isinstance(node, ast.ImportFrom) and node.module in OURS:
                found[node.module] |= {alias.name for alias in node.names if alias.name in found[module]}
    return found


def test_a_name_without_underscore_is_used_elsewhere():
    """What only its own module needs begins with an underscore."""
    found = used_elsewhere()
    elsewhere = FOUND_BY_NAME | {name for user in FILES for name in replaced(user)}
    idle = {
        f"{module}.{name}"
        for module in OURS
        for name, node in defined_in(module).items()
        if not name.startswith("_")
        and name not in found[module] | listed(module) | elsewhere
        and not is_drawing(node)
    }

    assert idle == set()


def test_no_module_takes_what_is_private():
    """A name with an underscore is used by its own module alone, in the tests too."""
    taken = {
        f"{user}: {module}.{name}"
        for user in FILES
        for module, name in uses(user)
        if module != user and name.startswith("_") and not name.startswith("__")
    }

    assert taken == set()


def test_another_room_uses_what_is_public():
    """From one room to another only names pass that the module lists in __all__."""
    past = {
        f"{user}: {module}.{name}"
        for user in OURS
        for module, name in uses(user)
        if room_of(module) != room_of(user) and module in OURS and name not in public(module)
    }

    assert past == set()


def test_what_is_listed_is_there():
    """Each name in __all__ is defined or imported there."""
    for module in OURS:
        imported = {
            alias.asname or alias.name
            for node in nodes_of(module)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        assert listed(module) <= imported | defined_in(module).keys() | lazy(module), module


def lazy(module: str) -> set[str]:
    """The package's own face imports its names when they are first used."""
    return listed(module) if module == "analytics" else set()


def test_few_names_are_public():
    """Every public name is a promise; of 1,239 names of before nobody could tell which they were."""
    assert 100 < sum(len(public(module)) for module in OURS) <= MOST_PUBLIC_NAMES
