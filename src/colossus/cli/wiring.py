"""Write wiring sheets, export cables, verify what was cabled."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from colossus.cli import comparing
from colossus.cli.opening import Inventory, StageName, opened
from colossus.cli.views.findings import as_text
from colossus.cli.views.messages import say
from colossus.cli.wiring_diff import diff
from colossus.cli.wiring_export import export
from colossus.cli.wiring_import import import_cables
from colossus.cli.wiring_lists import bom, labels, pulls
from colossus.cli.wiring_record import record, status
from colossus.cli.wiring_sheets import sheets
from colossus.load.observed import load_observed
from colossus.sheets.seen_table import read_seen_table

app = typer.Typer(help=(__doc__ or "").partition("\n")[0], no_args_is_help=True)


app.command()(export)
app.command()(sheets)
app.command()(labels)
app.command()(bom)
app.command()(pulls)
app.command()(diff)
app.command()(record)
app.command()(status)
app.command("import")(import_cables)


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

    FILE is a JSON list of {device, port, neighbour, neighbour_port}, or what lldpd, SONiC, NVUE,
    Dell OS10, ibnetdiscover, ibdiagnet or the Cable Validation Tool printed, or a MAC table
    (docs/wiring.md, Observations). Output that does not say whose it is: in a file named DEVICE.
    Exit status: 0 as planned, 13 not.
    """
    return verify_files(inventory, observed, output, stage)


def verify_files(
    inventory: Path, observed: Sequence[Path], output: comparing.Format, stage: str
) -> int:
    """Compare observation files with the plan of a site that need not pass its checks."""
    fabric = opened(inventory, stage).designed.fabric
    told = load_observed(observed, fabric.devices.names, read_seen_table)
    if len(told.findings):
        say(as_text(told.findings))
    return comparing.compare_and_print(fabric, told.sightings, output, told.heard)
