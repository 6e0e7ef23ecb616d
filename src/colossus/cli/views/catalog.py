"""Hardware models as tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from colossus.cli.views.table import show_table

_COLUMNS = {
    "model": "model",
    "kind": "kind",
    "height_u": "U",
    "weight_kg": "kg",
    "provenance": "provenance",
    "description": "description",
}


def show_items(items: Sequence[Mapping[str, Any]]) -> None:
    """Print one line per model."""
    show_table(items, _COLUMNS, "Catalogue")


def show_item(item: Mapping[str, Any]) -> None:
    """Print one model as its file would say it, defaults left out."""
    for line in _lines(item, 0):
        print(line)


def _lines(value: Mapping[str, Any], depth: int) -> list[str]:
    lines: list[str] = []
    for key, entry in value.items():
        indent = "  " * depth
        if isinstance(entry, Mapping):
            lines += [f"{indent}{key}:", *_lines(entry, depth + 1)]
        elif isinstance(entry, list) and any(isinstance(each, Mapping) for each in entry):
            lines.append(f"{indent}{key}:")
            lines += [f"{indent}  - {_flow(each)}" for each in entry]
        else:
            lines.append(f"{indent}{key}: {_flow(entry)}")
    return lines


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(entry) for entry in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
