"""Write wiring sheets, export cables, verify what was cabled."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from colossus.cli import comparing
from colossus.cli.opening import Inventory, StageName, checked, opened
from colossus.cli.views.findings import as_text
from colossus.cli.views.messages import put, say
from colossus.cli.wiring_export import export
from colossus.errors import UsageError
from colossus.fabric.model import Fabric
from colossus.inventory.nodeset import fold
from colossus.load.observed import load_observed
from colossus.sheets.folder import write_sheets
from colossus.sheets.pages import html_sheets
from colossus.sheets.tables import csv_sheets

app = typer.Typer(help=(__doc__ or "").partition("\n")[0], no_args_is_help=True)


class Paper(StrEnum):
    """What sheets are written as."""

    CSV = "csv"
    HTML = "html"


SHEETS = {Paper.CSV: csv_sheets, Paper.HTML: html_sheets}


app.command()(export)


@app.command()
def sheets(
    inventory: Inventory,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write.")],
    paper: Annotated[Paper, typer.Option("--format", help="csv or html.")] = Paper.HTML,
    rack: Annotated[
        list[str] | None, typer.Option("--rack", metavar="R", help="Only this rack; repeatable.")
    ] = None,
    spares: Annotated[
        float,
        typer.Option("--spares", metavar="PERCENT", min=0, max=100, help="In the pick list."),
    ] = 5.0,
    stage: StageName = "",
) -> int:
    """Write a sheet per rack for the people on the floor, and what to take from the store.

    HTML prints on A4 and letter, landscape. The folder keeps a list of its sheets; those of racks
    that are gone are removed, nothing else in it is touched.
    """
    fabric = checked(inventory, stage).designed.fabric
    racks = _racks(fabric, rack) if rack else None
    pages = SHEETS[paper](fabric, racks, spares)
    count = write_sheets(out, paper.value, pages, whole=racks is None)
    put(f"wrote {count:,} {paper.value} files to {out}")
    return 0


@app.command()
def verify(
    inventory: Inventory,
    observed: Annotated[
        list[Path],
        typer.Option("--observed", metavar="FILE", help="What was seen; repeatable."),
    ],
    output: Annotated[
        comparing.Format, typer.Option("--format", help="How to print.")
    ] = comparing.Format.TEXT,
    stage: StageName = "",
) -> int:
    """Compare cables as observed with the plan: which two plugs to exchange, not red lines.

    FILE is a JSON list of {device, port, neighbour, neighbour_port}, or what
    `lldpcli -f json0 show neighbors` printed on one device (then named DEVICE.json).
    Exit status: 0 as planned, 13 not.
    """
    return verify_files(inventory, observed, output, stage)


def verify_files(
    inventory: Path, observed: Sequence[Path], output: comparing.Format, stage: str
) -> int:
    """Compare observation files with the plan of a site that need not pass its checks."""
    fabric = opened(inventory, stage).designed.fabric
    sightings, findings = load_observed(observed)
    if len(findings):
        say(as_text(findings))
    return comparing.compare_and_print(fabric, sightings, output)


def _racks(fabric: Fabric, names: Sequence[str]) -> list[int]:
    unknown = [name for name in names if name not in fabric.rack_index]
    if unknown:
        raise UsageError(
            f"the site has no rack {', '.join(unknown)}",
            f"Its racks: {fold(fabric.racks.names)}.",
        )
    return sorted({fabric.rack_index[name] for name in names})
