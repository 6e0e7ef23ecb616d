"""Colour, only where a person reads: a terminal, unless `NO_COLOR` or `FORCE_COLOR` are set."""

import os
from typing import TextIO

_CODES = {"error": "1;31", "warning": "1;33", "note": "1;34", "good": "32", "dim": "2"}


def coloured(stream: TextIO) -> bool:
    """Whether this stream takes colour (https://no-color.org)."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def printable(text: str) -> str:
    """Escape control characters, so that no name in a file can steer a terminal or a CI log."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def painted(text: str, kind: str, stream: TextIO | None) -> str:
    """Give the text in the colour of its kind where the stream takes colour."""
    if stream is None or kind not in _CODES or not coloured(stream):
        return text
    return f"\x1b[{_CODES[kind]}m{text}\x1b[0m"
