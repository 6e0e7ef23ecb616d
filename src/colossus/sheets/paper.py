"""Pages of a PDF: landscape, black and white, made for A4 and letter alike.

Drawn on a bare canvas, in one fixed-width font per table line: that is what makes 20,000 pages
affordable (facts/wiring.md: table engines take ten times as long or a hundred times the memory).
"""

import io
from collections.abc import Sequence

SIZES = {"a4": (841.89, 595.28), "letter": (792.0, 612.0)}
"""Width and height in points, landscape."""
WIDTH, HEIGHT = 736.0, 539.0
"""What fits both papers with 28 points of margin."""
PITCH = 12.5
LETTER = 0.6
"""Width of a Courier letter, as a share of its size."""
LARGEST, SMALLEST = 7.0, 4.6
TABLE_TOP, TABLE_END = 36.0, 34.0
"""Room for the head of a page, and for its signatures."""
LINES = int((HEIGHT - TABLE_TOP - TABLE_END) / PITCH) - 1
"""Lines of a table that fit a page, without its headings."""
_BOX = 6.0
_FONTS = {
    "": "Helvetica",
    "bold": "Helvetica-Bold",
    "fixed": "Courier",
    "strong": "Courier-Bold",
}


class Paper:
    """Writes pages from the top left corner; x to the right and y down, in points."""

    def __init__(self, size: str, title: str) -> None:
        from reportlab.pdfgen.canvas import Canvas

        self._stream = io.BytesIO()
        wide, high = SIZES[size]
        # invariant: the same plan gives the same bytes.
        self.canvas: Canvas = Canvas(self._stream, pagesize=(wide, high), invariant=1)
        self.canvas.setTitle(title)
        self._left, self._top = (wide - WIDTH) / 2, high - (high - HEIGHT) / 2

    def text(self, x: float, y: float, words: str, size: float = 8, font: str = "") -> None:
        """Write a line; font: `` plain, `bold`, or `fixed`."""
        self.canvas.setFont(_FONTS[font], size)
        self.canvas.drawString(self._left + x, self._top - y, words)

    def right(self, x: float, y: float, words: str, size: float = 8) -> None:
        """Write a line that ends at x."""
        self.canvas.setFont(_FONTS[""], size)
        self.canvas.drawRightString(self._left + x, self._top - y, words)

    def rule(self, y: float, x: float = 0, width: float = WIDTH, weight: float = 0.4) -> None:
        """Draw a line across."""
        self.canvas.setLineWidth(weight)
        self.canvas.line(self._left + x, self._top - y, self._left + x + width, self._top - y)

    def box(self, x: float, y: float, width: float, height: float, *, dashed: bool = False) -> None:
        """Draw a rectangle; y is its upper edge."""
        self.canvas.setLineWidth(0.5)
        self.canvas.setDash([2, 2] if dashed else [])
        self.canvas.rect(self._left + x, self._top - y - height, width, height)
        self.canvas.setDash([])

    def upright(self, x: float, y: float, words: str, size: float) -> None:
        """Write a line from bottom to top, centred on a point."""
        self.canvas.saveState()
        self.canvas.translate(self._left + x, self._top - y)
        self.canvas.rotate(90)
        self.canvas.setFont(_FONTS[""], size)
        self.canvas.drawCentredString(0, 0, words)
        self.canvas.restoreState()

    def head(self, what: str, where: str, which: str, page: int, pages: int) -> None:
        """Write the head of a page: what it is about, which revision, page x of y."""
        self.text(0, 10, what, 13, "bold")
        self.text(0, 22, where, 8)
        self.right(WIDTH, 10, f"page {page} of {pages}", 10)
        self.right(WIDTH, 22, which, 8)
        self.rule(27, weight=0.8)

    def signatures(self) -> None:
        """Leave room for who did the work and who checked it."""
        y = HEIGHT - 4
        places = ((0, "cabled by"), (230, "date"), (368, "checked by"), (598, "date"))
        for place, ((x, words), end) in enumerate(zip(places, (218, 356, 586, WIDTH), strict=True)):
            self.text(x, y, words, 8)
            start = x + (44 if place % 2 == 0 else 22)
            self.rule(y + 2, start, end - start)

    def lines(self, lines: Sequence[str], y: float, size: float, ticks: Sequence[bool]) -> float:
        """Write lines of a table with a rule under each; gives where the next one goes.

        ticks: which lines begin with a box to tick.
        """
        canvas, left, top = self.canvas, self._left, self._top
        body = canvas.beginText(left, top - y - PITCH + 3.8)
        body.setFont(_FONTS["fixed"], size, PITCH)
        for number, line in enumerate(lines):
            # Headings and names of devices: the first line, and those that begin at the edge.
            strong = not number or not line.startswith(" ")
            if strong:
                body.setFont(_FONTS["strong"], size, PITCH)
            body.textLine(line.rstrip())
            if strong:
                body.setFont(_FONTS["fixed"], size, PITCH)
        canvas.drawText(body)
        marks = canvas.beginPath()
        for number, tick in enumerate(ticks, 1):
            base = top - y - number * PITCH
            marks.moveTo(left, base)
            marks.lineTo(left + WIDTH, base)
            if tick:
                marks.rect(left + 2, base + 3, _BOX, _BOX)
        canvas.setLineWidth(0.3)
        canvas.drawPath(marks)
        return y + len(lines) * PITCH

    def end_page(self) -> None:
        """Begin the next page."""
        self.canvas.showPage()

    def content(self) -> bytes:
        """Finish the file."""
        self.canvas.save()
        return self._stream.getvalue()


def fitting(letters: int) -> float:
    """Give the size at which so many letters of the table's font fill the width."""
    return max(min(LARGEST, WIDTH / (LETTER * max(letters, 1))), SMALLEST)


def shortened(words: str, most: int) -> str:
    """Cut a text in its middle; the end stays, because names of a row differ there."""
    if len(words) <= most:
        return words
    return f"{words[: most // 2 - 1]}…{words[-(most - most // 2) :]}"
