"""A rack in a PDF book: its elevation, front and rear, then every plug from the top."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from colossus.fabric.model import DeviceView
from colossus.sheets.elevation import Contents, contents
from colossus.sheets.paper import HEIGHT, LETTER, LINES, PITCH, TABLE_TOP, WIDTH, Paper, shortened
from colossus.sheets.plug_lines import PlugLines, PlugTable, paged, plug_table
from colossus.sheets.plugs import Plug, plugs_of
from colossus.sheets.rack import (
    BRING_HEADINGS,
    BUNDLE_HEADINGS,
    RackSheet,
    bring_row,
    bundle_rows,
    notes,
    numbers,
)

_RACK, _SIDE = 150.0, 12.0
_NUMBERS = 14.0
"""Room for the U numbers beside a rack."""
_APART = 8.0
_SHOWN = 12
"""Lines of the lists beside the elevation."""


@dataclass(frozen=True)
class RackPages:
    """A rack laid out: its pages of plug lines, counted before any is printed."""

    sheet: RackSheet
    plugs: list[Plug]
    table: PlugTable
    pages: list[list[PlugLines]]

    @property
    def count(self) -> int:
        """How many pages it takes, the elevation's included."""
        return 1 + len(self.pages)


def rack_pages(sheet: RackSheet) -> RackPages:
    """Lay out a rack."""
    plugs = list(plugs_of(sheet.rows))
    table = plug_table(plugs)
    return RackPages(sheet, plugs, table, list(paged(table, LINES)))


def draw_rack(paper: Paper, rack: RackPages, which: str, first: int, pages: int) -> None:
    """Print the pages of a rack; first: the number of its first page in the book."""
    sheet = rack.sheet
    paper.head(f"Rack {sheet.name}", sheet.place, which, first, pages)
    _cover(paper, rack)
    paper.signatures()
    paper.end_page()
    for number, page in enumerate(rack.pages, first + 1):
        paper.head(f"Rack {sheet.name}", sheet.place, which, number, pages)
        lines = [rack.table.heading, *(line for plug in page for line in plug.lines)]
        ticks = [False, *(tick for plug in page for tick in plug.ticks)]
        paper.lines(lines, TABLE_TOP - PITCH + 4, rack.table.size, ticks)
        paper.signatures()
        paper.end_page()


def _cover(paper: Paper, rack: RackPages) -> None:
    counts = Counter(plug.first["device"] for plug in rack.plugs)
    inside = contents(rack.sheet.fabric, rack.sheet.rack, counts)
    unit = min((HEIGHT - 96) / inside.units, 11)
    _elevation(paper, inside, unit, _NUMBERS, rear=False)
    # What stands upright beside the rails needs its room on both sides of the rear view.
    left = len(inside.sides[0])
    rear = 2 * _NUMBERS + _RACK + max(left, 1) * _SIDE + _APART
    _elevation(paper, inside, unit, rear, rear=True)
    x = rear + _RACK + max(len(inside.beside) - left, 1) * _SIDE + _NUMBERS
    y = 44.0
    for what, number in numbers(rack.sheet, rack.plugs, len(inside.devices)):
        paper.text(x, y, what)
        paper.right(x + 150, y, f"{number:,}")
        y += 11
    bring = [bring_row(pick) for pick in rack.sheet.starting]
    title = "Bring along: cables that start in this rack"
    y = _list(paper, (x, y + 8), title, BRING_HEADINGS, bring)
    title = "Bundles, in the order in which they are pulled"
    y = _list(paper, (x, y + 8), title, BUNDLE_HEADINGS, bundle_rows(rack.plugs))
    for words in notes(rack.plugs):
        paper.text(x, y + 8, words, 7)
        y += 10


def _list(
    paper: Paper,
    at: tuple[float, float],
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> float:
    """Write a small table from a place on; gives where it ends."""
    x, y = at
    paper.text(x, y, title, 9, "bold")
    shown = [headings, *rows[:_SHOWN]]
    widths = [max(len(row[column]) for row in shown) for column in range(len(headings))]
    size = min(7.0, (WIDTH - x) / (LETTER * (sum(widths) + len(widths))))
    for row in shown if rows else [("none",)]:
        y += 10
        line = " ".join(text.ljust(width) for text, width in zip(row, widths, strict=False))
        paper.text(x, y, line.rstrip(), size, "fixed")
    if len(rows) > _SHOWN:
        y += 10
        paper.text(x, y, f"and {len(rows) - _SHOWN} more: see the tables", 7)
    return y + 6


def _elevation(paper: Paper, inside: Contents, unit: float, x: float, *, rear: bool) -> None:
    """Draw one face; every U is numbered on the left."""
    top, size = 56.0, min(unit * 0.62, 6.5)
    paper.text(x, 46, f"{inside.name} {'rear' if rear else 'front'}", 9, "bold")
    paper.box(x, top, _RACK, inside.units * unit)
    for u in range(1, inside.units + 1):
        paper.right(x - 2, top + (inside.units - u + 0.75) * unit, str(u), size)
    for device in inside.mounted:
        y = top + (inside.units - device.u - device.height_u + 1) * unit
        paper.box(
            x + 1, y + 0.4, _RACK - 2, device.height_u * unit - 0.8, dashed=not device.present
        )
        middle = y + device.height_u * unit / 2 + size * 0.35
        paper.text(x + 4, middle, shortened(device.name, 22), size)
        paper.right(x + _RACK - 4, middle, _caption(inside, device, rear=rear), size)
    if rear:
        _beside(paper, inside, x, top, unit)


def _caption(inside: Contents, device: DeviceView, *, rear: bool) -> str:
    if not device.present:
        return f"later ({device.stage})" if device.stage else "later"
    if not rear:
        return shortened(device.model.partition("/")[2], 16)
    return f"{inside.plugs.get(device.name, 0)} plugs"


def _beside(paper: Paper, inside: Contents, x: float, top: float, unit: float) -> None:
    """Draw what stands beside the rails upright, feed A on the left of the rear view."""
    high = inside.units * unit
    left_of, right_of = inside.sides
    places = [(x - 14 - (place + 1) * _SIDE, device) for place, device in enumerate(left_of)]
    places += [(x + _RACK + 4 + place * _SIDE, device) for place, device in enumerate(right_of)]
    for left, device in places:
        paper.box(left, top, _SIDE - 2, high)
        words = f"{device.name}, {inside.plugs.get(device.name, 0)} plugs"
        paper.upright(left + _SIDE - 4.5, top + high / 2, words, 6)
