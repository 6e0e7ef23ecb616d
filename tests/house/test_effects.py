"""Effects are where the layers put them: printing in the views, files outside the pure packages."""

import ast

import pytest

from tests.house.sources import PACKAGE, PURE, Module, calls, modules

PRINTS = {
    "print",
    "rich.print",
    "typer.echo",
    "typer.secho",
    "click.echo",
    "click.secho",
    "sys.stdout.write",
    "sys.stderr.write",
}
# Path below src/colossus → why it may print.
MAY_PRINT: dict[str, str] = {
    "stacks/carrier.py": "a process of its own: its stdout is what the driver reads",
    "twin/metal/driver.py": "a process of its own: its stdout says where it listens",
    "twin/shim/systemctl.py": "systemctl of a twin machine: its output is its work",
}

FILE_METHODS = {
    "open",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "mkdir",
    "unlink",
    "rmdir",
    "touch",
    "iterdir",
    "glob",
    "rglob",
    "exists",
    "is_file",
    "is_dir",
    "stat",
    "resolve",
    "cwd",
    "home",
}
CLOCK_METHODS = {"now", "utcnow", "today"}


def of(text: str) -> Module:
    return Module(f"{PACKAGE}/inventory/sample.py", text, ast.parse(text))


def printing(module: Module) -> list[str]:
    return [module.at(call) for call, called in calls(module) if called in PRINTS]


def effects(module: Module) -> list[str]:
    """Calls that touch files or the clock."""
    methods = FILE_METHODS | CLOCK_METHODS
    found = []
    for call, called in calls(module):
        dotted = "." in called
        if called == "open" or (dotted and called.rsplit(".", 1)[1] in methods):
            found.append(f"{module.at(call)} {called}")
    return found


def broad(module: Module) -> list[str]:
    """Handlers that swallow everything; one that ends by raising again swallows nothing."""
    found = []
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = ast.unparse(node.type) if node.type else "BaseException"
        ends_by_raising = isinstance(node.body[-1], ast.Raise)
        if not ends_by_raising and {"Exception", "BaseException"} & set(
            caught.strip("()").split(", ")
        ):
            found.append(module.at(node))
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("print(1)", (1, 0, 0)),
        ("import typer\ntyper.echo('x')", (1, 0, 0)),
        ("open('x')", (0, 1, 0)),
        ("path.read_text()", (0, 1, 0)),
        ("date.today()", (0, 1, 0)),
        ("site.opened()", (0, 0, 0)),
        ("try:\n  f()\nexcept (OSError, Exception):\n  pass", (0, 0, 1)),
        ("try:\n  f()\nexcept:\n  pass", (0, 0, 1)),
        ("try:\n  f()\nexcept Exception:\n  undo()\n  raise", (0, 0, 0)),
        ("try:\n  f()\nexcept OSError:\n  pass", (0, 0, 0)),
    ],
)
def test_the_rules_see_what_they_should(text: str, found: tuple[int, int, int]) -> None:
    module = of(text)
    assert (len(printing(module)), len(effects(module)), len(broad(module))) == found


def test_only_the_views_print() -> None:
    elsewhere = [m for m in modules(PACKAGE) if not m.within("cli/views/", *MAY_PRINT)]
    assert [place for m in elsewhere for place in printing(m)] == []


def test_every_module_that_may_print_does() -> None:
    printers = {m.path.removeprefix(f"{PACKAGE}/") for m in modules(PACKAGE) if printing(m)}
    assert MAY_PRINT.keys() <= printers


def test_pure_packages_touch_neither_files_nor_the_clock() -> None:
    pure = [m for m in modules(PACKAGE) if m.within(*(f"{name}/" for name in PURE))]
    assert len(pure) >= len(PURE)
    assert [place for m in pure for place in effects(m)] == []


def test_everything_is_caught_in_two_places_only() -> None:
    """A host's step in apply, and the frame of the command line."""
    places = [place for m in modules(PACKAGE) for place in broad(m)]
    allowed = (f"{PACKAGE}/apply/", f"{PACKAGE}/cli/")
    assert [place for place in places if not place.startswith(allowed)] == []
    for folder in allowed:
        inside = [place for place in places if place.startswith(folder)]
        assert len(inside) <= 1, inside
