"""Tell which rule, file and line decided something."""

from difflib import get_close_matches
from typing import Annotated

import typer

from colossus.cli.opening import Inventory, StageName, opened
from colossus.cli.show import Format
from colossus.cli.views.document import as_json
from colossus.cli.views.messages import put
from colossus.cli.views.reasons import Decision, show_decisions
from colossus.errors import UsageError
from colossus.fabric.model import Fabric
from colossus.fabric.proposal import why_pinned
from colossus.fabric.why import why as reasons_for
from colossus.fabric.why_shape import why_shape
from colossus.fabric.why_supply import why_supply
from colossus.fabric.why_topology import why_topology


def why(
    inventory: Inventory,
    name: Annotated[
        str,
        typer.Argument(
            metavar="OBJECT", help="A rack, device, DEVICE:PORT, cable id, address or fabric."
        ),
    ],
    output: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TEXT,
    stage: StageName = "",
) -> int:
    """Tell which rule, file and line decided something."""
    site = opened(inventory, stage)
    fabric = site.designed.fabric
    lock = site.designed.decided.fabrics.get(name)
    shape = why_shape(fabric, name, lock.shape) if lock else []
    reasons = [
        *shape,
        *why_pinned(fabric, name),
        *why_topology(fabric, name),
        *reasons_for(fabric, name),
    ]
    reasons = reasons or why_supply(site.designed.whole, name)
    if not reasons:
        raise UsageError(f"the site has no {name!r}", _nearest(fabric, name))
    decisions = [
        Decision(reason.what, reason.rule, site.loaded.places.find(reason.path))
        for reason in reasons
    ]
    if output is Format.JSON:
        put(as_json({"object": name, "decisions": [each.row() for each in decisions]}))
    else:
        show_decisions(decisions)
    return 0


def _nearest(fabric: Fabric, name: str) -> str:
    known = [*fabric.rack_index, *fabric.device_index, *fabric.fabrics]
    if ":" in name:
        known += fabric.port_index
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]!r}?"
    return "name a rack, device, DEVICE:PORT, cable id, address or fabric"
