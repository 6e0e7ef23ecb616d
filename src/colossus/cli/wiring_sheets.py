"""Sheets for the floor: a file per rack, or a book per scalable unit, row or hall."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from colossus.cli.opening import Inventory, StageName, checked, designed
from colossus.cli.views.messages import put
from colossus.cli.views.progress import progress
from colossus.errors import UsageError
from colossus.fabric.hierarchy import racks_in
from colossus.fabric.model import Fabric
from colossus.inventory.nodeset import fold
from colossus.load.revision import load_revision
from colossus.sheets.book import Since, floor
from colossus.sheets.folder import write_sheets
from colossus.sheets.pages import html_sheets
from colossus.sheets.pdf_book import pdf_book
from colossus.sheets.printing import printed
from colossus.sheets.tables import csv_sheets
from colossus.sheets.xlsx_book import xlsx_book
from colossus.wiring.books import Book, books
from colossus.wiring.changes import changes


class Paper(StrEnum):
    """What sheets are written as."""

    CSV = "csv"
    HTML = "html"
    XLSX = "xlsx"
    PDF = "pdf"


class Size(StrEnum):
    """What they are printed on, landscape."""

    A4 = "a4"
    LETTER = "letter"


PER_RACK = {Paper.CSV: csv_sheets, Paper.HTML: html_sheets}
BOOKS = {Paper.XLSX: xlsx_book, Paper.PDF: pdf_book}


def sheets(
    inventory: Inventory,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write.")],
    paper: Annotated[
        Paper, typer.Option("--format", help="csv, html: per rack; xlsx, pdf: books.")
    ] = Paper.HTML,
    rack: Annotated[
        list[str] | None, typer.Option("--rack", metavar="R", help="Only this rack; repeatable.")
    ] = None,
    unit: Annotated[
        list[str] | None,
        typer.Option(
            "--unit",
            metavar="U",
            help="Only this book (unit-03, 3, unit=3) or place (h1-p3, pod=h1-p3); repeatable.",
        ),
    ] = None,
    hall: Annotated[
        list[str] | None, typer.Option("--hall", metavar="H", help="Only this hall; repeatable.")
    ] = None,
    spares: Annotated[
        float,
        typer.Option("--spares", metavar="PERCENT", min=0, max=100, help="In the pick list."),
    ] = 5.0,
    size: Annotated[Size, typer.Option("--paper", help="Of xlsx and pdf.")] = Size.A4,
    since: Annotated[
        str,
        typer.Option("--since", metavar="REV|DIR", help="Only what changed since."),
    ] = "",
    stage: StageName = "",
) -> int:
    """Write sheets for the people on the floor, and what to take from the store.

    csv and html: a file per rack; html prints on A4 and letter. xlsx and pdf: a book per scalable
    unit (a row or a hall where there are none) with cover, pick list, elevations, every plug.
    The folder keeps a list of its sheets; those of racks that are gone are removed, nothing else
    in it is touched.
    """
    fabric = checked(inventory, stage).designed.whole
    chosen = chosen_books(fabric, rack or (), unit or (), hall or ())
    whole = not (rack or unit or hall or since)
    base = _since(fabric, inventory, since, stage) if since else None
    if paper in PER_RACK:
        all_racks = not (rack or unit or hall)
        racks = None if all_racks else sorted(row for book in chosen for row in book.racks)
        sheets_made = PER_RACK[paper](fabric, racks, spares, base)
        count_all = len(fabric.racks.names) if racks is None else len(racks)
        pages: Iterable[tuple[str, str | bytes]] = _told(sheets_made, count_all)
    else:
        ready = floor(fabric, spares, base)
        made = printed(ready, chosen, BOOKS[paper], size.value, progress("books"))
        pages = _named(made, paper.value)
    count = write_sheets(out, paper.value, pages, whole=whole)
    put(f"wrote {count:,} {paper.value} files to {out}")
    return 0


def _told(pages: Iterable[tuple[str, str]], count: int) -> Iterator[tuple[str, str]]:
    """Show how far it is; racks without a plug have no sheet, so the end may come early."""
    tell = progress("racks")
    for number, page in enumerate(pages, 1):
        tell(min(number, count), count)
        yield page


def _named(made: Iterator[tuple[str, bytes]], suffix: str) -> Iterator[tuple[str, bytes]]:
    return ((f"{name}.{suffix}", content) for name, content in made)


def _since(fabric: Fabric, inventory: Path, base: str, stage: str) -> Since:
    loaded = load_revision(inventory, base)
    names = [each.name for each in loaded.accepted().stages]
    # The older site need not know the stage yet: then all of it is what was there before.
    old = designed(loaded, stage if stage in names else "").designed.whole
    return Since(old, changes(old, fabric))


def chosen_books(
    fabric: Fabric, racks: Sequence[str], units: Sequence[str], halls: Sequence[str]
) -> list[Book]:
    """Give the books to print, cut to the racks that are wanted.

    Raises:
        UsageError: no such rack, unit or hall.
    """
    every = books(fabric)
    _known(racks, fabric.racks.names, "rack")
    _known(halls, fabric.halls, "hall")
    wanted = {fabric.rack_index[name] for name in racks}
    for unit in units:
        level, _, name = unit.rpartition("=")
        levels = [each for each in fabric.levels if level in ("", each.level)]
        wanted |= set(racks_in(levels, name).tolist() or _book(every, unit).racks)
    wanted |= {row for hall in halls for row in racks_in(fabric.levels[:1], hall).tolist()}
    if not (racks or units or halls):
        return every
    cut = [replace(b, racks=tuple(row for row in b.racks if row in wanted)) for b in every]
    return [book for book in cut if book.racks]


def _known(names: Sequence[str], known: Sequence[str], what: str) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(
            f"the site has no {what} {', '.join(unknown)}", f"Its {what}s: {fold(known)}."
        )


def _book(every: Sequence[Book], unit: str) -> Book:
    """Find a book by its name, or a unit by its number; as `--slice` writes it, too."""
    unit = unit.removeprefix("unit=")
    for book in every:
        kind, _, number = book.name.partition("-")
        if unit == book.name or (kind == "unit" and unit.isdigit() and int(number) == int(unit)):
            return book
    names = fold([book.name for book in every])
    raise UsageError(f"the site has no unit {unit}", f"Its books: {names}.")
