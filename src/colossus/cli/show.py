"""Show what follows from a site: summary, racks, addresses, ports."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

import typer

from colossus.cli import listing, tallies
from colossus.cli.opening import Inventory, StageName, opened
from colossus.cli.views import site as views
from colossus.cli.views.document import as_json
from colossus.cli.views.messages import put
from colossus.cli.views.summary import show_summary
from colossus.errors import UsageError
from colossus.fabric.model import Fabric
from colossus.fabric.summary import summarise
from colossus.sheets.rack_drawing import rack_drawing
from colossus.sheets.topology import topology


class What(StrEnum):
    """What can be shown."""

    SUMMARY = "summary"
    RACKS = "racks"
    FABRIC = "fabric"
    POWER = "power"
    COOLING = "cooling"
    BOM = "bom"
    ADDRESSES = "addresses"
    HOST = "host"
    PORT = "port"


class Format(StrEnum):
    """How it is printed."""

    TEXT = "text"
    JSON = "json"
    SVG = "svg"


# What → key of its JSON document ("" = the document itself), its numbers, its view.
_ALL: dict[What, tuple[str, Callable[[Fabric], Any], Callable[[Any], None]]] = {
    What.SUMMARY: ("", summarise, show_summary),
    What.RACKS: ("", listing.rack_document, views.show_racks),
    What.FABRIC: ("fabrics", tallies.fabric_rows, views.show_fabric),
    What.POWER: ("", tallies.power_document, views.show_power),
    What.COOLING: ("", tallies.cooling_document, views.show_cooling),
    What.BOM: ("bom", tallies.bom_rows, views.show_bom),
    What.ADDRESSES: ("addresses", listing.address_rows, views.show_addresses),
}
_ONE: dict[What, tuple[str, Callable[[Fabric, str], Any], Callable[[Any], None]]] = {
    What.HOST: ("host", listing.host_row, views.show_host),
    What.PORT: ("port", listing.port_row, views.show_port),
}
_DRAWINGS: dict[What, Callable[[Fabric], str]] = {
    What.RACKS: rack_drawing,
    What.FABRIC: topology,
}

_WITH_CORDS = (What.BOM, What.HOST, What.PORT)


def show(
    inventory: Inventory,
    what: Annotated[What, typer.Argument(metavar="[WHAT]", help="What to show.")] = What.SUMMARY,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="HOST, or DEVICE:PORT.")] = "",
    output: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TEXT,
    stage: StageName = "",
) -> int:
    """Show what follows from a site: summary, racks, addresses, ports.

    WHAT is summary, racks, fabric, power, cooling, bom, addresses, host NAME or port DEVICE:PORT.
    Racks and fabric are also drawn, with equal parts folded: `--format svg >racks.svg`.
    """
    if output is Format.SVG and what not in _DRAWINGS:
        drawn = " and ".join(_DRAWINGS)
        raise UsageError(f"{what} cannot be drawn", f"drawings there are of {drawn}")
    if bool(name) != (what in _ONE):
        wanted = f"`show INV {what} NAME`" if what in _ONE else f"`show INV {what}` alone"
        raise UsageError(f"a name belongs to host and port only; write {wanted}")
    planned = opened(inventory, stage).designed
    fabric = planned.whole if what in _WITH_CORDS else planned.fabric
    if output is Format.SVG:
        put(_DRAWINGS[what](fabric))
        return 0
    if what in _ONE:
        key, find, view = _ONE[what]
        shown = find(fabric, name)
    else:
        key, derive, view = _ALL[what]
        shown = derive(fabric)
    if output is Format.JSON:
        put(as_json({key: shown} if key else shown))
    else:
        view(shown)
    return 0
