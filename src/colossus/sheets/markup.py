"""HTML and SVG from parts: text is escaped in one place, markup is never guessed at."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files

Attributes = Mapping[str, str | float]


class Markup(str):
    """Text that is markup already; everything else is escaped."""

    __slots__ = ()


def tag(name: str, *content: str, **attributes: str | float) -> Markup:
    """Make an element; `class_` and `stroke_width` become `class` and `stroke-width`."""
    words = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_word(value))}"'
        for key, value in attributes.items()
    )
    inner = "".join(_safe(part) for part in content)
    return Markup(f"<{name}{words}>{inner}</{name}>")


def join(parts: Iterable[str]) -> Markup:
    """Put parts behind each other."""
    return Markup("".join(_safe(part) for part in parts))


def table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], class_: str = "", *, foot: str = ""
) -> Markup:
    """Make a table; its head repeats on every printed page."""
    head = tag("thead", tag("tr", *(tag("th", heading) for heading in headings)))
    body = tag("tbody", *(tag("tr", *(tag("td", cell) for cell in row)) for row in rows))
    last = tag("tfoot", tag("tr", tag("td", foot, colspan=len(headings)))) if foot else Markup("")
    return tag("table", head, body, last, class_=class_)


def document(title: str, body: str) -> str:
    """Make a whole page that needs no other file."""
    head = (
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{escape(title)}</title>",
        f"<style>\n{style()}</style>",
    )
    lines = ["<!DOCTYPE html>", '<html lang="en">', "<head>", *head, "</head>"]
    return "\n".join([*lines, "<body>", _safe(body), "</body>", "</html>", ""])


@cache
def style() -> str:
    """Give the style sheet of every page."""
    return files("colossus.sheets").joinpath("sheet.css").read_text(encoding="utf-8")


def _safe(part: str) -> str:
    return part if isinstance(part, Markup) else escape(part)


def _word(value: str | float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
