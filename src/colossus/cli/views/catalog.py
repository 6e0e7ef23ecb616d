"""Hardware models as tables, and what came of an imported record."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from colossus.cli.views.document import as_json
from colossus.cli.views.findings import as_text, listed
from colossus.cli.views.messages import put, say
from colossus.cli.views.table import show_table
from colossus.load.netbox import Imported

_COLUMNS = {
    "model": "model",
    "kind": "kind",
    "height_u": "U",
    "weight_kg": "kg",
    "max_watts": "W max",
    "radix": "ports",
    "provenance": "provenance",
    "description": "description",
}


def show_items(items: Sequence[Mapping[str, Any]]) -> None:
    """Print one line per model."""
    show_table(items, _COLUMNS, "Catalogue")


# What a reader asks first, and what fills the screen: the rest stands between them.
_FIRST = ("kind", "vendor", "model", "description", "provenance", "facts", "sources")
_LAST = ("ports",)
_WIDEST = 96


def show_item(item: Mapping[str, Any]) -> None:
    """Print one model as its file would say it, defaults left out."""
    between = [key for key in item if key not in (*_FIRST, *_LAST)]
    ordered = {key: item[key] for key in (*_FIRST, *between, *_LAST) if key in item}
    for line in _lines(ordered, 0):
        print(line)


def show_import(imported: Imported, file: str, *, as_document: bool) -> None:
    """Print the converted model, or the file it went to; findings are messages."""
    if as_document:
        model = {"model": imported.name, "file": file, "text": imported.text}
        put(as_json({**model, **listed(imported.findings)}))
        return
    say(as_text(imported.findings, colour_of=sys.stderr))
    if file:
        put(file)
    elif imported.text:
        put(imported.text.rstrip("\n"))


def _lines(value: Mapping[str, Any], depth: int) -> list[str]:
    lines: list[str] = []
    for key, entry in value.items():
        indent = "  " * depth
        if isinstance(entry, Mapping):
            lines += [f"{indent}{key}:", *_lines(entry, depth + 1)]
        elif isinstance(entry, list) and any(isinstance(each, Mapping) for each in entry):
            lines.append(f"{indent}{key}:")
            for each in entry:
                lines += _entry(each, indent)
        else:
            lines.append(f"{indent}{key}: {_flow(entry)}")
    return lines


def _entry(entry: Mapping[str, Any], indent: str) -> list[str]:
    """Write an entry of a list on one line if it fits, else one line per key."""
    flow = _flow(entry)
    if len(flow) <= _WIDEST:
        return [f"{indent}  - {flow}"]
    first, *others = _lines(entry, 0)
    return [f"{indent}  - {first}", *(f"{indent}    {line}" for line in others)]


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(entry) for entry in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
