"""Compare cables as observed with the plan: files of any tool, or the site itself over SSH."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from colossus.cli import comparing
from colossus.cli.opening import Inventory, Opened, StageName, opened
from colossus.cli.views.findings import as_text
from colossus.cli.views.messages import say
from colossus.cli.views.progress import progress
from colossus.cli.wiring_sheets import Size
from colossus.errors import UsageError
from colossus.inventory.sockets import names_socket
from colossus.load.observed import load_observed
from colossus.sheets.seen_table import read_seen_table
from colossus.wiring.observed import Heard, Sighting

Observed = Annotated[
    list[Path] | None,
    typer.Option("--observed", metavar="FILE", help="What was seen; repeatable."),
]
Live = Annotated[
    bool, typer.Option("--live", help="Ask the site's hosts and switches for it, over SSH.")
]
WorkOrder = Annotated[
    Path | None,
    typer.Option("--work-order", metavar="FILE", help="Print the work: .pdf, .html or .csv."),
]


def verify(
    inventory: Inventory,
    observed: Observed = None,
    output: Annotated[
        comparing.Format, typer.Option("--format", help="How to print.")
    ] = comparing.Format.TEXT,
    stage: StageName = "",
    order: WorkOrder = None,
    size: Annotated[Size, typer.Option("--paper", help="Of a PDF.")] = Size.A4,
    *,
    live: Live = False,
) -> int:
    """Compare cables as observed with the plan: which two plugs to exchange, not red lines.

    FILE is a JSON list of {device, port, neighbour, neighbour_port}, or what lldpd, SONiC, NVUE,
    Dell OS10, ibnetdiscover, ibdiagnet or the Cable Validation Tool printed, or a MAC table
    (docs/wiring.md, Observations). Output that does not say whose it is: in a file named DEVICE.
    --live reads only, and files may stand in for what it cannot ask.
    Exit status: 0 as planned, 13 not.
    """
    if not (observed or live):
        raise UsageError("nothing was observed", "name files with --observed, or ask with --live")
    comparing.check_order(order)
    site = opened(inventory, stage)
    sightings, heard = read_files(site, observed or ())
    if live:
        sightings += _ask_site(site)
    printed = comparing.Printed(output, order, size.value)
    # Nothing hears a cord, but a list made on the floor may name them.
    cords = any(names_socket(each.port) for each in sightings)
    fabric = site.designed.whole if cords else site.designed.fabric
    return comparing.compare_and_print(fabric, sightings, printed, heard)


def read_files(site: Opened, observed: Sequence[Path]) -> tuple[list[Sighting], tuple[Heard, ...]]:
    """Read observation files for a site that need not pass its checks; tells what is odd."""
    told = load_observed(observed, site.designed.fabric.devices.names, read_seen_table)
    if len(told.findings):
        say(as_text(told.findings))
    return told.sightings, told.heard


def _ask_site(site: Opened) -> list[Sighting]:
    from colossus.observe.site_neighbours import machines_of, observe_site
    from colossus.transport.endpoints import endpoints_of, reach_of
    from colossus.transport.secrets import resolve
    from colossus.transport.ssh import SshTransport

    fabric, folder = site.designed.fabric, site.loaded.folder
    machines = machines_of(fabric)
    if not machines:
        raise UsageError(
            "the site has nothing that can be asked",
            "Roles with a playbook and a management address can.",
        )
    reach = reach_of(fabric.site, folder)
    resolve(reach.key, folder)
    endpoints = endpoints_of(machines, reach)
    counted = progress("machines asked")
    width = reach.concurrency
    return observe_site(SshTransport(folder), endpoints, fabric, width, say, counted)
