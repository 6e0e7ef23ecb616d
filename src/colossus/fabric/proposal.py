"""The planner's own proposal for a pinned Clos fabric: the cheapest legal shape for its intent.

Examples pin a published or stated shape; what hosts, rails, models and ratio alone would give is
shown beside it on request.
"""

import numpy as np

from colossus.fabric.model import Fabric
from colossus.fabric.radix import radices_of
from colossus.fabric.shape import Shape, ShapeImpossible, decide
from colossus.fabric.why import Reason
from colossus.inventory.fabrics import Clos, FabricIntent, Pins


def why_pinned(fabric: Fabric, name: str) -> list[Reason]:
    """Say what the planner would choose without the pins; empty where a fabric has none."""
    intent = fabric.site.fabrics.get(name)
    if intent is None or intent.clos is None or intent.clos.pins == Pins():
        return []
    free = intent.clos.model_copy(update={"pins": Pins()})
    ports = _ports_per_host(fabric, intent)
    units = _units(fabric, intent, free, ports if free.rail_optimised else 1)
    radices = radices_of(fabric.site, fabric.catalog, intent)
    try:
        shape = decide(free, intent.planes, units, ports, radices)
        words = _words(shape)
    except ShapeImpossible as problem:
        words = f"nothing: {problem.summary}"
    rule = "the cheapest legal shape for these hosts, models and ratios"
    return [Reason(f"without pins it would be {words}", rule, f"fabrics.{name}.clos.pins")]


def _words(shape: Shape) -> str:
    cores = f", {shape.cores:,} cores" if shape.cores else ""
    pods = f" in pods of {shape.units_per_pod} units" if shape.cores else ""
    return f"{shape.leaves:,} leaves, {shape.spines:,} spines{cores}{pods}"


def _units(fabric: Fabric, intent: FabricIntent, clos: Clos, per_unit: int) -> int:
    """Count the units that have hosts or leaves, or that it is planned to grow to."""

    def placed(role: str) -> int:
        return int(np.count_nonzero(fabric.devices.role == fabric.roles.index(role)))

    hosts = max(sum(placed(end.role) for end in intent.ends), clos.grow_to or 0)
    return max(placed(clos.tiers.leaf.role) // per_unit, -(-hosts // clos.hosts_per_unit), 1)


def _ports_per_host(fabric: Fabric, intent: FabricIntent) -> int:
    end = intent.ends[0]
    ports = getattr(fabric.catalog[fabric.site.roles[end.role].model], "ports", ())
    return sum(group.count for group in ports if group.name in end.ports)
