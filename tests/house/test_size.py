"""One screen per idea: modules and templates stay short, and every module says what it is for."""

import ast
from statistics import median

from tests.house.sources import PACKAGE, ROOT, files, modules

MODULE_LINES = 400
TEMPLATE_LINES = 100
MEDIAN_LINES = 150


def lines(path: str) -> int:
    return len((ROOT / path).read_text(encoding="utf-8").splitlines())


def test_every_module_is_short() -> None:
    long = {m.path: n for m in modules() if (n := lines(m.path)) > MODULE_LINES}
    assert not long


def test_half_of_the_modules_fit_on_a_screen() -> None:
    sizes = [lines(m.path) for m in modules(PACKAGE) if not m.path.endswith("__init__.py")]
    assert sizes
    assert median(sizes) <= MEDIAN_LINES


def test_every_module_has_a_docstring() -> None:
    assert [m.path for m in modules() if not ast.get_docstring(m.tree)] == []


def test_every_template_is_short() -> None:
    long = {f: n for f in files() if f.endswith(".j2") and (n := lines(f)) > TEMPLATE_LINES}
    assert not long
