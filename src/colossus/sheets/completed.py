"""Completed sheets into entries: our workbooks and our CSV, told apart by their headings."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from colossus.diagnostics import Diagnostic, Severity, Where
from colossus.sheets.filled import Sheet, find_header, read_sheets
from colossus.wiring.record import Entry

_WORKBOOK = ("cable", "device", "interface", "done", "used port")
_CSV = ("cable_id", "device", "interface", "installed_by", "note")
_YES = frozenset({"x", "y", "yes", "ok", "done", "1", "true", "✓", "✔", "j", "ja"})
_NO = frozenset({"", "n", "no", "0", "false", "-", "nein"})


def read_completed(path: Path) -> tuple[list[Entry], list[Diagnostic]]:
    """Read a completed sheet; gives what people wrote and what cannot be understood.

    Raises:
        InventoryRefused: the file cannot be read.
    """
    entries: list[Entry] = []
    findings: list[Diagnostic] = []
    found = False
    for sheet in read_sheets(path):
        for wanted, read in ((_WORKBOOK, _from_workbook), (_CSV, _from_csv)):
            header = find_header(sheet, wanted)
            if header is not None:
                found = True
                row, columns = header
                for entry in read(sheet, row, columns):
                    if isinstance(entry, Diagnostic):
                        findings.append(entry)
                    else:
                        entries.append(entry)
                break
    if not found:
        findings.append(
            Diagnostic(
                Severity.ERROR,
                "record-no-table",
                Where("", str(path)),
                "no sheet has the columns of a wiring sheet",
                "record what `wiring sheets --format xlsx` or `--format csv` wrote",
            )
        )
    return entries, findings


def _from_workbook(
    sheet: Sheet, header: int, columns: Mapping[str, int]
) -> Iterator[Entry | Diagnostic]:
    for number, cells in _rows(sheet, header, columns):
        done = cells["done"].lower()
        if done not in _YES | _NO:
            where = sheet.where(number, columns["done"])
            yield Diagnostic(
                Severity.ERROR,
                "record-unclear",
                where,
                f"{where.path}: done says {cells['done']!r}, which is neither yes nor no",
                "write x, or nothing",
            )
            continue
        yield Entry(
            cable_id=cells["cable"].upper(),
            device=cells["device"],
            interface=cells["interface"].partition("–")[0],
            done=done in _YES,
            by=cells.get("done by", ""),
            date=cells.get("date", "").removesuffix(" 00:00:00"),
            serial=cells.get("serial", ""),
            used_port=cells["used port"],
            remark=cells.get("remark", ""),
            where=sheet.where(number, columns["cable"]),
        )


def _from_csv(sheet: Sheet, header: int, columns: Mapping[str, int]) -> Iterator[Entry]:
    for number, cells in _rows(sheet, header, columns, key="cable_id"):
        by, at = cells["installed_by"], cells.get("installed_at", "")
        yield Entry(
            cable_id=cells["cable_id"].upper(),
            device=cells["device"],
            interface=cells["interface"],
            done=bool(by or at),
            by=by,
            date=at,
            serial="",
            used_port="",
            remark=cells["note"],
            where=sheet.where(number, columns["cable_id"]),
        )


def _rows(
    sheet: Sheet, header: int, columns: Mapping[str, int], key: str = "cable"
) -> Iterator[tuple[int, dict[str, str]]]:
    """Give the rows below a header that name a cable, cells without blanks around them."""
    for number, row in enumerate(sheet.rows[header + 1 :], header + 1):
        cells = {
            name: row[column].strip() if column < len(row) else ""
            for name, column in columns.items()
        }
        if cells[key]:
            yield number, cells
