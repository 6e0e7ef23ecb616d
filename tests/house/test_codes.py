"""Every code that a finding can carry has a page under docs/checks, and no page is left over."""

import ast
import re
from collections.abc import Iterator

from tests.house.sources import PACKAGE, ROOT, Module, modules

PAGES = ROOT / "docs" / "checks"
SLUG = re.compile(r"[a-z]+(-[a-z0-9]+)+")
# What makes a finding: functions and the class that take a code among their first arguments.
MAKERS = {"error", "warning", "note", "fault", "refuse", "Diagnostic"}
# Codes that are returned as part of a tuple and reach `Diagnostic` by a variable.
RETURNED = {f"{PACKAGE}/load/faults.py": "schema-"}


def slugs(node: ast.AST) -> Iterator[str]:
    for word in ast.walk(node):
        value = word.value if isinstance(word, ast.Constant) else None
        if isinstance(value, str) and SLUG.fullmatch(value):
            yield value


def codes(module: Module) -> set[str]:
    """The codes that a module gives to findings."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            if called in MAKERS:
                found |= {slug for argument in node.args[:2] for slug in slugs(argument)}
    if prefix := RETURNED.get(module.path):
        found |= {slug for slug in slugs(module.tree) if slug.startswith(prefix)}
    return found


def test_the_rule_sees_codes() -> None:
    text = 'refuse("a-b", x)\nDiagnostic(Severity.ERROR, "c-d", w, "no-code-here")\nother("e-f")'
    assert codes(Module("m.py", text, ast.parse(text))) == {"a-b", "c-d"}


def test_every_code_has_a_page() -> None:
    known = {code for module in modules(PACKAGE) for code in codes(module)}
    assert len(known) > 40
    assert sorted(code for code in known if not (PAGES / f"{code}.md").is_file()) == []


def test_every_page_is_about_a_code_that_can_occur() -> None:
    words = {slug for module in modules(PACKAGE) for slug in slugs(module.tree)}
    pages = sorted(page.stem for page in PAGES.glob("*.md") if page.stem != "README")
    assert [page for page in pages if page not in words] == []


def test_every_page_begins_with_its_code_and_says_what_to_do() -> None:
    texts = {page.stem: page.read_text(encoding="utf-8") for page in PAGES.glob("*-*.md")}
    assert [code for code, text in texts.items() if not text.startswith(f"# {code}\n")] == []
    assert [code for code, text in texts.items() if "**What to do.**" not in text] == []
