"""A book as workbook: cover, pick list, elevations, then a sheet per rack to fill in.

A completed workbook comes back through `wiring record`, which finds the columns by their names.
"""

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from colossus.sheets.book import PICK_HEADINGS, Floor, cover_facts, pick_row
from colossus.sheets.elevation import Contents, contents
from colossus.sheets.plugs import Plug, plugs_of
from colossus.sheets.rack import RackSheet, note
from colossus.sheets.workbook import workbook
from colossus.wiring.books import Book

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

TO_FILL = ("done", "done by", "date", "serial", "used port", "remark")
"""Columns that people write into."""
COLUMN_LIST = (
    ("done", 5),
    ("U", 4),
    ("device", 14),
    ("port", 9),
    ("interface", 12),
    ("cable", 11),
    ("type", 16),
    ("colour", 8),
    ("label", 34),
    ("to rack", 9),
    ("to U", 5),
    ("to device", 14),
    ("to port", 8),
    ("pull", 7),
    ("note", 10),
    ("done by", 9),
    ("date", 10),
    ("serial", 12),
    ("used port", 9),
    ("remark", 16),
)
HEADINGS = tuple(heading for heading, _ in COLUMN_LIST)
_A4, _LETTER = 9, 1
_PAPERS = {"a4": _A4, "letter": _LETTER}
# Excel's own limit, and the letters that it does not take.
_NAME, _NOT_IN_NAMES = 31, str.maketrans("[]:*?/\\", "-------")


def xlsx_book(ready: Floor, book: Book, size: str) -> bytes:
    """Write a book; size: `a4` or `letter`. Empty when its racks have nothing to do."""
    stream = io.BytesIO()
    sheets = list(ready.sheets(book.racks))
    if not sheets:
        return b""
    with workbook(stream) as pages:
        styles = _Styles(pages, size)
        plugs = {sheet.name: list(plugs_of(sheet.rows)) for sheet in sheets}
        _cover(styles, ready, book, plugs)
        _picks(styles, ready, book)
        _elevations(styles, sheets, plugs)
        for sheet in sheets:
            _rack(styles, sheet, plugs[sheet.name], ready.which)
    return stream.getvalue()


class _Styles:
    """A workbook with its few formats, black on white, and how its sheets print."""

    def __init__(self, pages: "Workbook", size: str) -> None:
        self.pages, self.size = pages, size
        self._names: set[str] = set()
        self.bold: Format = pages.add_format({"bold": True})
        self.head: Format = pages.add_format({"bold": True, "bottom": 2, "text_wrap": True})
        self.cell: Format = pages.add_format({"bottom": 4})
        self.framed: Format = pages.add_format({"border": 1})

    def sheet(self, name: str, *, header_row: int | None = None, which: str = "") -> "Worksheet":
        """Add a sheet that prints landscape, as wide as the page, with page x of y."""
        made: Worksheet = self.pages.add_worksheet(self._free(name))
        made.set_landscape()
        made.set_paper(_PAPERS[self.size])
        made.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.7)
        made.fit_to_pages(1, 0)
        words = which.replace("&", "&&")
        made.set_header(f"&L&B{name.replace('&', '&&')}&R{words}")
        made.set_footer(
            "&Lcabled by                    date&Cchecked by            date&RPage &P of &N"
        )
        if header_row is not None:
            made.repeat_rows(header_row)
            made.freeze_panes(header_row + 1, 0)
        return made

    def _free(self, name: str) -> str:
        """Give a name that Excel takes: short, without some letters, unlike any other."""
        wanted = name.translate(_NOT_IN_NAMES)[:_NAME]
        number = 1
        while wanted.lower() in self._names:
            number += 1
            wanted = f"{wanted[: _NAME - 4]}~{number}"
        self._names.add(wanted.lower())
        return wanted


