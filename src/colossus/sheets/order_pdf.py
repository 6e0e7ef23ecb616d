"""A work order as PDF: what was found, the moves, then the sheets of the racks; page x of y."""

import textwrap
from collections.abc import Iterator

from colossus.sheets.order import MOVE_HEADINGS, Order
from colossus.sheets.paper import LETTER, LINES, PITCH, TABLE_TOP, WIDTH, Paper, fitting
from colossus.sheets.pdf_rack import draw_rack, rack_pages

_SIZE = 7.0
_LETTERS = int(WIDTH / (LETTER * _SIZE)) - 4
"""Letters of a line of words, beside the box to tick."""
_FACTS = 8
Lines = list[tuple[str, bool]]
"""Lines of a page and whether each has a box; the first are headings."""


def order_pdf(order: Order, size: str) -> bytes:
    """Print a work order; size: `a4` or `letter`."""
    racks = [rack_pages(sheet) for sheet in order.sheets()]
    found = list(_pages("What was found", _found(order), first=LINES - _FACTS - 2))
    moves = list(_pages(_line(MOVE_HEADINGS, _widths(order)), _moves(order)))
    count = len(found) + len(moves) + sum(rack.count for rack in racks)
    paper = Paper(size, f"{order.ready.fabric.site.cluster}: work order")
    which = order.ready.which
    for number, lines in enumerate([*found, *moves], 1):
        what = "Work order" if number <= len(found) else "Work order: plugs to move"
        words = "where plugs trade places, take all of them out first"
        paper.head(what, "" if number <= len(found) else words, which, number, count)
        top = TABLE_TOP - PITCH + 4
        if number == 1:
            top = _facts(paper, order)
        letters = max(len(text) for text, _ in lines)
        texts, ticks = [text for text, _ in lines], [tick for _, tick in lines]
        paper.lines(texts, top, min(fitting(letters), _SIZE), ticks)
        paper.signatures()
        paper.end_page()
    start = len(found) + len(moves) + 1
    for rack in racks:
        draw_rack(paper, rack, which, start, count)
        start += rack.count
    return paper.content()


def _facts(paper: Paper, order: Order) -> float:
    y = 42.0
    for what, words in order.facts():
        paper.text(0, y, what)
        paper.text(90, y, textwrap.shorten(words, 140, placeholder=" …"), 8, "bold")
        y += 11
    return y


def _pages(heading: str, groups: Iterator[Lines], first: int = LINES) -> Iterator[Lines]:
    """Cut groups of lines that stay together into pages, each below the heading."""
    page: Lines = [(heading, False)]
    room = first
    for group in groups:
        if len(page) > 1 and len(page) + len(group) > room:
            yield page
            page, room = [(heading, False)], LINES
        page += group
    if len(page) > 1:
        yield page


def _found(order: Order) -> Iterator[Lines]:
    for number, (kind, words) in enumerate(order.findings(), 1):
        told = textwrap.wrap(f"{number}. {kind}: {words}", _LETTERS - 3, subsequent_indent="   ")
        yield [(f"   {line}", not place) for place, line in enumerate(told)]


def _moves(order: Order) -> Iterator[Lines]:
    widths = _widths(order)
    for row in order.moves():
        yield [(_line(row, widths), True)]


def _widths(order: Order) -> list[int]:
    rows = [MOVE_HEADINGS, *order.moves()]
    widths = [max(len(row[column]) for row in rows) for column in range(len(MOVE_HEADINGS))]
    return [*widths[:-1], 16]


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    return "   " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
