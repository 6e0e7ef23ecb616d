"""Lists for the store and the floor: labels, what to buy, what to pull in which order."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from colossus.cli.opening import Inventory, StageName, checked
from colossus.cli.views.document import as_json
from colossus.cli.views.messages import put
from colossus.cli.views.progress import progress
from colossus.cli.views.table import show_table
from colossus.cli.wiring_sheets import Size, chosen_books
from colossus.sheets.book import floor
from colossus.sheets.folder import write_sheets
from colossus.sheets.labels import labels_csv, labels_pdf, labels_zpl
from colossus.sheets.printing import printed
from colossus.sheets.tables import as_csv
from colossus.wiring import bill as bills
from colossus.wiring import bundles


class LabelFormat(StrEnum):
    """What labels are written as."""

    CSV = "csv"
    ZPL = "zpl"
    PDF = "pdf"


class ListFormat(StrEnum):
    """How a list is printed."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"


LABELS = {
    LabelFormat.CSV: labels_csv,
    LabelFormat.ZPL: labels_zpl,
    LabelFormat.PDF: labels_pdf,
}
Only = Annotated[
    list[str] | None, typer.Option("--rack", metavar="R", help="Only this rack; repeatable.")
]


def labels(
    inventory: Inventory,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write.")],
    kind: Annotated[LabelFormat, typer.Option("--format", help="How.")] = LabelFormat.CSV,
    rack: Only = None,
    unit: Annotated[
        list[str] | None, typer.Option("--unit", metavar="U", help="Only this book; repeatable.")
    ] = None,
    hall: Annotated[
        list[str] | None, typer.Option("--hall", metavar="H", help="Only this hall; repeatable.")
    ] = None,
    size: Annotated[Size, typer.Option("--paper", help="Label sheets of the PDF.")] = Size.A4,
    stage: StageName = "",
) -> int:
    """Write a label per plug, a file per scalable unit, row or hall.

    csv for label software, zpl for thermal printers, pdf for sheets of labels (A4: 24 of 70 × 37
    mm; letter: 30 of 66.7 × 25.4 mm). Location near / far, mirrored; the cable's id as a code.
    """
    fabric = checked(inventory, stage).designed.whole
    chosen = chosen_books(fabric, rack or (), unit or (), hall or ())
    made = printed(floor(fabric), chosen, LABELS[kind], size.value, progress("labels"))
    files = ((f"labels-{name}.{kind.value}", content) for name, content in made)
    whole = not (rack or unit or hall)
    count = write_sheets(out, f"labels-{kind.value}", files, whole=whole)
    put(f"wrote {count:,} {kind.value} files to {out}")
    return 0


def bom(
    inventory: Inventory,
    output: Annotated[ListFormat, typer.Option("--format", help="How.")] = ListFormat.TEXT,
    spares: Annotated[
        float, typer.Option("--spares", metavar="PERCENT", min=0, max=100, help="Of each line.")
    ] = 5.0,
    stage: StageName = "",
) -> int:
    """List what to buy: cables and optics by hall and delivery (stage), with spares."""
    fabric = checked(inventory, stage).designed.whole
    lines = bills.bill(fabric, spares)
    _show(output, bills.COLUMNS, [line.row() for line in lines], "lines")
    return 0


def pulls(
    inventory: Inventory,
    output: Annotated[ListFormat, typer.Option("--format", help="How.")] = ListFormat.TEXT,
    rack: Only = None,
    stage: StageName = "",
) -> int:
    """List bundles in the order in which they are pulled; csv: every cable of each."""
    fabric = checked(inventory, stage).designed.whole
    chosen = None
    if rack:
        books = chosen_books(fabric, rack, (), ())
        chosen = {fabric.racks.names[row] for book in books for row in book.racks}
    if output is ListFormat.CSV:
        put(as_csv(bundles.CABLES, bundles.pull_list(fabric, chosen)).removesuffix("\n"))
    else:
        _show(output, bundles.COLUMNS, bundles.bundle_list(fabric, chosen), "bundles")
    return 0


def _show(
    output: ListFormat, columns: tuple[str, ...], rows: list[tuple[str, ...]], what: str
) -> None:
    """Print a list; numbers are numbers in the table and in JSON."""
    if output is ListFormat.CSV:
        put(as_csv(columns, rows).removesuffix("\n"))
        return
    typed: list[Mapping[str, object]] = [
        {
            name: int(word) if word.isdigit() else word
            for name, word in zip(columns, row, strict=True)
        }
        for row in rows
    ]
    if output is ListFormat.JSON:
        put(as_json({what: typed}))
    else:
        show_table(typed, {name: name.replace("_", " ") for name in columns})
