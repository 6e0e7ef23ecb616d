"""A table of cables as found (a point-to-point workbook or CSV, filled in by a tool): sightings."""

from collections.abc import Iterable
from pathlib import Path

from colossus.diagnostics import Diagnostic, Severity
from colossus.sheets.customer import lines_of
from colossus.sheets.filled import read_sheets
from colossus.wiring.cabling_import import Line
from colossus.wiring.observed import FORMATS, Parsed, Sighting, plain


def read_seen_table(path: Path) -> Parsed | None:
    """Read every table of cables of a file; None where it has none.

    The headings are those that `wiring import` knows. A row without a far end is a port without a
    link.

    Raises:
        InventoryRefused: the file cannot be read.
    """
    parsed, found = Parsed([], []), False
    for sheet in read_sheets(path):
        lines = lines_of(sheet)
        if lines is not None:
            found = True
            _read(lines, parsed)
    return parsed if found else None


def _read(lines: Iterable[Line], parsed: Parsed) -> None:
    for line in lines:
        texts = [line.cells[name].text.strip() for name in _NAMES]
        if not any(texts[2:]):
            texts = texts[:2]
        unclear = [n for n, text in zip(_NAMES, texts, strict=False) if not plain(text)]
        if unclear:
            where = line.cells[unclear[0]].where
            words = f"{where.path}: device and port of both ends, or of one, are expected"
            parsed.findings.append(
                Diagnostic(Severity.ERROR, "observation-format", where, words, FORMATS)
            )
        else:
            parsed.sightings.append(Sighting(*texts))


_NAMES = ("a_device", "a_port", "z_device", "z_port")
