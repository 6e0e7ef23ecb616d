"""The codes of all findings that checks, design and references can make, read from the source."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "docs" / "checks"
SOURCES = (
    *sorted((ROOT / "src/colossus/checks").glob("*.py")),
    *sorted((ROOT / "src/colossus/fabric").glob("*.py")),
    ROOT / "src/colossus/inventory/references.py",
)
MAKERS = {"error", "warning", "note", "_per_pair", "_crossed"}
SLUG = re.compile(r"[a-z]+(-[a-z]+)+")


@cache
def codes() -> frozenset[str]:
    """Every literal code that is given to a maker of findings."""
    return frozenset(
        {"reference-unknown", "clos-uneven"} | {code for path in SOURCES for code in _of(path)}
    )


def _of(path: Path) -> set[str]:
    calls = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS
    ]
    return {
        word.value
        for call in calls
        for argument in call.args[:3]
        for word in ast.walk(argument)
        if isinstance(word, ast.Constant)
        and isinstance(word.value, str)
        and SLUG.fullmatch(word.value)
    }
