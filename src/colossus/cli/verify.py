"""Compare the cables that were built with those planned."""

from collections.abc import Sequence
from typing import Annotated

import typer

from colossus.cli import comparing
from colossus.cli.opening import Inventory, StageName, opened
from colossus.cli.twin import the_twin
from colossus.cli.views.messages import say
from colossus.cli.wiring_verify import Live, Observed, WorkOrder
from colossus.cli.wiring_verify import verify as verify_site
from colossus.errors import UsageError
from colossus.fabric.model import Fabric
from colossus.observe.neighbours import observe_neighbours
from colossus.twin import state
from colossus.twin.tiers import standing
from colossus.wiring.observed import Sighting

TWIN = "twin"


def verify(
    inventory: Inventory,
    connect: Annotated[
        str, typer.Option("--connect", metavar="twin", help="Ask the nodes of the twin that is up.")
    ] = "",
    observed: Observed = None,
    name: Annotated[str, typer.Option("--name", help="Which twin, where several are up.")] = "",
    output: Annotated[
        comparing.Format, typer.Option("--format", help="How to print.")
    ] = comparing.Format.TEXT,
    stage: StageName = "",
    order: WorkOrder = None,
    *,
    live: Live = False,
) -> int:
    """Compare the cables that were built with those planned: LLDP of a twin or the site, or files.

    Asking a twin takes some seconds, so that a cable just moved is seen where it is now.
    Exit status: 0 as planned, 13 not.
    """
    if connect not in {"", TWIN} or bool(connect) == bool(observed or live):
        raise UsageError(
            "say once where the observation comes from",
            "`verify INV --connect twin`, `verify INV --observed FILE` or `verify INV --live`",
        )
    if not connect:
        return verify_site(inventory, observed, output, stage, order, live=live)
    comparing.check_order(order)
    fabric = opened(inventory, stage).designed.fabric
    printed = comparing.Printed(output, order)
    return comparing.compare_and_print(fabric, _ask_twin(fabric, name), printed)


def _ask_twin(fabric: Fabric, name: str) -> Sequence[Sighting]:
    cluster = fabric.site.cluster
    twin = standing(name or (cluster if cluster in state.names() else the_twin()))
    nodes = [node.name for node in twin.spec.nodes if node.name in fabric.device_index]
    patience = twin.pace.patience
    return observe_neighbours(
        twin.exec, fabric, nodes, forget_first=True, patience=patience, tell=say
    )
