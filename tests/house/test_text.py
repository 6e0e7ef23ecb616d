"""What no file of the checkout may hold, and what every exception from a rule must say."""

import re
import tomllib

from tests.house.sources import ROOT, files, modules

# Taken apart, so that this file does not find itself. A target's authorized_keys may be named.
MACHINE_PATHS = re.compile("|".join(("/" + "root/(?!\\.ssh)", "/" + "work/", "/" + "home/")))
PACKAGE_INDEX = "index" + "-url"
EXCEPTION = re.compile(r"#\s*(?:noqa|type: ignore|nosec|pragma: no cover)\b(?P<rest>.*)")
CODES = re.compile(r"^(?:\[[\w, -]+\]|:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)")


def texts() -> dict[str, str]:
    found = {}
    for name in files():
        try:
            found[name] = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or an archive names no paths
    return found


def places(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number} {line.strip()}"
        for name, text in texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def reasoned(rest: str) -> bool:
    """Whether at least two words follow the codes of an exception."""
    return len(re.findall(r"\w+", CODES.sub("", rest))) > 1


def test_nothing_names_a_path_of_one_machine() -> None:
    assert places(MACHINE_PATHS) == []


def test_nothing_names_a_package_index() -> None:
    assert places(re.compile(PACKAGE_INDEX)) == []


def test_annotations_are_not_postponed() -> None:
    """Pydantic and Typer read annotations at run time."""
    postponed = re.compile(r"^from __future__ import .*annotations")
    assert [m.path for m in modules() for x in m.text.splitlines() if postponed.match(x)] == []


def test_every_lint_exception_has_its_reason_on_its_line() -> None:
    bare = []
    for module in modules():
        if module.path == "tests/house/test_text.py":
            continue  # holds the patterns
        for number, line in enumerate(module.text.splitlines(), 1):
            found = EXCEPTION.search(line)
            if found and not reasoned(found["rest"]):
                bare.append(f"{module.path}:{number} {line.strip()}")
    assert bare == []


def test_a_reason_is_recognised() -> None:
    assert reasoned(": S603 an argv list")
    assert reasoned("[no-untyped-call]  # the library has no types")
    assert reasoned(": S603, S607 # an argv list")
    assert not reasoned(": S603, S607")
    assert not reasoned("[arg-type]")
    assert not reasoned("")


def test_every_dependency_says_what_it_is_for() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines()]
    unexplained = []
    for wanted in tomllib.loads(text)["project"]["dependencies"]:
        number = lines.index(f'"{wanted}",')
        if not lines[number - 1].startswith("# "):
            unexplained.append(wanted)
    assert unexplained == []
