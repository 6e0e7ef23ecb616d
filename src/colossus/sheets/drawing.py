"""A drawing that stands alone: an SVG document with its style in it, for any viewer or browser."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from colossus.sheets.markup import Markup, tag


def drawing(title: str, width: float, height: float, marks: Sequence[Markup]) -> str:
    """Make a whole SVG document of marks; width and height in drawing units, shown as pixels."""
    whole = tag(
        "svg",
        tag("title", title),
        tag("style", Markup(_style())),
        tag("rect", width=width, height=height, class_="paper"),
        *marks,
        xmlns="http://www.w3.org/2000/svg",
        width=width,
        height=height,
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{whole}\n'


@cache
def _style() -> str:
    return files("colossus.sheets").joinpath("drawing.css").read_text(encoding="utf-8")
