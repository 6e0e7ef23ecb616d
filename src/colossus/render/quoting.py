"""Quoting filters of templates: every printed value says which language it is written into."""

import json
import re
import shlex
from collections.abc import Callable, Mapping

# What cannot stand on one line of a settings file, whatever its language.
_NOT_ON_A_LINE = re.compile(r"[\x00-\x1f\x7f]")


class Unquotable(ValueError):
    """A value cannot be written into this language."""


def sh(value: object) -> str:
    """Write a value as one shell word."""
    return shlex.quote(ini(value))


def yaml(value: object) -> str:
    """Write a value as a YAML scalar or flow value (JSON, which YAML includes)."""
    return json.dumps(_plain(value), ensure_ascii=False)


def ini(value: object) -> str:
    """Write a value as the rest of a line, as settings files without quotes want it.

    Raises Unquotable when it would not stay on its line.
    """
    text = str(value)
    if _NOT_ON_A_LINE.search(text):
        raise Unquotable(f"{text!r} does not fit on one line")
    return text


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


QUOTES: Mapping[str, Callable[[object], str]] = {"sh": sh, "yaml": yaml, "json": yaml, "ini": ini}
