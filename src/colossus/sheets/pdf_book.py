"""A book as PDF: cover, pick list, then the pages of each rack; page x of y throughout."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from colossus.sheets.book import PICK_HEADINGS, Floor, cover_facts, pick_row
from colossus.sheets.paper import LINES, PITCH, TABLE_TOP, WIDTH, Paper, fitting
from colossus.sheets.pdf_rack import RackPages, draw_rack, rack_pages
from colossus.wiring.books import Book

T = TypeVar("T")
_RACK_COLUMNS = 3
_RACKS_A_PAGE = _RACK_COLUMNS * 24


def pdf_book(ready: Floor, book: Book, size: str) -> bytes:
    """Print a book; size: `a4` or `letter`. Empty when its racks have nothing to do."""
    racks = [rack_pages(sheet) for sheet in ready.sheets(book.racks)]
    if not racks:
        return b""
    covers = list(_cut(racks, _RACKS_A_PAGE))
    picks = list(_cut([pick_row(pick) for pick in ready.picks(book.racks)], LINES))
    front = len(covers) + len(picks)
    pages = front + sum(rack.count for rack in racks)
    paper = Paper(size, f"{ready.fabric.site.cluster}: {book.title}")
    starts = _starts(racks, front + 1)
    for number, cover in enumerate(covers, 1):
        paper.head(
            f"Wiring: {book.title}", ready.fabric.site.description, ready.which, number, pages
        )
        if number == 1:
            _facts(paper, ready, book, racks)
        _contents(paper, cover, starts, 150.0 if number == 1 else TABLE_TOP + 10)
        paper.signatures()
        paper.end_page()
    for number, rows in enumerate(picks, len(covers) + 1):
        paper.head(f"Pick list: {book.title}", _spares(ready), ready.which, number, pages)
        _picks(paper, rows)
        paper.signatures()
        paper.end_page()
    for rack in racks:
        draw_rack(paper, rack, ready.which, starts[rack.sheet.name], pages)
    return paper.content()


def _cut(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _starts(racks: Sequence[RackPages], first: int) -> dict[str, int]:
    found = {}
    for rack in racks:
        found[rack.sheet.name] = first
        first += rack.count
    return found


def _facts(paper: Paper, ready: Floor, book: Book, racks: Sequence[RackPages]) -> None:
    plugs = sum(len(rack.plugs) for rack in racks)
    for line, (what, words) in enumerate(cover_facts(ready, book, len(racks), plugs)):
        paper.text(0, 42 + line * 11, what)
        paper.text(90, 42 + line * 11, words, 8, "bold")


def _contents(paper: Paper, racks: Sequence[RackPages], starts: dict[str, int], top: float) -> None:
    """List the racks in columns with a box to tick when a rack is done."""
    width = WIDTH / _RACK_COLUMNS
    for column in range(_RACK_COLUMNS):
        paper.text(column * width + 12, top, "rack", 8, "bold")
        paper.right(column * width + 150, top, "plugs", 8)
        paper.right(column * width + 190, top, "page", 8)
    rows = -(-len(racks) // _RACK_COLUMNS)
    for place, rack in enumerate(racks):
        x, y = place // rows * width, top + (place % rows + 1) * 14
        paper.box(x, y - 7, 7, 7)
        paper.text(x + 12, y, rack.sheet.name)
        paper.right(x + 150, y, f"{len(rack.plugs):,}")
        paper.right(x + 190, y, str(starts[rack.sheet.name]))


def _spares(ready: Floor) -> str:
    return f"cables that start in these racks, with {ready.spare_percent:g} % spares of each kind"


def _picks(paper: Paper, rows: Sequence[Sequence[str]]) -> None:
    shown = [PICK_HEADINGS, *rows]
    widths = [max(len(row[column]) for row in shown) for column in range(len(PICK_HEADINGS))]
    lines = [
        "   " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
        for row in shown
    ]
    ticks = [False, *([True] * len(rows))]
    paper.lines(lines, TABLE_TOP - PITCH + 4, fitting(max(map(len, lines))), ticks)
