"""Compare the cables that were built with those planned."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from colossus.cli import comparing
from colossus.cli.opening import Inventory, StageName, opened
from colossus.cli.twin import the_twin
from colossus.cli.views.messages import say
from colossus.cli.wiring import verify_files
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
    observed: Annotated[
        list[Path] | None,
        typer.Option("--observed", metavar="FILE", help="What was seen; repeatable."),
    ] = None,
    name: Annotated[str, typer.Option("--name", help="Which twin, where several are up.")] = "",
    output: Annotated[
        comparing.Format, typer.Option("--format", help="How to print.")
    ] = comparing.Format.TEXT,
    stage: StageName = "",
) -> int:
    """Compare the cables that were built with those planned: LLDP of a twin, or files.

    Asking takes some seconds, so that a cable just moved is seen where it is now.
    Exit status: 0 as planned, 13 not.
    """
    if bool(connect) == bool(observed) or connect not in {"", TWIN}:
        raise UsageError(
            "say once where the observation comes from",
            "`verify INV --connect twin`, or `verify INV --observed FILE`",
        )
    if observed:
        return verify_files(inventory, observed, output, stage)
    fabric = opened(inventory, stage).designed.fabric
    return comparing.compare_and_print(fabric, _ask_twin(fabric, name), output)


def _ask_twin(fabric: Fabric, name: str) -> Sequence[Sighting]:
    cluster = fabric.site.cluster
    twin = standing(name or (cluster if cluster in state.names() else the_twin()))
    nodes = [node.name for node in twin.spec.nodes if node.name in fabric.device_index]
    return observe_neighbours(twin.exec, fabric, nodes, forget_first=True, tell=say)
