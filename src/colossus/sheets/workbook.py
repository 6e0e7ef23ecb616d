"""Workbooks: written row by row in little memory, read as tables of texts with their places.

XlsxWriter with constant_memory writes 400,000 rows in 21 MB (facts/wiring.md); calamine reads
them back. Every cell is written as text, so that `1/2` never becomes a date; what looks like a
formula stays the text it is.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlsxwriter import Workbook

# A workbook carries when it was made; the same plan must give the same bytes.
_MADE = datetime(2000, 1, 1, tzinfo=UTC)


@contextmanager
def workbook(into: io.BytesIO) -> Iterator["Workbook"]:
    """Open a workbook that is written from top to bottom, and finish it."""
    from xlsxwriter import Workbook

    book = Workbook(
        into,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"created": _MADE.replace(tzinfo=None)})
    yield book
    book.close()


def tables_xlsx(tables: Iterable[tuple[str, Sequence[str], Iterable[Sequence[str]]]]) -> bytes:
    """Write (sheet name, header, rows) as a workbook; headers stay in view and are bold."""
    stream = io.BytesIO()
    with workbook(stream) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        for name, header, rows in tables:
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.repeat_rows(0)
            sheet.set_column(0, max(len(header), 1) - 1, 14)
            sheet.write_row(0, 0, header, bold)
            for line, row in enumerate(rows, 1):
                for column, value in enumerate(row):
                    if value:
                        sheet.write_string(line, column, value)
    return stream.getvalue()


def read_xlsx(content: bytes) -> dict[str, list[list[str]]]:
    """Read every sheet as rows of texts; the first row and column of a sheet are 1 and A."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {
        name: [
            [text_of(cell) for cell in row]
            for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        ]
        for name in book.sheet_names
    }


def text_of(cell: object) -> str:
    """Write a cell as people see it: whole numbers without a point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)
