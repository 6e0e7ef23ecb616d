"""A customer's cabling read and compared with the plan."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from colossus.cli.opening import Inventory, StageName, opened
from colossus.cli.views.document import as_json
from colossus.cli.views.findings import as_text
from colossus.cli.views.messages import put, say
from colossus.cli.wiring_record import StatusFormat
from colossus.diagnostics import Diagnostic, Diagnostics, Severity, Where
from colossus.errors import Drifted, InventoryRefused
from colossus.inventory.sockets import names_socket
from colossus.load.writing import write_bytes
from colossus.sheets.customer import corrected, corrected_path, lines_of
from colossus.sheets.filled import Sheet, read_sheets
from colossus.wiring.cabling_import import Imported, Importer, Line

_MOST_SHOWN = 20


class ImportRefused(InventoryRefused):
    """A customer's table has rows that cannot be understood; `findings` lists them all."""

    def __init__(self, findings: Diagnostics) -> None:
        super().__init__(
            "the tables have faults, so they were not taken",
            "correct the cells above; what could be repaired is in the corrected copy",
        )
        self.findings = findings


def import_cables(
    inventory: Inventory,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="xlsx or CSV.")],
    output: Annotated[StatusFormat, typer.Option("--format", help="How.")] = StatusFormat.TEXT,
    stage: StageName = "",
) -> int:
    """Read a customer's cabling (CVT, SHCD-like, NetBox, ours) and compare it with the plan.

    Tables are found without coordinates; usual slips are repaired and told, a corrected copy is
    written beside the file. Every fault is told in one pass, with its cell. Exit status: 0 as
    planned, 13 not, 10 where a row cannot be understood.
    """
    planned = opened(inventory, stage).designed
    books = {path: read_sheets(path) for path in files}
    lines, missing = _lines(books)
    cords = any(names_socket(line.cells["a_port"].text) for line in lines)
    done = Importer(planned.whole if cords else planned.fabric).read(lines)
    for path, sheets in books.items():
        names = {sheet.name for sheet in sheets}
        if any(where.file == str(path) for where in done.repairs) and names:
            write_bytes(corrected_path(path), corrected(sheets, done.repairs))
            say(f"wrote {corrected_path(path)}")
    found = Diagnostics([*missing, *done.findings])
    if found.failed:
        raise ImportRefused(found)
    if len(found):
        say(as_text(found))
    _show(done, output)
    if not done.as_planned:
        raise Drifted("the tables are not what is planned")
    return 0


def _lines(books: Mapping[Path, Sequence[Sheet]]) -> tuple[list[Line], list[Diagnostic]]:
    """Give the rows of every table; a file without any is a fault."""
    lines: list[Line] = []
    missing = []
    for path, sheets in books.items():
        tables = [table for table in map(lines_of, sheets) if table is not None]
        if not tables:
            missing.append(_no_table(path))
        for table in tables:
            lines += table
    return lines, missing


def _no_table(path: Path) -> Diagnostic:
    return Diagnostic(
        Severity.ERROR,
        "cabling-no-table",
        Where("", str(path)),
        "no sheet has a table of cables: a device and a port for each end",
        "headings that are known: docs/wiring.md, section Import",
    )


def _show(done: Imported, output: StatusFormat) -> None:
    counts = {
        "same": done.same,
        "only_in_table": len(done.only_there),
        "only_in_plan": len(done.only_planned),
        "repaired": len(done.repairs),
    }
    if output is StatusFormat.JSON:
        lists = {"in_table": done.only_there, "in_plan": done.only_planned}
        put(as_json({"counts": counts, **lists}))
        return
    for sign, links in (("+", done.only_there), ("-", done.only_planned)):
        for link in links[:_MOST_SHOWN]:
            put(f"{sign} {link}")
        if len(links) > _MOST_SHOWN:
            put(f"  and {len(links) - _MOST_SHOWN:,} more; --format json lists all")
    put(", ".join(f"{count:,} {what.replace('_', ' ')}" for what, count in counts.items()))
