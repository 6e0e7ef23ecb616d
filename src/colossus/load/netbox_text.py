"""A model of the catalogue as the text of its file, in the shape that people write."""

import json
import re
from collections.abc import Mapping, Sequence

from colossus.load.yaml import plain_value

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _./+-]*")
_HEAD = "# Imported: every number wants a second look; `facts` says what the record itself says.\n"


def catalog_text(item: Mapping[str, object]) -> str:
    """Write a model: blocks for what is read top to bottom, one line per group of ports."""
    return _HEAD + "\n".join(_block(item, 0)) + "\n"


def _block(values: Mapping[str, object], depth: int) -> list[str]:
    lines: list[str] = []
    indent = "  " * depth
    for key, value in values.items():
        if isinstance(value, Mapping) and depth == 0:
            lines += [f"{indent}{key}:", *_block(value, depth + 1)]
        elif isinstance(value, list) and depth == 0:
            lines.append(f"{indent}{key}:")
            lines += [f"{indent}  - {_flow(each)}" for each in value]
        else:
            lines.append(f"{indent}{key}: {_flow(value)}")
    return lines


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_flow(each) for each in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}" if value == round(value, 2) else repr(value)
    return _text(value) if isinstance(value, str) else str(value)


def _text(words: str) -> str:
    """Quote where YAML would read something else than the text."""
    plain = _PLAIN.fullmatch(words) and isinstance(plain_value(words), str)
    return words if plain and not words.endswith(" ") else json.dumps(words)
