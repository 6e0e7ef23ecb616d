"""A customer's workbook or CSV: tables of cables found by their headings, and a corrected copy.

Known headings: CVT Ethernet, InfiniBand and unified, SHCD-like sheets, NetBox cable CSV, our own.
Column order is free; where a heading repeats, the first belongs to the a end, the second to z.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from colossus.diagnostics import Where
from colossus.sheets.filled import Sheet
from colossus.sheets.tables import as_csv
from colossus.sheets.workbook import tables_xlsx
from colossus.wiring.cabling_import import Cell, Line

_HEADER_WITHIN = 60
_SIDES = {
    "a": "a",
    "side a": "a",
    "source": "a",
    "src": "a",
    "near": "a",
    "from": "a",
    "z": "z",
    "side b": "z",
    "b": "z",
    "destination": "z",
    "dest": "z",
    "dst": "z",
    "far": "z",
    "to": "z",
}
# Heading without its side → field; "name" is a port where "device" is there too (NetBox).
_NAMES = {
    "node name": "device",
    "node": "device",
    "device": "device",
    "hostname": "device",
    "host": "device",
    "": "device",
    "interface": "interface",
    "port": "port",
    "hca/port": "port",
    "rack": "rack",
    "u": "u",
    "ru": "u",
    "location": "u",
    "name": "name",
}


def lines_of(sheet: Sheet) -> list[Line] | None:
    """Find the table of cables in a sheet and give its rows; None where there is none."""
    for number, row in enumerate(sheet.rows[:_HEADER_WITHIN]):
        columns = _columns(row)
        if all(f"{end}_{what}" in columns for end in ("a", "z") for what in ("device", "port")):
            return list(_lines(sheet, number, columns))
    return None


def _columns(row: Sequence[str]) -> dict[str, int]:
    """Give `a_device` … → column for a heading row."""
    found: dict[str, int] = {}
    for column, heading in enumerate(row):
        side, name = _taken_apart(heading)
        if name is None:
            continue
        for end in (side,) if side else ("a", "z"):
            if f"{end}_{name}" not in found:
                found[f"{end}_{name}"] = column
                break
    for end in ("a", "z"):
        # An interface says more than a number; a name is the port beside a device, else the device.
        called, interface = found.pop(f"{end}_name", None), found.pop(f"{end}_interface", None)
        if called is not None:
            known = f"{end}_port" if f"{end}_device" in found else f"{end}_device"
            found.setdefault(known, called)
        if interface is not None:
            found[f"{end}_port"] = interface
    return found


def _taken_apart(heading: str) -> tuple[str, str | None]:
    """Give side (empty: by order) and field of a heading; no field where it is none of ours."""
    words = re.sub(r"[\s_-]+", " ", heading.strip().lower())
    if not words:
        return "", None
    for side, end in _SIDES.items():
        if words == side and len(side) > 1:
            return end, "device"
        if words.startswith(f"{side} "):
            return end, _NAMES.get(words.removeprefix(f"{side} "))
    return "", _NAMES.get(words)


def _lines(sheet: Sheet, header: int, columns: Mapping[str, int]) -> Iterator[Line]:
    for number, row in enumerate(sheet.rows[header + 1 :], header + 1):
        if not any(cell.strip() for cell in row):
            continue
        yield Line(
            {
                name: Cell(row[column] if column < len(row) else "", sheet.where(number, column))
                for name, column in columns.items()
            }
        )


def corrected_path(path: Path) -> Path:
    """Name the corrected copy: `p2p.xlsx` → `p2p.corrected.xlsx`."""
    return path.with_name(f"{path.stem}.corrected{path.suffix}")


def corrected(sheets: Sequence[Sheet], repairs: Mapping[Where, str]) -> bytes:
    """Write a file again with its repaired cells; every other cell as it was."""
    made = []
    for sheet in sheets:
        rows = [
            [repairs.get(sheet.where(number, column), cell) for column, cell in enumerate(row)]
            for number, row in enumerate(sheet.rows)
        ]
        made.append((sheet.name, rows[0] if rows else [], rows[1:]))
    if len(made) == 1 and not made[0][0]:
        return as_csv(made[0][1], made[0][2]).encode()
    return tables_xlsx(made)
