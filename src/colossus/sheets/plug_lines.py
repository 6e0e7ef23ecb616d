"""The plugs of a rack as lines of equal letters; a plug with several far devices takes several."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from colossus.sheets.paper import LETTER, SMALLEST, WIDTH, fitting, shortened
from colossus.sheets.plugs import Plug
from colossus.sheets.rack import note

HEADINGS = (
    *("", "port", "interface", "cable", "type", "colour", "label at this end"),
    *("to rack", "U", "device", "port", "pull", "by", "note"),
)
_TICK, _BY, _NOTE = 2, 12, 12
_APART = 165
"""Below so many letters there are two blanks between columns, which reads better."""
_LABEL, _FAR = HEADINGS.index("label at this end"), HEADINGS.index("to rack")
_FIRST_LABEL = 36
_MOST = int(WIDTH / (LETTER * SMALLEST))
"""Letters of a line at the smallest size."""


@dataclass(frozen=True, slots=True)
class PlugLines:
    """Lines that stay together on a page: one plug, and where its device begins, its name.

    ticks: which of them have a box.
    """

    lines: tuple[str, ...]
    ticks: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class PlugTable:
    """The lines of a rack, their headings and the size of their letters in points."""

    heading: str
    size: float
    plugs: tuple[tuple[str, PlugLines], ...]
    """Device line and lines of each plug."""


def plug_table(plugs: Sequence[Plug]) -> PlugTable:
    """Lay out the plugs of a rack: columns as wide as needed, letters as large as can be."""
    cells = [_cells(plug) for plug in plugs]
    widths = [len(heading) for heading in HEADINGS]
    for rows in cells:
        for row in rows:
            for column, text in enumerate(row):
                widths[column] = max(widths[column], len(text))
    widths[0], widths[-2] = _TICK, max(widths[-2], _BY)
    widths[-1] = max(widths[-1], _NOTE)
    if sum(widths) + 2 * len(widths) < _APART:
        widths = [widths[0], *(width + 1 for width in widths[1:])]
    excess = sum(widths) + len(widths) - _MOST
    if excess > 0:
        widths[_LABEL] = max(widths[_LABEL] - excess, _FIRST_LABEL)
    laid = tuple(
        (_device(plug), PlugLines(tuple(_line(row, widths) for row in rows), _ticks(len(rows))))
        for plug, rows in zip(plugs, cells, strict=True)
    )
    return PlugTable(_line(HEADINGS, widths), fitting(sum(widths) + len(widths)), laid)


def _ticks(count: int) -> tuple[bool, ...]:
    return (True, *([False] * (count - 1)))


def _device(plug: Plug) -> str:
    row = plug.first
    return f"U{row['u']} {row['device']}" if row["u"] else row["device"]


def _cells(plug: Plug) -> list[tuple[str, ...]]:
    row, (first, *others) = plug.first, plug.far
    near = ("", plug.port, plug.interfaces, row["cable_id"], plug.cable, row["colour"], plug.label)
    rows: list[tuple[str, ...]] = [(*near, *first, row["pull_seq"], "", note(plug))]
    blank = ("",) * _FAR
    rows += [(*blank, *far, "", "", "") for far in others]
    return rows


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return " ".join(
        shortened(text, width).ljust(width) for text, width in zip(row, widths, strict=True)
    )


def paged(table: PlugTable, lines: int) -> Iterator[list[PlugLines]]:
    """Cut a table into pages of so many lines; a device's name is repeated on each page."""
    page: list[PlugLines] = []
    used, device = 0, ""
    for name, plug in table.plugs:
        new = not page or name != device
        if page and used + len(plug.lines) + new > lines:
            yield page
            page, used, new = [], 0, True
        if new:
            page.append(PlugLines((name,), (False,)))
        page.append(plug)
        used += len(plug.lines) + new
        device = name
    if page:
        yield page