def _cover(styles: _Styles, ready: Floor, book: Book, plugs: dict[str, list[Plug]]) -> None:
    sheet = styles.sheet("Cover", which=ready.which)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 4, 22)
    facts = cover_facts(ready, book, len(plugs), sum(map(len, plugs.values())))
    for line, (what, words) in enumerate(facts):
        sheet.write_string(line, 0, what)
        sheet.write_string(line, 1, words, styles.bold)
    start = len(facts) + 1
    for column, heading in enumerate(("rack", "plugs", "done", "by", "date")):
        sheet.write_string(start, column, heading, styles.head)
    for line, (name, inside) in enumerate(plugs.items(), start + 1):
        sheet.write_string(line, 0, name, styles.framed)
        sheet.write_number(line, 1, len(inside), styles.framed)
        for column in (2, 3, 4):
            sheet.write_blank(line, column, None, styles.framed)


def _picks(styles: _Styles, ready: Floor, book: Book) -> None:
    sheet = styles.sheet("Pick list", header_row=0, which=ready.which)
    sheet.set_column(0, len(PICK_HEADINGS), 16)
    sheet.write_row(0, 0, (*PICK_HEADINGS, "taken"), styles.head)
    for line, pick in enumerate(ready.picks(book.racks), 1):
        for column, words in enumerate((*pick_row(pick), "")):
            sheet.write_string(line, column, words, styles.framed)


def _elevations(styles: _Styles, sheets: Sequence[RackSheet], plugs: dict[str, list[Plug]]) -> None:
    """Draw each rack as a block of cells, a row per U, a printed page per rack."""
    page = styles.sheet("Elevations")
    page.set_column(0, 0, 5)
    page.set_column(1, 2, 34)
    line, breaks = 0, []
    for sheet in sheets:
        counts = Counter(plug.first["device"] for plug in plugs[sheet.name])
        inside = contents(sheet.fabric, sheet.rack, counts)
        headings = ("U", f"{sheet.name} front", f"{sheet.name} rear")
        page.write_row(line, 0, headings, styles.head)
        for row in _faces(inside):
            line += 1
            for column, words in enumerate(row):
                page.write_string(line, column, words, styles.framed)
        for device in inside.beside:
            line += 1
            page.write_string(line, 1, f"beside the rails: {device.name}", styles.cell)
        line += 2
        breaks.append(line)
    page.set_h_pagebreaks(breaks[:-1])


def _faces(inside: Contents) -> Iterator[tuple[str, str, str]]:
    """Give U, front and rear from the top; a device fills all its units, named in the lowest."""
    taken: dict[int, tuple[str, str]] = {}
    for device in inside.mounted:
        model = device.model.partition("/")[2]
        later = "" if device.present else ", later"
        for u in range(device.u + 1, device.u + device.height_u):
            taken[u] = (f"| {device.name}", f"| {device.name}")
        count = inside.plugs.get(device.name, 0)
        taken[device.u] = (f"{device.name}, {model}{later}", f"{device.name}, {count} plugs{later}")
    for u in range(inside.units, 0, -1):
        front, rear = taken.get(u, ("", ""))
        yield str(u), front, rear


def _rack(styles: _Styles, sheet: RackSheet, plugs: Sequence[Plug], which: str) -> None:
    page = styles.sheet(sheet.name, header_row=0, which=f"{sheet.place} · {which}")
    for column, (_, width) in enumerate(COLUMN_LIST):
        page.set_column(column, column, width)
    page.write_row(0, 0, HEADINGS, styles.head)
    write, cell = page.write_string, styles.cell
    for line, plug in enumerate(plugs, 1):
        for column, words in enumerate(row_of(plug), 1):
            if words:
                write(line, column, words, cell)
    page.autofilter(0, 0, max(len(plugs), 1), len(HEADINGS) - 1)


def row_of(plug: Plug) -> tuple[str, ...]:
    """Give the printed columns of a plug, from U to note."""
    row = plug.first
    far = [" + ".join(dict.fromkeys(words)) for words in zip(*plug.far, strict=True)]
    return (
        *(row["u"], row["device"], plug.port, plug.interfaces, row["cable_id"]),
        *(plug.cable, row["colour"], plug.label, *far, row["pull_seq"], note(plug)),
    )
