"""Pulumi programs: which resources a stack declares, and what each waits for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from colossus.plan.resource import Desired
from colossus.stacks.blocks import (
    CONTROL,
    Block,
    Inputs,
    Kind,
    OnDestroy,
    blocks_of,
    folded,
    part_of,
    stack_of,
    wanted_state,
)
from colossus.stacks.store import Place, keep


@dataclass(frozen=True, slots=True)
class Declared:
    """One resource of a program: its properties, and the names of those that come before it."""

    kind: str
    name: str
    properties: Mapping[str, object]
    after: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Give it as JSON can hold it."""
        return asdict(self)


@dataclass(frozen=True)
class Fate:
    """What a destroy does to hosts, and the labels that policies look at."""

    on_destroy: OnDestroy = "leave"
    labels: tuple[tuple[str, str], ...] = ()


def stacks_of(
    desired: Desired, place: Place, kinds: Mapping[str, Kind], fate: Fate | None = None
) -> dict[str, list[Declared]]:
    """Give the resources of every stack: `control` first, then the shards of racks.

    Writes the desired state of each resource into the place's store.
    """
    fate = fate or Fate()
    blocks = blocks_of(desired, kinds)
    shards = place.shards([block.name for block in blocks if block.kind == "Rack"])
    stacks: dict[str, list[Block]] = {CONTROL: []}
    for block in sorted(blocks, key=lambda each: shards.get(each.name, 0)):
        stacks.setdefault(stack_of(block, shards), []).append(block)
    return {
        name: _in_waves(mine, {b.name: _inputs(b, desired, place, fate) for b in mine})
        for name, mine in stacks.items()
        if mine
    }


def _in_waves(blocks: Sequence[Block], inputs: Mapping[str, Inputs]) -> list[Declared]:
    """Let each wave wait for the one before it; racks of one stack wait for nobody."""
    declared: list[Declared] = []
    earlier: tuple[str, ...] = ()
    waves = list(dict.fromkeys(block.wave for block in blocks))
    for wave in waves:
        names = [block for block in blocks if block.wave == wave]
        declared += [
            Declared(block.kind, block.name, inputs[block.name].properties(), earlier)
            for block in names
        ]
        earlier = tuple(block.name for block in names)
    return declared


def _inputs(block: Block, desired: Desired, place: Place, fate: Fate) -> Inputs:
    mine = part_of(desired, block.hosts)
    return Inputs(
        cluster=place.cluster,
        connect=place.connect,
        journal=str(place.journal),
        store=str(place.store),
        bundle=keep(mine, place.store),
        hosts=block.hosts,
        resources=folded(wanted_state(mine)),
        on_destroy=fate.on_destroy,
        labels=dict(fate.labels),
    )


def declare(resources: Sequence[Declared]) -> None:
    """Declare the resources to the engine; runs inside a Pulumi program."""
    import pulumi

    _declare(resources)
    pulumi.export("hosts", [str(each.properties["hosts"]) for each in resources])


def declare_machines(resources: Sequence[Declared]) -> None:
    """Declare the machines of a twin to the engine; runs inside a Pulumi program."""
    import pulumi

    _declare(resources)
    pulumi.export("twin", next((str(each.properties["twin"]) for each in resources), ""))


def _declare(resources: Iterable[Declared]) -> None:
    import pulumi

    known: dict[str, pulumi.CustomResource] = {}
    for each in resources:
        options = pulumi.ResourceOptions(depends_on=[known[name] for name in each.after])
        kind = f"colossus:index:{each.kind}"
        known[each.name] = pulumi.CustomResource(kind, each.name, dict(each.properties), options)
    pulumi.export("resources", sorted(known))
