"""Names are the field's words: none of those that fit everything and say nothing."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.house.sources import PACKAGE, modules

FORBIDDEN = {"manager", "handler", "helper", "util", "utils", "data", "info", "process"}
FORBIDDEN |= {"managers", "handlers", "helpers", "processes"}
FORBIDDEN_NAMES = {"do_it"}

# Name → why it may stand. An entry that nothing uses any more fails below.
ALLOWED: dict[str, str] = {}

NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def words(name: str) -> set[str]:
    """The words of a snake_case or CamelCase name."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)}


def names() -> Iterator[tuple[str, str]]:
    """Every module, function and class name of the package with its place."""
    for module in modules(PACKAGE):
        path = PurePosixPath(module.path)
        yield (path.parent.name if path.stem == "__init__" else path.stem), module.path
        for node in ast.walk(module.tree):
            if isinstance(node, NAMED):
                yield node.name, module.at(node)


def empty_of_meaning(name: str) -> bool:
    return name in FORBIDDEN_NAMES or bool(words(name) & FORBIDDEN)


def test_words_are_taken_apart() -> None:
    assert words("HTTPHandler") == {"http", "handler"}
    assert words("_load_site_data") == {"load", "site", "data"}
    assert not empty_of_meaning("processor_count")


def test_no_name_is_empty_of_meaning() -> None:
    found = [f"{at} {name}" for name, at in names() if empty_of_meaning(name)]
    assert [line for line in found if line.split()[1] not in ALLOWED] == []


def test_every_allowed_name_is_still_used() -> None:
    assert ALLOWED.keys() <= {name for name, _ in names()}
