"""Labels, one per plug: where it goes for the eye, the cable's id for the scanner.

The near end stands first, so the two labels of a cable mirror each other (facts/wiring.md 4.3).
CSV for label software, ZPL for thermal printers (Data Matrix, which the printer draws), PDF for
sheets of labels (Micro QR). Thin fibre wants a flag, copper a label around it: `kind` says which.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from colossus.sheets.book import Floor
from colossus.sheets.plugs import plugs_of
from colossus.sheets.tables import as_csv
from colossus.wiring.books import Book

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

COLUMNS = (
    *("cable_id", "rack", "u", "device", "port", "near", "far"),
    *("medium", "length_order_m", "colour", "kind"),
)
_THIN = ("MMF", "SMF-DR", "SMF-FR", "AOC")
_MM = 72 / 25.4


@dataclass(frozen=True, slots=True)
class Label:
    """What one label says; near and far are `hall.rack-U:port`."""

    values: tuple[str, ...]

    @property
    def cable_id(self) -> str:
        """The id that both labels of a cable share."""
        return self.values[0]

    @property
    def near(self) -> str:
        """Where this plug goes."""
        return self.values[COLUMNS.index("near")]

    @property
    def far(self) -> str:
        """Where the other plug goes."""
        return self.values[COLUMNS.index("far")]


@dataclass(frozen=True, slots=True)
class LabelSheet:
    """A sheet of equal labels, in millimetres. down: their number below each other."""

    paper: tuple[float, float]
    down: int
    left: float
    top: float
    pitch: tuple[float, float]


_ACROSS = 3
# 24 labels of 70 × 37 mm on A4, 30 labels of 66.7 × 25.4 mm on letter: the usual stock of either.
SHEETS = {
    "a4": LabelSheet((210.0, 297.0), 8, 0.0, 0.5, (70.0, 37.0)),
    "letter": LabelSheet((215.9, 279.4), 10, 4.8, 12.7, (69.85, 25.4)),
}


def labels(ready: Floor, book: Book) -> Iterator[Label]:
    """Give the labels of a book, rack by rack in floor order."""
    for sheet in ready.sheets(book.racks):
        for plug in plugs_of(sheet.rows):
            near, _, far = plug.label.partition("/")
            row = plug.first
            kind = "flag" if row["medium"] in _THIN else "wrap"
            place = (row["cable_id"], sheet.name, row["u"], row["device"], plug.port)
            cable = (row["medium"], row["length_order_m"], row["colour"])
            yield Label((*place, near, far, *cable, kind))


def labels_csv(ready: Floor, book: Book, size: str) -> bytes:
    """Write the labels of a book for label software."""
    del size  # the software knows its labels
    return as_csv(COLUMNS, (label.values for label in labels(ready, book))).encode()


def labels_zpl(ready: Floor, book: Book, size: str) -> bytes:
    """Write the labels of a book for a thermal printer: 203 dpi, 50 mm wide."""
    del size
    return "".join(_zpl(label) for label in labels(ready, book)).encode()


def _zpl(label: Label) -> str:
    near, far = (words.replace("^", " ").replace("~", " ") for words in (label.near, label.far))
    return (
        "^XA^CI28"
        f"^FO8,8^BXN,5,200^FD{label.cable_id}^FS"
        f"^FO110,8^A0N,26,22^FD{near}^FS"
        f"^FO110,40^A0N,26,22^FD/ {far}^FS"
        f"^FO110,72^A0N,24,22^FD{label.cable_id}^FS"
        "^XZ\n"
    )


def labels_pdf(ready: Floor, book: Book, size: str) -> bytes:
    """Print the labels of a book on sheets of labels; size: `a4` or `letter`."""
    from reportlab.pdfgen.canvas import Canvas

    form, stream = SHEETS[size], io.BytesIO()
    wide, high = (length * _MM for length in form.paper)
    canvas: Canvas = Canvas(stream, pagesize=(wide, high), invariant=1)
    canvas.setTitle(f"{ready.fabric.site.cluster}: labels of {book.title}")
    for number, label in enumerate(labels(ready, book)):
        place = number % (_ACROSS * form.down)
        if number and not place:
            canvas.showPage()
        x = (form.left + place % _ACROSS * form.pitch[0] + 4) * _MM
        y = high - (form.top + place // _ACROSS * form.pitch[1] + 4) * _MM
        _draw(canvas, label, x, y, (form.pitch[0] - 10) * _MM)
    canvas.save()
    return stream.getvalue()


def _draw(canvas: "Canvas", label: Label, x: float, y: float, width: float) -> None:
    """Draw one label from its upper left corner, in points."""
    module = 0.75 * _MM
    code = canvas.beginPath()
    runs, side = _micro_qr(label.cable_id)
    for row, start, length in runs:
        code.rect(x + start * module, y - (row + 1) * module, length * module, module)
    canvas.drawPath(code, stroke=0, fill=1)
    beside = x + (side + 2) * module
    room = width - (side + 2) * module
    fonts = ("Helvetica-Bold", "Helvetica", "Courier")
    texts = (label.near, f"/ {label.far}", label.cable_id)
    for line, (words, font) in enumerate(zip(texts, fonts, strict=True)):
        size = min(9.0, room / (0.56 * max(len(words), 1)))
        canvas.setFont(font, size)
        canvas.drawString(beside, y - 9 - line * 11, words)


@lru_cache(maxsize=4096)
def _micro_qr(words: str) -> tuple[tuple[tuple[int, int, int], ...], int]:
    """Give the dark runs (row, start, length) of a Micro QR code, and its side in modules."""
    import segno

    matrix = segno.make_micro(words).matrix
    runs = []
    for row, line in enumerate(matrix):
        start = None
        for column, dark in enumerate([*line, 0]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                runs.append((row, start, column - start))
                start = None
    return tuple(runs), len(matrix)
