"""Tables that people filled in: workbooks and CSV, found without coordinates.

A table is a header row that has the wanted columns, anywhere in the first rows of any sheet, in any
order, with or without a byte order mark.
"""

import csv
import io
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from colossus.diagnostics import Where
from colossus.errors import InventoryRefused
from colossus.sheets.workbook import read_xlsx

MAX_BYTES = 256 * 1024 * 1024
_HEADER_WITHIN = 60
"""Rows in which a header is looked for; covers and titles are shorter."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a file, every cell as text. name is empty for CSV."""

    file: str
    name: str
    rows: list[list[str]]

    def where(self, row: int, column: int = 0) -> Where:
        """Give the place of a cell; row and column count from 0."""
        cell = f"{letters(column)}{row + 1}"
        return Where(f"{self.name}!{cell}" if self.name else cell, self.file, row + 1)


def read_sheets(path: Path) -> list[Sheet]:
    """Read every sheet of a workbook, or a CSV file as one.

    Raises:
        InventoryRefused: it cannot be read, is too large, or is neither.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InventoryRefused(f"{path} is larger than {MAX_BYTES >> 20} MiB")
        content = path.read_bytes()
    except OSError as problem:
        reason = (problem.strerror or str(problem)).lower()
        raise InventoryRefused(f"{path} cannot be read: {reason}") from problem
    if content.startswith(b"PK"):
        return [Sheet(str(path), name, rows) for name, rows in _workbook(path, content)]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InventoryRefused(
            f"{path} is neither a workbook nor UTF-8 text", "save it as .xlsx, or as CSV UTF-8"
        ) from None
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=_delimiter(text)))
    except csv.Error as problem:
        raise InventoryRefused(f"{path} is not usable as CSV: {problem}") from problem
    return [Sheet(str(path), "", rows)]


def _workbook(path: Path, content: bytes) -> Iterator[tuple[str, list[list[str]]]]:
    from python_calamine import CalamineError

    try:
        yield from read_xlsx(content).items()
    except CalamineError as problem:
        raise InventoryRefused(f"{path} is not a usable workbook: {problem}") from problem


def _delimiter(text: str) -> str:
    """Give what parts the cells: spreadsheets of many countries write semicolons."""
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def find_header(sheet: Sheet, wanted: Sequence[str]) -> tuple[int, dict[str, int]] | None:
    """Find the header row that has all wanted columns: its row, and every heading's column.

    Case and surrounding blanks do not matter; of equal headings the first counts.
    """
    for number, row in enumerate(sheet.rows[:_HEADER_WITHIN]):
        named: dict[str, int] = {}
        for column, cell in enumerate(row):
            named.setdefault(cell.strip().lower(), column)
        if all(name in named for name in wanted):
            return number, named
    return None


def letters(column: int) -> str:
    """Name a column as spreadsheets do: 0 → A, 26 → AA."""
    name = ""
    column += 1
    while column:
        column, place = divmod(column - 1, 26)
        name = string.ascii_uppercase[place] + name
    return name
