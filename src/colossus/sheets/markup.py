"""HTML and SVG from parts: text is escaped in one place, markup is never guessed at."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files

Attributes = Mapping[str, str | float]


VOID = frozenset({"col"})
"""HTML elements that have no content and no end."""


SQUEEZE = 1.3
"""A text may be drawn this much narrower before it is cut."""


class Markup(str):
    """Text that is markup already; everything else is escaped."""

    __slots__ = ()


def tag(name: str, *content: str, **attributes: str | float) -> Markup:
    """Make an element; `class_` becomes `class`."""
    words = "".join(
        f' {key.rstrip("_")}="{escape(_word(value))}"' for key, value in attributes.items()
    )
    if name in VOID:
        return Markup(f"<{name}{words}>")
    inner = "".join(_safe(part) for part in content)
    return Markup(f"<{name}{words}>{inner}</{name}>")


def cells(values: Iterable[str], classes: Iterable[str]) -> Markup:
    """Make the cells of one table row, each with its class (empty: none)."""
    return Markup(
        "".join(
            f'<td class="{name}">{_safe(value)}</td>' if name else f"<td>{_safe(value)}</td>"
            for value, name in zip(values, classes, strict=True)
        )
    )


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


def fitted(text: str, room: float, letter: float, **attributes: str | float) -> Markup:
    """Make a text of a drawing that stays in its room: squeezed a little, else cut in its middle.

    letter: mean width of a letter in drawing units, of the font the style sheet gives it. The end
    of a name is kept, because names of a row differ there.
    """
    most = max(int(room * SQUEEZE / letter), 5)
    shown = text if len(text) <= most else f"{text[: most // 2 - 1]}…{text[-(most - most // 2) :]}"
    if len(shown) * letter > room:
        attributes |= {"textLength": room, "lengthAdjust": "spacingAndGlyphs"}
    return tag("text", shown, **attributes)


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
